import type { CreateGroupRequest, UpdateGroupRequest } from '@aws-sdk/client-iam';
import { uniqueId } from '../../../identity/unique-id.ts';
import type { ReadTx } from '../../../store/store.ts';
import { groupArn } from '../arns.ts';
import { checkName, checkPath, checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { alreadyExists, deleteConflict } from '../errors.ts';
import { groupResources, membersOf, requireGroup } from '../lookup.ts';
import { operation } from '../operation.ts';
import { byName, pageOf } from '../pages.ts';
import { groups, iamKey, users, type GroupRow } from '../tables.ts';
import { groupView, userListing } from '../views.ts';

export const CreateGroup = operation('CreateGroup', {
  resources: (input, { account }) => [createdArn(account, input)],
  handle: async (ctx, input) => {
    const { account, now } = ctx;
    const name = checkName('group', input.GroupName ?? '');
    const identity = { account, name, path: checkPath(input.Path), id: uniqueId('AGPA', ctx.ids), createdAtMs: now };
    const row = await ctx.write(async (tx) => {
      await requireFreeName(tx, account, name);
      checkQuota('GroupsPerAccount', (await tx.list(groups, { where: ['account', account] })).length);
      return tx.put(groups, { ...identity, inline: {}, attached: [] });
    });
    return { Group: groupView(row) };
  },
});

export const GetGroup = operation('GetGroup', {
  resources: groupResources,
  readOnly: true,
  handle: async (ctx, input) => {
    const [row, members] = await ctx.read(async (tx) => {
      const found = await requireGroup(tx, ctx.account, input.GroupName ?? '');
      return [found, await membersOf(tx, found)] as const;
    });
    const { items, page } = pageOf(members, byName, input);
    return { Group: groupView(row), Users: items.map(userListing), ...page };
  },
});

export const ListGroups = operation('ListGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const prefix = checkPathPrefix(input.PathPrefix);
    const rows = await ctx.read((tx) => tx.list(groups, { where: ['account', ctx.account] }));
    const under = rows.filter(({ path }) => path.startsWith(prefix));
    const { items, page } = pageOf(under, byName, input);
    return { Groups: items.map(groupView), ...page };
  },
});

/** The caller must be allowed to update the group that is and the one that it becomes. */
export const UpdateGroup = operation('UpdateGroup', {
  resources: async (input, { account }, tx) => {
    const row = await tx.get(groups, iamKey(account, input.GroupName ?? ''));
    const before = row ?? { account, name: input.GroupName ?? '', path: '/' };
    return [...new Set([groupArn(before), groupArn({ ...before, ...changesOf(input) })])];
  },
  handle: async (ctx, input) => {
    const { NewGroupName, NewPath } = input;
    if (NewGroupName !== undefined) checkName('group', NewGroupName, 'newGroupName');
    if (NewPath !== undefined) checkPath(NewPath, 'newPath');
    await ctx.write(async (tx) => {
      const { revision: _, ...row } = await requireGroup(tx, ctx.account, input.GroupName ?? '');
      const renamed: GroupRow = { ...row, ...changesOf(input) };
      const key = iamKey(ctx.account, row.name);
      if (iamKey(ctx.account, renamed.name) !== key) await requireFreeName(tx, ctx.account, renamed.name);
      for (const member of await membersOf(tx, row)) {
        const names = member.groups.map((name) => (iamKey(ctx.account, name) === key ? renamed.name : name));
        await tx.put(users, { ...member, groups: names });
      }
      await tx.delete(groups, key);
      await tx.put(groups, renamed);
    });
    return {};
  },
});

export const DeleteGroup = operation('DeleteGroup', {
  resources: groupResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireGroup(tx, ctx.account, input.GroupName ?? '');
      const first = whatIsInTheWay(row, (await membersOf(tx, row)).length);
      if (first !== undefined) throw deleteConflict(`Cannot delete entity, must ${first} first.`);
      await tx.delete(groups, iamKey(ctx.account, row.name));
    });
    return {};
  },
});

function createdArn(account: string, { GroupName: name = '', Path: path = '/' }: CreateGroupRequest): string {
  return groupArn({ account, name, path });
}

async function requireFreeName(tx: ReadTx, account: string, name: string): Promise<void> {
  if (await tx.get(groups, iamKey(account, name))) throw alreadyExists('Group', name);
}

function changesOf({ NewGroupName, NewPath }: UpdateGroupRequest): { readonly name?: string; readonly path?: string } {
  return {
    ...(NewGroupName !== undefined && { name: NewGroupName }),
    ...(NewPath !== undefined && { path: NewPath }),
  };
}

function whatIsInTheWay(row: GroupRow, members: number): string | undefined {
  if (Object.keys(row.inline).length > 0) return 'delete policies';
  if (row.attached.length > 0) return 'detach all policies';
  return members > 0 ? 'remove users from group' : undefined;
}
