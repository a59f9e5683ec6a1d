import type { ConditionValues } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { groupArn, roleArn, userArn } from './arns.ts';
import type { QUOTAS } from './domain/quotas.ts';
import { requireGroup, requireUser } from './lookup.ts';
import { requireOwnRole, requireRole } from './role-lookup.ts';
import { groups, iamKey, roles, users, type GroupRow, type Identity, type RoleRow, type UserRow } from './tables.ts';

/** Users, groups and roles are given permissions in the same way, and differ in these. */
export interface IdentityKind<R extends Identity> {
  readonly noun: 'user' | 'group' | 'role';
  readonly table: Table<R>;
  readonly arn: (row: { account: string; path: string; name: string }) => string;
  /** Throws NoSuchEntity. */
  readonly require: (tx: ReadTx, account: string, name: string) => Promise<Stored<R>>;
  /** For a change: throws UnmodifiableEntity too, since service-linked roles are changed by AWS alone. */
  readonly requireOwn: (tx: ReadTx, account: string, name: string) => Promise<Stored<R>>;
  readonly attachmentQuota: keyof typeof QUOTAS;
  /** Of all inline policies together, in characters that are no white space. */
  readonly inlineSize: number;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length */
export const USER: IdentityKind<UserRow> = {
  noun: 'user',
  table: users,
  arn: userArn,
  require: requireUser,
  requireOwn: requireUser,
  attachmentQuota: 'PoliciesPerUser',
  inlineSize: 2048,
};
export const GROUP: IdentityKind<GroupRow> = {
  noun: 'group',
  table: groups,
  arn: groupArn,
  require: requireGroup,
  requireOwn: requireGroup,
  attachmentQuota: 'PoliciesPerGroup',
  inlineSize: 5120,
};
export const ROLE: IdentityKind<RoleRow> = {
  noun: 'role',
  table: roles,
  arn: roleArn,
  require: requireRole,
  requireOwn: requireOwnRole,
  attachmentQuota: 'PoliciesPerRole',
  inlineSize: 10_240,
};

/** For authorization: the ARN with its path, or with `/` of what does not exist. */
export async function identityArns<R extends Identity>(
  tx: ReadTx,
  kind: IdentityKind<R>,
  { account }: Scope,
  name = '',
): Promise<readonly string[]> {
  const row = await tx.get(kind.table, iamKey(account, name));
  return [kind.arn(row ?? { account, path: '/', name })];
}

/** For authorization: `iam:PermissionsBoundary`, of the user or role as it is now. */
export async function currentBoundary<R extends Identity>(
  tx: ReadTx,
  kind: IdentityKind<R>,
  { account }: Scope,
  name = '',
): Promise<ConditionValues> {
  const row: Identity | undefined = await tx.get(kind.table, iamKey(account, name));
  return row && 'boundaryArn' in row ? { 'iam:permissionsboundary': String(row.boundaryArn) } : {};
}
