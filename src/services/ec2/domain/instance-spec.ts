import type { InstanceSpec } from '../../../instances/instance-driver.ts';
import type { InstanceRow, KeyPairRow } from '../instance-tables.ts';
import type { DhcpOptionsRow, VpcRow } from '../tables.ts';
import { resolverOptions } from './dhcp-options.ts';
import { privateDnsName } from './dns-name.ts';
import { imagesOf } from './machine-images.ts';
import { INSTANCE_TYPES } from './instance-types.ts';

/** What the driver is to make of an instance's rows. */
export interface SpecParts {
  readonly row: InstanceRow;
  readonly vpc: VpcRow;
  /** The VPC's, unless it has none. */
  readonly dhcpOptions?: DhcpOptionsRow;
  readonly keyPair?: KeyPairRow;
  readonly registry: string;
}

export function instanceSpec({ row, vpc, dhcpOptions, keyPair, registry }: SpecParts): InstanceSpec {
  const architecture = INSTANCE_TYPES.get(row.instanceType)?.architecture ?? 'x86_64';
  const image = imagesOf(row.region, architecture).find((one) => one.id === row.imageId);
  return {
    instanceId: row.id,
    image: image?.machine ?? 'minimal',
    cpus: row.vcpus,
    memoryBytes: row.memoryMiB * 1024 * 1024,
    hostname: privateDnsName(row.region, row.privateIp),
    ...resolverOptions(vpc, dhcpOptions),
    ...(row.userData === undefined ? {} : { userData: Buffer.from(row.userData, 'base64') }),
    publicKeys: keyPair ? [keyPair.publicKey] : [],
    registry,
  };
}
