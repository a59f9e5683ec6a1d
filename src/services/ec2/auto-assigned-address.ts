import type { Stored, WriteTx } from '../../store/store.ts';
import { associate } from './associations.ts';
import { serviceOf } from './domain/requester.ts';
import { KINDS, newId } from './domain/resource-kind.ts';
import type { Ec2Context } from './operation.ts';
import { requireInternetGateway, takePublicAddress } from './public-addresses.ts';
import { addresses, type AddressRow, type NetworkInterfaceRow, networkInterfaces, resourceKey } from './tables.ts';

/**
 * The public address that EC2 itself gives an interface: allocated and associated in one write, nobody's to manage, and
 * gone with the interface. An interface that has an address already keeps it.
 */
export async function assignPublicAddress(
  tx: WriteTx,
  ctx: Ec2Context,
  networkInterface: Stored<NetworkInterfaceRow>,
): Promise<void> {
  if (networkInterface.association) return;
  await requireInternetGateway(tx, ctx, networkInterface.vpcId);
  const address = await tx.put<AddressRow>(addresses, {
    account: ctx.account,
    region: ctx.region,
    id: newId(KINDS.address.prefix, ctx.ids),
    tags: {},
    publicIp: await takePublicAddress(tx, ctx.ports.publicCidr),
    managedBy: serviceOf(ctx.principal) ?? 'ec2.amazonaws.com',
  });
  await associate(tx, address, networkInterface, newId('eipassoc', ctx.ids));
}

/** Takes back the address that EC2 gave; one that the user allocated stays. Answers the interface's row as it is then. */
export async function unassignPublicAddress(
  tx: WriteTx,
  networkInterface: Stored<NetworkInterfaceRow>,
): Promise<Stored<NetworkInterfaceRow>> {
  const { association, ...without } = networkInterface;
  if (!association || association.ipOwnerId === networkInterface.account) return networkInterface;
  await tx.delete(addresses, resourceKey(networkInterface, association.allocationId));
  return tx.put<NetworkInterfaceRow>(networkInterfaces, without);
}
