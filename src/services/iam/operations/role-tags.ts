import { operation } from '../operation.ts';
import { requireRole, roleResource } from '../role-lookup.ts';
import { roles } from '../tables.ts';
import { tagPage, tagsFrom, withoutTags } from '../tagging.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html; a service's own role can be tagged too. */
export const TagRole = operation('TagRole', {
  resources: roleResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireRole(tx, ctx.account, input.RoleName);
      await tx.put(roles, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html */
export const UntagRole = operation('UntagRole', {
  resources: roleResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireRole(tx, ctx.account, input.RoleName);
      await tx.put(roles, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export const ListRoleTags = operation('ListRoleTags', {
  resources: roleResource,
  readOnly: true,
  handle: async (ctx, input) => {
    const { tags } = await ctx.read((tx) => requireRole(tx, ctx.account, input.RoleName));
    return tagPage(tags, input);
  },
});
