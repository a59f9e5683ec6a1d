import { appendBatch, checkBatch } from '../domain/new-batch.ts';
import { invalid } from '../errors.ts';
import { groupOf, streamOf } from '../lookup.ts';
import { checkGroupName, checkStreamName, requestedStreamArn } from '../names.ts';
import { operation } from '../operation.ts';
import { batches, logStreams } from '../tables.ts';
import { sequenceToken } from '../views.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html; the token is ignored. */
export const PutLogEvents = operation('PutLogEvents', {
  dataEvent: true,
  resources: (input, scope) => [requestedStreamArn(input, scope)],
  handle: async (ctx, input) => {
    const groupName = checkGroupName(input.logGroupName);
    const name = checkStreamName(input.logStreamName);
    return ctx.write(async (tx) => {
      const group = await groupOf(tx, ctx, groupName);
      const stream = await streamOf(tx, ctx, groupName, name);
      const check = checkBatch(input.logEvents ?? [], ctx.now, group.retentionInDays);
      if ('problem' in check) throw invalid(check.problem);
      const rejected = check.rejected && { rejectedLogEventsInfo: check.rejected };
      if (check.accepted.length === 0) return { nextSequenceToken: sequenceToken(stream), ...rejected };
      const appended = appendBatch(stream, check.accepted, ctx.now);
      await tx.put(batches, appended.batch);
      await tx.put(logStreams, appended.stream);
      return { nextSequenceToken: sequenceToken(appended.stream), ...rejected };
    });
  },
});
