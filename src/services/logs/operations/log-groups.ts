import { checkTags } from '../../../kernel/tags.ts';
import type { WriteTx } from '../../../store/store.ts';
import { constraint, groupExists, groupProtected, invalid, notSupported, tooManyTags } from '../errors.ts';
import { groupOf, streamsOf } from '../lookup.ts';
import { checkGroupName, groupArn, groupNameOf, requestedGroupArn } from '../names.ts';
import { operation } from '../operation.ts';
import { deletedStreams, groupKey, logGroups, logStreams, streamKey, type LogStreamRow } from '../tables.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export const CreateLogGroup = operation('CreateLogGroup', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  also: (input, scope) =>
    Object.keys(input.tags ?? {}).length > 0
      ? [{ action: 'logs:TagResource', resources: [groupArn(scope, input.logGroupName ?? '*')] }]
      : [],
  handle: async (ctx, input) => {
    const name = checkGroupName(input.logGroupName);
    if (input.kmsKeyId !== undefined) throw notSupported('kmsKeyId');
    if ((input.logGroupClass ?? 'STANDARD') !== 'STANDARD') throw notSupported(`logGroupClass ${input.logGroupClass}`);
    const tags = checkedTags(input.tags ?? {});
    await ctx.write(async (tx) => {
      if (await tx.get(logGroups, groupKey(ctx, name))) throw groupExists();
      const { account, region, now } = ctx;
      const isProtected = input.deletionProtectionEnabled && ({ isProtected: true } as const);
      await tx.put(logGroups, { account, region, name, createdAtMs: now, tags, ...isProtected });
    });
    return {};
  },
});

/** With all its streams; their events are removed by the reconciler. */
export const DeleteLogGroup = operation('DeleteLogGroup', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => {
    const name = checkGroupName(input.logGroupName);
    await ctx.write(async (tx) => {
      if ((await groupOf(tx, ctx, name)).isProtected) throw groupProtected();
      for (const stream of await streamsOf(tx, ctx, name)) await removeStream(tx, stream);
      await tx.delete(logGroups, groupKey(ctx, name));
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html */
export const PutLogGroupDeletionProtection = operation('PutLogGroupDeletionProtection', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => {
    const name = groupNameOf(input);
    await ctx.write(async (tx) => {
      const { isProtected: _, ...group } = await groupOf(tx, ctx, name);
      await tx.put(logGroups, { ...group, ...(input.deletionProtectionEnabled && { isProtected: true }) });
    });
    return {};
  },
});

export const PutRetentionPolicy = operation('PutRetentionPolicy', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => {
    const name = checkGroupName(input.logGroupName);
    const retentionInDays = input.retentionInDays ?? 0;
    if (!RETENTION_DAYS.includes(retentionInDays)) {
      const allowed = RETENTION_DAYS.join(', ');
      throw constraint(retentionInDays, 'retentionInDays', `satisfy enum value set: [${allowed}]`);
    }
    await ctx.write(async (tx) => tx.put(logGroups, { ...(await groupOf(tx, ctx, name)), retentionInDays }));
    return {};
  },
});

export const DeleteRetentionPolicy = operation('DeleteRetentionPolicy', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  handle: async (ctx, input) => {
    const name = checkGroupName(input.logGroupName);
    await ctx.write(async (tx) => {
      const { retentionInDays: _, ...group } = await groupOf(tx, ctx, name);
      await tx.put(logGroups, group);
    });
    return {};
  },
});

export async function removeStream(tx: WriteTx, stream: LogStreamRow): Promise<void> {
  await tx.delete(logStreams, streamKey(stream, stream.groupName, stream.name));
  await tx.put(deletedStreams, { streamId: stream.streamId });
}

/** @throws TooManyTagsException, InvalidParameterException */
export function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const problem = checkTags(tags);
  if (problem) throw problem.kind === 'count' ? tooManyTags(problem.message) : invalid(problem.message);
  return tags;
}
