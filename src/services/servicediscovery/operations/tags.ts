import { checkTags } from '../../../kernel/tags.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { Context } from '../../../api/context.ts';
import { tagList, tagsOf } from '../domain/tags.ts';
import { invalidInput, resourceNotFound, tooManyTags } from '../errors.ts';
import { tagsOfArn, taggedOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { namespaces, services } from '../tables.ts';

export const TagResource = operation('TagResource', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const added = tagsOf(input.Tags);
    await change(ctx, input.ResourceARN, (tags) => ({ ...tags, ...added }));
    return {};
  },
});

export const UntagResource = operation('UntagResource', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const removed = new Set(input.TagKeys);
    await change(ctx, input.ResourceARN, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
    );
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const arn = input.ResourceARN ?? '';
    const tags = isOwn(ctx, arn) ? await ctx.read((tx) => tagsOfArn(tx, arn)) : undefined;
    if (!tags) throw resourceNotFound(arn);
    return { Tags: tagList(tags) };
  },
});

async function change(ctx: Context, arn = '', changed: (tags: Tags) => Tags): Promise<void> {
  await ctx.write(async (tx) => {
    const found = isOwn(ctx, arn) ? await taggedOf(tx, arn) : undefined;
    if (!found) throw resourceNotFound(arn);
    const tags = changed(found.row.tags);
    const problem = checkTags(tags);
    if (problem) throw problem.kind === 'count' ? tooManyTags(arn, problem.message) : invalidInput(problem.message);
    if (found.kind === 'namespace') await tx.put(namespaces, { ...found.row, tags });
    else await tx.put(services, { ...found.row, tags });
  });
}

const isOwn = (ctx: Context, arn: string) => arn.startsWith(`arn:aws:servicediscovery:${ctx.region}:${ctx.account}:`);
