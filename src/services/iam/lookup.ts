import { CALLER } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { groupArn, userArn } from './arns.ts';
import { checkName } from './domain/names.ts';
import { noSuchEntity } from './errors.ts';
import type { IamContext } from './operation.ts';
import { accessKeys, groups, iamKey, users, type AccessKeyRow, type GroupRow, type UserRow } from './tables.ts';

export async function requireUser(tx: ReadTx, account: string, name: string): Promise<Stored<UserRow>> {
  checkName('group', name, 'userName'); // A name to look for may be as long as a group's in the model.
  const row = await tx.get(users, iamKey(account, name));
  if (!row) throw noSuchEntity('user', name);
  return row;
}

export async function requireGroup(tx: ReadTx, account: string, name: string): Promise<Stored<GroupRow>> {
  checkName('group', name);
  const row = await tx.get(groups, iamKey(account, name));
  if (!row) throw noSuchEntity('group', name);
  return row;
}

/** The user of this name, or the user that calls where no name is given. */
export async function namedUser(ctx: IamContext, tx: ReadTx, name: string | undefined): Promise<Stored<UserRow>> {
  return name === undefined ? callingUser(ctx, tx) : requireUser(tx, ctx.account, name);
}

/** A session of a user that was renamed still carries the old name: the id tells who it is. */
async function callingUser({ principal, account }: IamContext, tx: ReadTx): Promise<Stored<UserRow>> {
  const { kind, userName, userId } = principal;
  if (kind !== 'user' || userName === undefined) {
    throw new ServiceError('ValidationError', 'Must specify userName when calling with non-User credentials');
  }
  const row = await tx.get(users, iamKey(account, userName));
  if (row?.id === userId) return row;
  const all = await tx.list(users, { where: ['account', account] });
  const renamed = all.find(({ id }) => id === userId);
  if (!renamed) throw noSuchEntity('user', userName);
  return renamed;
}

/** In the order in which they were made. */
export async function keysOf(tx: ReadTx, { account, name }: UserRow): Promise<Stored<AccessKeyRow>[]> {
  const keys = await tx.list(accessKeys, { where: ['user', iamKey(account, name)] });
  return keys.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
}

export function membersOf(tx: ReadTx, { account, name }: GroupRow): Promise<Stored<UserRow>[]> {
  return tx.list(users, { where: ['group', iamKey(account, name)] });
}

/** For authorization: the user's ARN with its path, `/` where there is no such user; without a name the caller's. */
export async function userResources(
  { UserName }: { readonly UserName?: string | undefined },
  { account }: Scope,
  tx: ReadTx,
): Promise<string[]> {
  if (UserName === undefined) return [CALLER];
  const row = await tx.get(users, iamKey(account, UserName));
  return [userArn(row ?? { account, name: UserName, path: '/' })];
}

/** For authorization: the group's ARN with its path, `/` where there is no such group. */
export async function groupResources(
  { GroupName = '' }: { readonly GroupName?: string | undefined },
  { account }: Scope,
  tx: ReadTx,
): Promise<string[]> {
  const row = await tx.get(groups, iamKey(account, GroupName));
  return [groupArn(row ?? { account, name: GroupName, path: '/' })];
}
