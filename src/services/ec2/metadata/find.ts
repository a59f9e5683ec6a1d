import type { ReadTx, Store } from '../../../store/store.ts';
import { instances, keyPairs } from '../instance-tables.ts';
import { networkInterfaces, resourceKey, subnets, vpcs } from '../tables.ts';
import type { NetworkInterfaceRow } from '../tables.ts';
import type { MetadataRecord } from './tree.ts';

/** Finds the instance behind an interface, as its metadata tells of it; undefined where there is none (any more). */
export function metadataOfInterface(
  store: Pick<Store, 'read'>,
): (vpcId: string, interfaceId: string) => Promise<MetadataRecord | undefined> {
  return (vpcId, interfaceId) =>
    store.read(async (tx) => {
      const [networkInterface] = await tx.list(networkInterfaces, { where: ['id', interfaceId], limit: 1 });
      const instanceId = networkInterface?.attachment?.instanceId;
      if (!networkInterface || instanceId === undefined || networkInterface.vpcId !== vpcId) return undefined;
      return recordOf(tx, networkInterface, instanceId);
    });
}

/** The same by the instance's id. */
export function metadataOfInstance(
  store: Pick<Store, 'read'>,
): (instanceId: string) => Promise<MetadataRecord | undefined> {
  return (instanceId) =>
    store.read(async (tx) => {
      const [row] = await tx.list(instances, { where: ['id', instanceId], limit: 1 });
      const own = row && (await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId)));
      return own && recordOf(tx, own, instanceId);
    });
}

async function recordOf(
  tx: ReadTx,
  networkInterface: NetworkInterfaceRow,
  instanceId: string,
): Promise<MetadataRecord | undefined> {
  const row = await tx.get(instances, resourceKey(networkInterface, instanceId));
  const vpc = await tx.get(vpcs, resourceKey(networkInterface, networkInterface.vpcId));
  const subnet = await tx.get(subnets, resourceKey(networkInterface, networkInterface.subnetId));
  if (!row || !vpc || !subnet) return undefined;
  const [keyPair] = row.keyName
    ? await tx.list(keyPairs, { where: ['name', resourceKey(row, row.keyName)], limit: 1 })
    : [];
  return { row, networkInterface, vpc, subnet, ...(keyPair ? { keyPair } : {}) };
}
