import { requireUser, userResources } from '../lookup.ts';
import { operation } from '../operation.ts';
import { users } from '../tables.ts';
import { tagPage, tagsFrom, withoutTags } from '../tagging.ts';

export const TagUser = operation('TagUser', {
  resources: userResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireUser(tx, ctx.account, input.UserName ?? '');
      await tx.put(users, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

export const UntagUser = operation('UntagUser', {
  resources: userResources,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireUser(tx, ctx.account, input.UserName ?? '');
      await tx.put(users, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
    });
    return {};
  },
});

export const ListUserTags = operation('ListUserTags', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => requireUser(tx, ctx.account, input.UserName ?? ''));
    return tagPage(row.tags, input);
  },
});
