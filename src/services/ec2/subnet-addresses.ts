import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { countOf, interfaceRange, isInRange, nextFree } from './domain/address-range.ts';
import { cidrOf, containsAddress, formatAddress, parseAddress } from './domain/cidr.ts';
import { addressInUse, insufficientFreeAddresses, invalidParameterValue } from './errors.ts';
import { networkInterfaces, resourceKey, type SubnetRow, subnets } from './tables.ts';

/**
 * Takes an address of the subnet: the one wanted, or the next free one. Every call costs the same however many
 * interfaces there are, and two at once collide on the subnet's row.
 */
export async function takeSubnetAddress(
  tx: WriteTx,
  subnet: Stored<SubnetRow>,
  wanted: string | undefined,
): Promise<string> {
  const range = interfaceRange(cidrOf(subnet.cidrBlock));
  if (subnet.addressesInUse >= countOf(range)) throw insufficientFreeAddresses(subnet.id);
  if (wanted !== undefined) {
    await checkWanted(tx, subnet, wanted);
    await tx.put(subnets, { ...subnet, addressesInUse: subnet.addressesInUse + 1 });
    return wanted;
  }
  const free = await nextFree(range, subnet.addressCursor, (address) => isTaken(tx, subnet, formatAddress(address)));
  if (free === undefined) throw insufficientFreeAddresses(subnet.id);
  await tx.put(subnets, { ...subnet, addressesInUse: subnet.addressesInUse + 1, addressCursor: free });
  return formatAddress(free);
}

/** Gives back one address; call it in the write that deletes the interface. */
export async function returnSubnetAddress(tx: WriteTx, subnetKey: string): Promise<void> {
  const subnet = await tx.get(subnets, subnetKey);
  if (subnet) await tx.put(subnets, { ...subnet, addressesInUse: subnet.addressesInUse - 1 });
}

async function checkWanted(tx: ReadTx, subnet: SubnetRow, wanted: string): Promise<void> {
  const cidr = cidrOf(subnet.cidrBlock);
  const address = parseAddress(wanted);
  if (address === undefined) throw invalidParameterValue(`invalid value for parameter address: ${wanted}`);
  if (!containsAddress(cidr, address)) {
    throw invalidParameterValue(`Address ${wanted} does not fall within the subnet's address range`);
  }
  if (!isInRange(interfaceRange(cidr), address)) {
    throw invalidParameterValue(`Address ${wanted} is in subnet's reserved address range`);
  }
  if (await isTaken(tx, subnet, wanted)) throw addressInUse(wanted);
}

async function isTaken(tx: ReadTx, subnet: SubnetRow, privateIp: string): Promise<boolean> {
  const where = ['privateIp', `${resourceKey(subnet, subnet.id)}/${privateIp}`] as const;
  return (await tx.list(networkInterfaces, { where, limit: 1 })).length > 0;
}
