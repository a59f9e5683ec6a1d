import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { expiryMs } from '../domain/retention.ts';
import { streamsOf } from '../lookup.ts';
import { batches, batchKey, groupKey, latestMs, logGroups, logStreams, streamKey } from '../tables.ts';
import type { LogGroupRow, LogStreamRow } from '../tables.ts';

const RESYNC_MS = 600_000;
const BATCHES_AT_ONCE = 100;

interface Observed {
  readonly group: LogGroupRow;
  readonly streams: readonly LogStreamRow[];
}

interface Action {
  readonly type: 'expire';
  readonly streamKey: string;
  readonly beforeMs: number;
}

/** Removes batches whose every event has expired; reading hides expired events at once, as AWS promises no sooner. */
export function retentionReconciler(env: ServiceEnvironment<object>): Reconciler<Observed, Action> {
  return {
    name: 'logs.retention',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === logGroups.name ? [change.key] : []),
    allKeys: async (tx) =>
      (await tx.list(logGroups))
        .filter((group) => group.retentionInDays !== undefined)
        .map((group) => groupKey(group, group.name)),
    async observe(tx, key) {
      const group = await tx.get(logGroups, key);
      if (group?.retentionInDays === undefined) return undefined;
      return { group, streams: await streamsOf(tx, group, group.name) };
    },
    plan({ group, streams }, now) {
      const beforeMs = expiryMs(group, now);
      const due = streams.filter((stream) => (stream.oldestBatchLastMs ?? Infinity) < beforeMs);
      return {
        actions: due.map((stream) => ({
          type: 'expire',
          streamKey: streamKey(stream, stream.groupName, stream.name),
          beforeMs,
        })),
        why: `${due.length} of ${streams.length} streams of ${group.name} hold only expired events at their start.`,
      };
    },
    async apply(action) {
      while (await expireSome(env, action));
    },
  };
}

/** One transaction's worth. Answers whether there may be more. */
async function expireSome(env: ServiceEnvironment<object>, action: Action): Promise<boolean> {
  return env.store.write(async (tx) => {
    const stream = await tx.get(logStreams, action.streamKey);
    if (!stream || stream.firstSequence === stream.nextSequence) return false;
    const oldest = await tx.list(batches, { prefix: `${stream.streamId}:`, limit: BATCHES_AT_ONCE + 1 });
    // What is latest so far never falls, so all that has expired lies at the start.
    const kept = oldest.findIndex((batch) => latestMs(batch) >= action.beforeMs);
    const expired = oldest.slice(0, kept < 0 ? BATCHES_AT_ONCE : Math.min(kept, BATCHES_AT_ONCE));
    if (expired.length === 0) return false;
    for (const batch of expired) await tx.delete(batches, batchKey(batch.streamId, batch.sequence));
    const first = oldest[expired.length];
    const { oldestBatchLastMs: _, firstEventMs: __, ...rest } = stream;
    await tx.put(logStreams, {
      ...rest,
      firstSequence: stream.firstSequence + expired.length,
      bytes: stream.bytes - expired.reduce((sum, batch) => sum + batch.bytes, 0),
      ...(first && { oldestBatchLastMs: latestMs(first), firstEventMs: first.firstMs }),
    });
    return expired.length === BATCHES_AT_ONCE;
  });
}
