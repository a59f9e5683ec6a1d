import type { Context } from '../../../api/context.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { noSuchResource } from '../errors.ts';
import { groupOf } from '../lookup.ts';
import { checkGroupName, groupInArn, requestedGroupArn } from '../names.ts';
import { operation } from '../operation.ts';
import { logGroups } from '../tables.ts';
import { checkedTags } from './log-groups.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html; log groups only. */
export const TagResource = operation('TagResource', {
  resources: (input) => [input.resourceArn ?? '*'],
  handle: async (ctx, input) => tag(ctx, groupOfArn(ctx, input.resourceArn), input.tags ?? {}),
});

export const UntagResource = operation('UntagResource', {
  resources: (input) => [input.resourceArn ?? '*'],
  handle: async (ctx, input) => untag(ctx, groupOfArn(ctx, input.resourceArn), input.tagKeys ?? []),
});

export const ListTagsForResource = operation('ListTagsForResource', {
  resources: (input) => [input.resourceArn ?? '*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const name = groupOfArn(ctx, input.resourceArn);
    const row = await ctx.read((tx) => groupOf(tx, ctx, name));
    return { tags: { ...row.tags } };
  },
});

/** The older three, by name. */
export const TagLogGroup = operation('TagLogGroup', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => tag(ctx, checkGroupName(input.logGroupName), input.tags ?? {}),
});

export const UntagLogGroup = operation('UntagLogGroup', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => untag(ctx, checkGroupName(input.logGroupName), input.tags ?? []),
});

export const ListTagsLogGroup = operation('ListTagsLogGroup', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => groupOf(tx, ctx, checkGroupName(input.logGroupName)));
    return { tags: { ...row.tags } };
  },
});

async function tag(ctx: Context, groupName: string, tags: Readonly<Record<string, string>>) {
  await ctx.write(async (tx) => {
    const row = await groupOf(tx, ctx, groupName);
    await tx.put(logGroups, { ...row, tags: checkedTags({ ...row.tags, ...tags }) });
  });
  return {};
}

async function untag(ctx: Context, groupName: string, keys: readonly string[]) {
  await ctx.write(async (tx) => {
    const row = await groupOf(tx, ctx, groupName);
    const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !keys.includes(key)));
    await tx.put(logGroups, { ...row, tags });
  });
  return {};
}

function groupOfArn(ctx: Context, arn: string | undefined): string {
  const parsed = parseArn(arn ?? '');
  const name = groupInArn(arn ?? '');
  if (!name || parsed?.account !== ctx.account || parsed.region !== ctx.region) throw noSuchResource();
  return name;
}
