import { named } from '../authorization.ts';
import { tagList, withTags } from '../domain/tags.ts';
import { invalid } from '../errors.ts';
import { operation } from '../operation.ts';
import { changeTags, tagsOf } from '../tagged.ts';

const MOST_RESOURCES = 20;

export const AddTags = operation('AddTags', {
  resources: (input) => named(input.ResourceArns),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      for (const arn of arnsOf(input.ResourceArns)) {
        await changeTags(tx, ctx, arn, (tags) => withTags(tags, input.Tags));
      }
    });
    return {};
  },
});

export const RemoveTags = operation('RemoveTags', {
  resources: (input) => named(input.ResourceArns),
  handle: async (ctx, input) => {
    const removed = new Set(input.TagKeys);
    await ctx.write(async (tx) => {
      for (const arn of arnsOf(input.ResourceArns)) {
        await changeTags(tx, ctx, arn, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
        );
      }
    });
    return {};
  },
});

export const DescribeTags = operation('DescribeTags', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const descriptions = await ctx.read((tx) =>
      Promise.all(
        arnsOf(input.ResourceArns).map(async (arn) => ({
          ResourceArn: arn,
          Tags: tagList(await tagsOf(tx, ctx, arn)),
        })),
      ),
    );
    return { TagDescriptions: descriptions };
  },
});

function arnsOf(arns: readonly string[] = []): readonly string[] {
  if (arns.length === 0) throw invalid('At least one resource ARN must be specified');
  if (arns.length > MOST_RESOURCES) throw invalid(`At most ${MOST_RESOURCES} resource ARNs can be specified`);
  return arns;
}
