import type { InstanceSpec } from '../../../instances/instance-driver.ts';
import type { InstanceRow, KeyPairRow } from '../instance-tables.ts';
import type { VpcRow } from '../tables.ts';
import { cidrOf, formatAddress } from './cidr.ts';
import { internalDomain, privateDnsName } from './dns-name.ts';
import { imagesOf } from './machine-images.ts';
import { INSTANCE_TYPES } from './instance-types.ts';

/** What the driver is to make of an instance's rows. */
export interface SpecParts {
  readonly row: InstanceRow;
  readonly vpc: VpcRow;
  readonly keyPair?: KeyPairRow;
  readonly registry: string;
}

export function instanceSpec({ row, vpc, keyPair, registry }: SpecParts): InstanceSpec {
  const architecture = INSTANCE_TYPES.get(row.instanceType)?.architecture ?? 'x86_64';
  const image = imagesOf(row.region, architecture).find((one) => one.id === row.imageId);
  const [block] = vpc.cidrBlocks;
  return {
    instanceId: row.id,
    image: image?.machine ?? 'minimal',
    cpus: row.vcpus,
    memoryBytes: row.memoryMiB * 1024 * 1024,
    hostname: privateDnsName(row.region, row.privateIp),
    dnsServers: vpc.enableDnsSupport && block ? [formatAddress(cidrOf(block.cidrBlock).base + 2)] : [],
    dnsSearch: [internalDomain(row.region)],
    ...(row.userData === undefined ? {} : { userData: Buffer.from(row.userData, 'base64') }),
    publicKeys: keyPair ? [keyPair.publicKey] : [],
    registry,
  };
}
