import type { Context } from '../../../api/context.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { kindOfArn } from '../domain/names.ts';
import { tagList, withTags } from '../domain/tags.ts';
import { invalid } from '../errors.ts';
import { listenerOf, listenerOfDefaultRule, loadBalancerOf, ruleOf, targetGroupOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { listeners, loadBalancers, rules, targetGroups } from '../tables.ts';

const MOST_RESOURCES = 20;

export const AddTags = operation('AddTags', {
  resources: (input) => input.ResourceArns ?? ['*'],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      for (const arn of arnsOf(input.ResourceArns)) {
        await change(tx, ctx, arn, (tags) => withTags(tags, input.Tags));
      }
    });
    return {};
  },
});

export const RemoveTags = operation('RemoveTags', {
  resources: (input) => input.ResourceArns ?? ['*'],
  handle: async (ctx, input) => {
    const removed = new Set(input.TagKeys);
    await ctx.write(async (tx) => {
      for (const arn of arnsOf(input.ResourceArns)) {
        await change(tx, ctx, arn, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
        );
      }
    });
    return {};
  },
});

export const DescribeTags = operation('DescribeTags', {
  resources: (input) => input.ResourceArns ?? ['*'],
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

async function tagsOf(tx: ReadTx, ctx: Context, arn: string): Promise<Tags> {
  switch (kindOfArn(arn)) {
    case 'loadbalancer':
      return (await loadBalancerOf(tx, ctx, arn)).tags;
    case 'targetgroup':
      return (await targetGroupOf(tx, ctx, arn)).tags;
    case 'listener':
      return (await listenerOf(tx, ctx, arn)).tags;
    case 'listener-rule':
      return (await listenerOfDefaultRule(tx, ctx, arn))?.defaultRuleTags ?? (await ruleOf(tx, ctx, arn)).tags;
    default:
      throw invalid(`'${arn}' is not a valid resource ARN`);
  }
}

async function change(tx: WriteTx, ctx: Context, arn: string, edit: (tags: Tags) => Tags): Promise<void> {
  const tags = edit(await tagsOf(tx, ctx, arn));
  switch (kindOfArn(arn)) {
    case 'loadbalancer':
      await tx.put(loadBalancers, { ...(await loadBalancerOf(tx, ctx, arn)), tags });
      break;
    case 'targetgroup':
      await tx.put(targetGroups, { ...(await targetGroupOf(tx, ctx, arn)), tags });
      break;
    case 'listener':
      await tx.put(listeners, { ...(await listenerOf(tx, ctx, arn)), tags });
      break;
    default: {
      const listener = await listenerOfDefaultRule(tx, ctx, arn);
      if (listener) await tx.put(listeners, { ...listener, defaultRuleTags: tags });
      else await tx.put(rules, { ...(await ruleOf(tx, ctx, arn)), tags });
    }
  }
}
