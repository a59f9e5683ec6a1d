import { orderedPage } from '../domain/ordered-page.ts';
import { badToken, invalid, streamExists } from '../errors.ts';
import { groupOf, streamOf, streamsOf } from '../lookup.ts';
import { checkGroupName, checkStreamName, groupNameOf, requestedGroupArn, requestedStreamArn } from '../names.ts';
import { operation } from '../operation.ts';
import { logStreams, streamKey, type LogStreamRow } from '../tables.ts';
import { logStreamView } from '../views.ts';
import { checkedLimit } from './describe-log-groups.ts';
import { removeStream } from './log-groups.ts';

const STREAM_ID_DIGITS = 24;
const TIME_DIGITS = 16;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const CreateLogStream = operation('CreateLogStream', {
  resources: (input, scope) => [requestedStreamArn(input, scope)],
  handle: async (ctx, input) => {
    const groupName = checkGroupName(input.logGroupName);
    const name = checkStreamName(input.logStreamName);
    await ctx.write(async (tx) => {
      await groupOf(tx, ctx, groupName);
      if (await tx.get(logStreams, streamKey(ctx, groupName, name))) throw streamExists();
      await tx.put(logStreams, {
        account: ctx.account,
        region: ctx.region,
        groupName,
        name,
        streamId: ctx.ids.hex(STREAM_ID_DIGITS),
        createdAtMs: ctx.now,
        firstSequence: 0,
        nextSequence: 0,
        disorderMs: 0,
        bytes: 0,
      });
    });
    return {};
  },
});

/** Its events are removed by the reconciler. */
export const DeleteLogStream = operation('DeleteLogStream', {
  resources: (input, scope) => [requestedStreamArn(input, scope)],
  handle: async (ctx, input) => {
    const groupName = checkGroupName(input.logGroupName);
    const name = checkStreamName(input.logStreamName);
    await ctx.write(async (tx) => removeStream(tx, await streamOf(tx, ctx, groupName, name)));
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const DescribeLogStreams = operation('DescribeLogStreams', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    const groupName = groupNameOf(input);
    const limit = checkedLimit(input.limit);
    const byTime = input.orderBy === 'LastEventTime';
    if (byTime && input.logStreamNamePrefix !== undefined) {
      throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const rows = await ctx.read(async (tx) => {
      await groupOf(tx, ctx, groupName);
      return streamsOf(tx, ctx, groupName, input.logStreamNamePrefix);
    });
    const page = orderedPage(rows, byTime ? timeKey : (row) => row.name, {
      limit,
      token: input.nextToken,
      descending: input.descending ?? false,
      onBadToken: () => {
        throw badToken();
      },
    });
    return {
      logStreams: page.items.map(logStreamView),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },
});

function timeKey(row: LogStreamRow): string {
  return `${String(row.lastEventMs ?? 0).padStart(TIME_DIGITS, '0')} ${row.name}`;
}
