import type { Context } from '../../api/context.ts';
import { formatArn, parseArn, scopeKey, type Scope } from '../../kernel/arn.ts';
import { paginate, type Page } from '../../kernel/pages.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { badToken, constraint, groupIsDeleted, invalid, noSuchGroup, noSuchInstance, notInGroup } from './errors.ts';
import {
  configurations,
  configurationArn,
  groupArn,
  groupKey,
  groups,
  instanceKey,
  members,
  refreshes,
  type GroupRow,
  type MemberRow,
  type RefreshRow,
} from './tables.ts';

interface Named {
  readonly AutoScalingGroupName?: string | undefined;
}

export async function findGroup(tx: ReadTx, scope: Scope, name: string): Promise<Stored<GroupRow> | undefined> {
  return tx.get(groups, groupKey({ account: scope.account, region: scope.region, name: nameOf(name, scope) }));
}

/** A group's name, which may be said as its ARN. */
function nameOf(name: string, scope: Scope): string {
  const arn = name.startsWith('arn:') ? parseArn(name) : undefined;
  if (arn && (arn.account !== scope.account || arn.region !== scope.region)) return name;
  return /autoScalingGroupName\/(.+)$/.exec(arn?.resource ?? '')?.[1] ?? name;
}

/** A group that may be read. */
export async function groupOf(tx: ReadTx, scope: Scope, name: string | undefined): Promise<Stored<GroupRow>> {
  const row = await findGroup(tx, scope, name ?? '');
  if (!row) throw noSuchGroup(name ?? '');
  return row;
}

/** A group that may be changed. */
export async function liveGroup(tx: ReadTx, scope: Scope, name: string | undefined): Promise<Stored<GroupRow>> {
  const row = await groupOf(tx, scope, name);
  if (row.deleting) throw groupIsDeleted(row.name);
  return row;
}

export async function membersOf(tx: ReadTx, group: GroupRow): Promise<readonly Stored<MemberRow>[]> {
  return tx.list(members, { where: ['group', groupKey(group)] });
}

export async function memberOf(tx: ReadTx, scope: Scope, instanceId: string): Promise<Stored<MemberRow> | undefined> {
  const [row] = await tx.list(members, { where: ['instance', instanceKey(scope, instanceId)] });
  return row;
}

export async function requireMember(tx: ReadTx, scope: Scope, instanceId: string): Promise<Stored<MemberRow>> {
  const row = await memberOf(tx, scope, instanceId);
  if (!row) throw noSuchInstance(instanceId);
  return row;
}

/** The instances of a group with these ids, each once, in their order. */
export async function namedMembers(
  tx: ReadTx,
  group: GroupRow,
  ids: readonly string[] | undefined = [],
): Promise<readonly Stored<MemberRow>[]> {
  const own = await membersOf(tx, group);
  const missing = ids.filter((id) => !own.some((one) => one.instanceId === id));
  if (missing.length > 0) throw notInGroup(missing, group.name);
  return [...new Set(ids)].flatMap((id) => own.find((one) => one.instanceId === id) ?? []);
}

/** The refresh of a group that has not ended. */
export async function openRefresh(tx: ReadTx, group: GroupRow): Promise<Stored<RefreshRow> | undefined> {
  const [row] = await tx.list(refreshes, { where: ['open', groupKey(group)] });
  return row;
}

/** For authorization: the group's ARN; that of any id, where there is none yet. */
export async function groupResource(
  { AutoScalingGroupName: name = '' }: Named,
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const row = await findGroup(tx, scope, name);
  return [row ? groupArn(row) : groupArn({ account: scope.account, region: scope.region, id: '*', name })];
}

/** The ARN of the group that an instance is in. */
export async function groupOfInstance(
  { InstanceId: id = '', AutoScalingGroupName: name }: { InstanceId?: string | undefined } & Named,
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const row = await memberOf(tx, scope, id);
  return groupResource({ AutoScalingGroupName: row?.groupName ?? name ?? '*' }, scope, tx);
}

export async function configurationResource(
  { LaunchConfigurationName: name = '' }: { readonly LaunchConfigurationName?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<readonly string[]> {
  const { account, region } = scope;
  const row = await tx.get(configurations, groupKey({ account, region, name }));
  return [configurationArn({ account, region, name, id: row?.id ?? '*' })];
}

export const defaultRole = ({ account }: Scope) =>
  formatArn('iam', { account }, 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling');

/** Names must be there, not too long, and without what stands between names in ARNs. */
export function checkName(name: string | undefined, member: string): string {
  if (name === undefined || !/^[^|:\p{Cc}]{1,255}$/u.test(name)) {
    throw constraint(name ?? '', member, 'satisfy regular expression pattern: [^:]+, with 1 to 255 characters');
  }
  return name;
}

interface Paged {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** @param most how many a page has where the request does not say, and at most */
export function pageOf<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  input: Paged,
  { most = 100, usual = 50, descending = false } = {},
): Page<T> {
  const { MaxRecords = usual } = input;
  if (MaxRecords < 1 || MaxRecords > most) throw invalid(`MaxRecords must be between 1 and ${most}.`);
  return paginate(rows, keyOf, {
    limit: MaxRecords,
    token: input.NextToken,
    descending,
    onBadToken: () => {
      throw badToken();
    },
  });
}

export const tokenOf = ({ nextToken }: { readonly nextToken?: string }) =>
  nextToken === undefined ? {} : { NextToken: nextToken };

/** All rows of the caller's region. */
export async function groupsIn(ctx: Pick<Context, 'read'> & Scope): Promise<readonly Stored<GroupRow>[]> {
  return ctx.read((tx) => tx.list(groups, { where: ['scope', scopeKey(ctx)] }));
}
