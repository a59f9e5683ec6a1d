import type { CreateUserRequest, UpdateUserRequest, User } from '@aws-sdk/client-iam';
import { uniqueId } from '../../../identity/unique-id.ts';
import type { ReadTx } from '../../../store/store.ts';
import { userArn } from '../arns.ts';
import { boundaryOf } from '../boundaries.ts';
import { checkName, checkPath, checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { alreadyExists, deleteConflict } from '../errors.ts';
import { keysOf, namedUser, requireUser, userResources } from '../lookup.ts';
import { operation, type IamContext } from '../operation.ts';
import { byName, pageOf } from '../pages.ts';
import { accessKeys, iamKey, lastUses, users, type UserRow } from '../tables.ts';
import { tagsFrom } from '../tagging.ts';
import { userListing, userView } from '../views.ts';
import { wholeSeconds } from '../whole-seconds.ts';

export const CreateUser = operation('CreateUser', {
  resources: (input, { account }) => [createdArn(account, input)],
  conditions: ({ PermissionsBoundary: boundary }) =>
    boundary === undefined ? {} : { 'iam:permissionsboundary': boundary },
  also: (input, { account }) =>
    input.Tags?.length ? [{ action: 'iam:TagUser', resources: [createdArn(account, input)] }] : [],
  handle: async (ctx, input) => {
    const { account, now } = ctx;
    const name = checkName('user', input.UserName ?? '');
    const identity = { account, name, path: checkPath(input.Path), id: uniqueId('AIDA', ctx.ids), createdAtMs: now };
    const tags = tagsFrom(input.Tags);
    const row = await ctx.write(async (tx) => {
      await requireFreeName(tx, account, name);
      checkQuota('UsersPerAccount', (await tx.list(users, { where: ['account', account] })).length);
      const boundary = await boundaryOf(tx, account, input.PermissionsBoundary);
      return tx.put(users, { ...identity, inline: {}, attached: [], groups: [], tags, ...boundary });
    });
    return { User: userView(row) };
  },
});

export const GetUser = operation('GetUser', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, { UserName }) => {
    if (UserName === undefined && ctx.principal.kind === 'root') return { User: rootUser(ctx) };
    return { User: userView(await ctx.read((tx) => namedUser(ctx, tx, UserName))) };
  },
});

export const ListUsers = operation('ListUsers', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const prefix = checkPathPrefix(input.PathPrefix);
    const rows = await ctx.read((tx) => tx.list(users, { where: ['account', ctx.account] }));
    const under = rows.filter(({ path }) => path.startsWith(prefix));
    const { items, page } = pageOf(under, byName, input);
    return { Users: items.map(userListing), ...page };
  },
});

/** The caller must be allowed to update the user that is and the one that it becomes. */
export const UpdateUser = operation('UpdateUser', {
  resources: async (input, { account }, tx) => {
    const row = await tx.get(users, iamKey(account, input.UserName ?? ''));
    const before = row ?? { account, name: input.UserName ?? '', path: '/' };
    return [...new Set([userArn(before), userArn({ ...before, ...changesOf(input) })])];
  },
  handle: async (ctx, input) => {
    const { NewUserName, NewPath } = input;
    if (NewUserName !== undefined) checkName('user', NewUserName, 'newUserName');
    if (NewPath !== undefined) checkPath(NewPath, 'newPath');
    await ctx.write(async (tx) => {
      const { revision: _, ...row } = await requireUser(tx, ctx.account, input.UserName ?? '');
      const renamed: UserRow = { ...row, ...changesOf(input) };
      if (iamKey(ctx.account, renamed.name) !== iamKey(ctx.account, row.name)) {
        await requireFreeName(tx, ctx.account, renamed.name);
      }
      for (const key of await keysOf(tx, row)) await tx.put(accessKeys, { ...key, userName: renamed.name });
      await tx.delete(users, iamKey(ctx.account, row.name));
      await tx.put(users, renamed);
    });
    return {};
  },
});

export const DeleteUser = operation('DeleteUser', {
  resources: userResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireUser(tx, ctx.account, input.UserName ?? '');
      const first = whatIsInTheWay(row, (await keysOf(tx, row)).length);
      if (first !== undefined) throw deleteConflict(`Cannot delete entity, must ${first} first.`);
      await tx.delete(users, iamKey(ctx.account, row.name));
      for (const use of await tx.list(lastUses, { prefix: row.id })) await tx.delete(lastUses, use.id);
    });
    return {};
  },
});

function createdArn(account: string, { UserName: name = '', Path: path = '/' }: CreateUserRequest): string {
  return userArn({ account, name, path });
}

async function requireFreeName(tx: ReadTx, account: string, name: string): Promise<void> {
  if (await tx.get(users, iamKey(account, name))) throw alreadyExists('User', name);
}

/** When the account was made is known only where the server says so. */
function rootUser({ principal, ports }: IamContext): User {
  const { arn, account } = principal;
  const made = ports.rootCreatedAtMs;
  const CreateDate = made === undefined ? undefined : wholeSeconds(made);
  return { Path: undefined, UserName: undefined, UserId: account, Arn: arn, CreateDate };
}

function changesOf({ NewUserName, NewPath }: UpdateUserRequest): { readonly name?: string; readonly path?: string } {
  return {
    ...(NewUserName !== undefined && { name: NewUserName }),
    ...(NewPath !== undefined && { path: NewPath }),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
function whatIsInTheWay(row: UserRow, keys: number): string | undefined {
  if (Object.keys(row.inline).length > 0) return 'delete policies';
  if (row.attached.length > 0) return 'detach all policies';
  if (keys > 0) return 'delete access keys';
  if (row.loginProfile) return 'delete login profile';
  return row.groups.length > 0 ? 'remove users from group' : undefined;
}
