import { checkQuota } from '../domain/quotas.ts';
import { groupResources, requireGroup, requireUser, userResources } from '../lookup.ts';
import { operation } from '../operation.ts';
import { byName, pageOf } from '../pages.ts';
import { groups, iamKey, users } from '../tables.ts';
import { groupView } from '../views.ts';

/** Adding a member again changes nothing. */
export const AddUserToGroup = operation('AddUserToGroup', {
  resources: groupResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const user = await requireUser(tx, ctx.account, input.UserName ?? '');
      const group = await requireGroup(tx, ctx.account, input.GroupName ?? '');
      if (user.groups.includes(group.name)) return;
      checkQuota('GroupsPerUser', user.groups.length);
      await tx.put(users, { ...user, groups: [...user.groups, group.name] });
    });
    return {};
  },
});

/** Removing who is not a member changes nothing. */
export const RemoveUserFromGroup = operation('RemoveUserFromGroup', {
  resources: groupResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const user = await requireUser(tx, ctx.account, input.UserName ?? '');
      const group = await requireGroup(tx, ctx.account, input.GroupName ?? '');
      if (!user.groups.includes(group.name)) return;
      await tx.put(users, { ...user, groups: user.groups.filter((name) => name !== group.name) });
    });
    return {};
  },
});

export const ListGroupsForUser = operation('ListGroupsForUser', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => {
    const rows = await ctx.read(async (tx) => {
      const user = await requireUser(tx, ctx.account, input.UserName ?? '');
      return Promise.all(user.groups.map((name) => tx.get(groups, iamKey(ctx.account, name))));
    });
    const { items, page } = pageOf(
      rows.filter((row) => row !== undefined),
      byName,
      input,
    );
    return { Groups: items.map(groupView), ...page };
  },
});
