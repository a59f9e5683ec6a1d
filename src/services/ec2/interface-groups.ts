import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { groupsPerInterfaceLimitExceeded, otherNetwork } from './errors.ts';
import { groupNamed, requireGroup } from './security-group-lookup.ts';
import type { NetworkInterfaceRow } from './tables.ts';

export const MAX_GROUPS_PER_INTERFACE = 16;

/** The groups an interface gets: those named, which must be of its VPC, or the VPC's default group. */
export async function interfaceGroups(
  tx: ReadTx,
  scope: Scope,
  vpcId: string,
  groupIds: readonly string[] | undefined,
): Promise<NetworkInterfaceRow['groups']> {
  const wanted = [...new Set(groupIds)];
  if (wanted.length > MAX_GROUPS_PER_INTERFACE) throw groupsPerInterfaceLimitExceeded(MAX_GROUPS_PER_INTERFACE);
  const groups = await Promise.all(wanted.map((groupId) => requireGroup(tx, scope, groupId)));
  if (groups.some((group) => group.vpcId !== vpcId)) throw otherNetwork();
  if (groups.length === 0) {
    const byDefault = await groupNamed(tx, scope, vpcId, 'default');
    if (!byDefault) throw new Error(`VPC ${vpcId} has no default security group.`);
    groups.push(byDefault);
  }
  return groups.map((group) => ({ groupId: group.id, groupName: group.name }));
}
