import { ServiceError } from '../../../kernel/errors.ts';
import { updateDelivery } from '../delivery/delivered-trail.ts';
import { selectEvents } from '../delivery/selected-events.ts';
import { groupScope, logsIdentity, logStreamName } from '../destination-checks.ts';
import { logBatches, type LogBatch } from '../domain/log-batches.ts';
import { logGroupName } from '../domain/trail-settings.ts';
import type { CloudTrailEnvironment } from '../operation.ts';
import type { TrailRow } from '../tables.ts';
import { deliveryReconciler, type Round } from './delivery.ts';

/**
 * Writes each trail's events to its log group, a stream for each region, under the trail's role. After a crash events
 * may be there twice, with the same eventID, as AWS has it; none is left out.
 */
export function logGroupReconciler(env: CloudTrailEnvironment): ReturnType<typeof deliveryReconciler> {
  return deliveryReconciler(env, { name: 'cloudtrail.log-group', kind: 'logs', deliverSome });
}

/** Answers whether more is waiting. */
async function deliverSome(env: CloudTrailEnvironment, { key, row, trail, from, until }: Round): Promise<boolean> {
  const selected = await selectEvents(env.ports.events, { from, to: until }, trail, row.windows);
  for (const [region, events] of selected.byRegion) {
    for (const batch of logBatches(events)) await putEvents(env, trail, region, batch);
  }
  const now = env.clock.now();
  await env.store.write((tx) =>
    updateDelivery(tx, key, (one) => ({
      ...one,
      position: selected.toBatch,
      ...(selected.byRegion.size > 0 && { attemptedAtMs: now, succeededAtMs: now }),
    })),
  );
  return selected.toBatch < until;
}

async function putEvents(env: CloudTrailEnvironment, trail: TrailRow, region: string, batch: LogBatch): Promise<void> {
  const { logGroupArn, logsRoleArn } = trail;
  if (logGroupArn === undefined || logsRoleArn === undefined) return;
  const call = env.callIn(groupScope(logGroupArn), logsIdentity(logsRoleArn));
  const stream = { logGroupName: logGroupName(logGroupArn), logStreamName: logStreamName(trail.account, region) };
  const put = () => call('logs', 'PutLogEvents', { ...stream, logEvents: batch.map((event) => ({ ...event })) });
  try {
    await put();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ResourceNotFoundException') throw error;
    // The stream of another region than the trail's, or one that was removed.
    await call('logs', 'CreateLogStream', stream);
    await put();
  }
}
