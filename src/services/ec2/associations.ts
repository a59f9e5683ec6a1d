import type { Scope } from '../../kernel/arn.ts';
import type { Stored, WriteTx } from '../../store/store.ts';
import { ipOwnerAlias } from './domain/requester.ts';
import { addresses, type AddressRow, type NetworkInterfaceRow, networkInterfaces, resourceKey } from './tables.ts';

/** A public address and an interface point at each other; both ends are written here, and only here. */

export async function associate(
  tx: WriteTx,
  address: Stored<AddressRow>,
  networkInterface: Stored<NetworkInterfaceRow>,
  associationId: string,
): Promise<void> {
  await tx.put(addresses, {
    ...address,
    association: {
      associationId,
      networkInterfaceId: networkInterface.id,
      subnetId: networkInterface.subnetId,
      privateIp: networkInterface.privateIp,
    },
  });
  await tx.put(networkInterfaces, {
    ...networkInterface,
    association: {
      associationId,
      allocationId: address.id,
      publicIp: address.publicIp,
      ipOwnerId: address.managedBy ? ipOwnerAlias(address.managedBy) : address.account,
    },
  });
}

/** Parts the address from its interface. It stays allocated. Answers its row as it is then. */
export async function disassociate(tx: WriteTx, address: Stored<AddressRow>): Promise<Stored<AddressRow>> {
  const { association, ...free } = address;
  if (!association) return address;
  const networkInterface = await tx.get(networkInterfaces, resourceKey(address, association.networkInterfaceId));
  if (networkInterface) {
    const { association: _, ...without } = networkInterface;
    await tx.put(networkInterfaces, without);
  }
  return tx.put(addresses, free);
}

/**
 * For an interface about to be deleted, or to get another address: its own stays with its user, or is released if a
 * service manages it. An interface's row that stays is the caller's to read anew.
 */
export async function releaseFrom(tx: WriteTx, scope: Scope, networkInterface: NetworkInterfaceRow): Promise<void> {
  if (!networkInterface.association) return;
  const address = await tx.get(addresses, resourceKey(scope, networkInterface.association.allocationId));
  if (!address) return;
  if (address.managedBy) await tx.delete(addresses, resourceKey(scope, address.id));
  else await disassociate(tx, address);
}
