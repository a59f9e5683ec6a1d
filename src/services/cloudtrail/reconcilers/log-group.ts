import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import {
  deliveredTrail,
  failDelivery,
  finishDelivery,
  startOf,
  updateDelivery,
  type DeliveredTrail,
} from '../delivery/delivered-trail.ts';
import { planDelivery, type Deliver } from '../delivery/delivery-plan.ts';
import { selectEvents } from '../delivery/selected-events.ts';
import { groupScope, logsIdentity, logStreamName } from '../destination-checks.ts';
import { logBatches, type LogBatch } from '../domain/log-batches.ts';
import { logGroupName } from '../domain/trail-settings.ts';
import type { CloudTrailEnvironment } from '../operation.ts';
import { lastBatch } from '../stored-batch.ts';
import { deliveries, type TrailRow } from '../tables.ts';

const RESYNC_MS = 600_000;

/**
 * Writes each trail's events to its log group, a stream for each region, under the trail's role. After a crash events
 * may be there twice, with the same eventID, as AWS has it; none is left out.
 */
export function logGroupReconciler(env: CloudTrailEnvironment): Reconciler<DeliveredTrail & { key: string }, Deliver> {
  return {
    name: 'cloudtrail.log-group',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === deliveries.name && change.key.endsWith('/logs') ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(deliveries)).filter(({ kind }) => kind === 'logs').map(deliveries.key),
    async observe(tx, key) {
      const found = await deliveredTrail(tx, key);
      return found && { ...found, key };
    },
    plan: (observed, now) => planDelivery(observed, observed.key, now),
    async apply({ key }) {
      const beganAtMs = env.clock.now();
      const until = await lastBatch(env.ports.events);
      try {
        while (await deliverSome(env, key, until));
      } catch (error) {
        return failDelivery(env, key, error);
      }
      await finishDelivery(env, key, beganAtMs);
    },
  };
}

/** Answers whether more is waiting. */
async function deliverSome(env: CloudTrailEnvironment, key: string, until: number): Promise<boolean> {
  const found = await env.store.read((tx) => deliveredTrail(tx, key));
  if (!found) return false;
  const { row, trail } = found;
  const from = startOf(row, until);
  if (from === until) return false;
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
