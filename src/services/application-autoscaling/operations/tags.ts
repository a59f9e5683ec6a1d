import type { Context } from '../../../api/context.ts';
import { noSuchResource } from '../errors.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { operation } from '../operation.ts';
import { targetOfArn } from '../tagged.ts';
import { targets } from '../tables.ts';
import { checkedTags } from './scalable-targets.ts';

export const TagResource = operation('TagResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  handle: (ctx, input) => change(ctx, input.ResourceARN ?? '', (tags) => ({ ...tags, ...input.Tags })),
});

export const UntagResource = operation('UntagResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  handle: (ctx, input) =>
    change(ctx, input.ResourceARN ?? '', (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !(input.TagKeys ?? []).includes(key))),
    ),
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: (input) => [input.ResourceARN ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => targetOfArn(tx, input.ResourceARN ?? ''));
    if (!row || row.account !== ctx.account) throw noSuchResource(input.ResourceARN ?? '');
    return { Tags: { ...row.tags } };
  },
});

async function change(ctx: Context, arn: string, next: (tags: Tags) => Tags) {
  await ctx.write(async (tx) => {
    const row = await targetOfArn(tx, arn);
    if (!row || row.account !== ctx.account) throw noSuchResource(arn);
    await tx.put(targets, { ...row, tags: checkedTags(next(row.tags)) });
  });
  return {};
}
