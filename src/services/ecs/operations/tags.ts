import { checkTagCount, tagList, tagsOf } from '../domain/tag-list.ts';
import { invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { findTagged } from '../tagged.ts';

export const TagResource = operation('TagResource', {
  resources: (input) => [input.resourceArn ?? ''],
  async handle(ctx, input) {
    const added = tagsOf(input.tags);
    await ctx.write(async (tx) => {
      const { table, row } = await findTagged(tx, ctx, input.resourceArn ?? '');
      const tags = { ...row.tags, ...added };
      checkTagCount(tags);
      await tx.put(table, { ...row, tags });
    });
    return {};
  },
});

export const UntagResource = operation('UntagResource', {
  resources: (input) => [input.resourceArn ?? ''],
  async handle(ctx, input) {
    if (input.tagKeys?.some((key) => key.toLowerCase().startsWith('aws:'))) {
      throw invalidParameter("Tag keys that begin with 'aws:' are reserved and cannot be removed.");
    }
    await ctx.write(async (tx) => {
      const { table, row } = await findTagged(tx, ctx, input.resourceArn ?? '');
      const kept = Object.entries(row.tags).filter(([key]) => !input.tagKeys?.includes(key));
      await tx.put(table, { ...row, tags: Object.fromEntries(kept) });
    });
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  readOnly: true,
  resources: (input) => [input.resourceArn ?? ''],
  handle: (ctx, input) =>
    ctx.read(async (tx) => ({ tags: tagList((await findTagged(tx, ctx, input.resourceArn ?? '')).row.tags) })),
});
