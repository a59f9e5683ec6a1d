import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { requireDefaultVpc } from './default-vpc.ts';
import { KINDS } from './domain/resource-kind.ts';
import { groupNameNotFound, missingParameter } from './errors.ts';
import { requireRow } from './lookup.ts';
import { groupNameKey, type SecurityGroupRow, securityGroups } from './tables.ts';

export function requireGroup(tx: ReadTx, scope: Scope, groupId: string): Promise<Stored<SecurityGroupRow>> {
  return requireRow(tx, securityGroups, KINDS.securityGroup, scope, groupId);
}

export async function groupNamed(
  tx: ReadTx,
  scope: Scope,
  vpcId: string,
  name: string,
): Promise<Stored<SecurityGroupRow> | undefined> {
  const [found] = await tx.list(securityGroups, { where: ['name', groupNameKey(scope, vpcId, name)], limit: 1 });
  return found;
}

/** By name only in the region's default VPC, as EC2 has it. */
export async function requireGroupNamed(tx: ReadTx, scope: Scope, name: string): Promise<Stored<SecurityGroupRow>> {
  const vpc = await requireDefaultVpc(tx, scope);
  const found = await groupNamed(tx, scope, vpc.id, name);
  if (!found) throw groupNameNotFound(name, vpc.id);
  return found;
}

/** The group a request is about: GroupId, or GroupName in the default VPC. */
export function requestedGroup(
  tx: ReadTx,
  scope: Scope,
  request: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): Promise<Stored<SecurityGroupRow>> {
  if (request.GroupId) return requireGroup(tx, scope, request.GroupId);
  if (request.GroupName) return requireGroupNamed(tx, scope, request.GroupName);
  throw missingParameter('groupName or groupId');
}
