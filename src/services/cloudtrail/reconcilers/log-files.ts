import { updateDelivery } from '../delivery/delivered-trail.ts';
import { putFile } from '../delivery/put-file.ts';
import { selectEvents, type SelectedEvents } from '../delivery/selected-events.ts';
import { ensureChain } from '../deliveries.ts';
import { logFileContent, logFileKey, sha256, uniqueString } from '../domain/log-file.ts';
import type { StoredEvent } from '../event-tables.ts';
import { digestIntervalMs, type CloudTrailEnvironment } from '../operation.ts';
import { deliveredFiles, type DeliveredFileRow, type PendingFiles, type TrailRow } from '../tables.ts';
import { deliveryReconciler, type Round } from './delivery.ts';

const UNIQUE_BYTES = 16;

/**
 * Writes each trail's events to its bucket, a file for each region. A file is named in the row before it is written and
 * the position moves on once it is, so after a crash the same file is written again, and no event is left out.
 */
export function logFilesReconciler(env: CloudTrailEnvironment): ReturnType<typeof deliveryReconciler> {
  return deliveryReconciler(env, { name: 'cloudtrail.log-files', kind: 'files', deliverSome });
}

/** One round of files. Answers whether more is waiting. */
async function deliverSome(env: CloudTrailEnvironment, { key, row, trail, from, until }: Round): Promise<boolean> {
  // Where the trail goes elsewhere by now, what was on its way goes there too.
  const begun = row.pending?.bucket === trail.bucket ? row.pending : undefined;
  const range = { from, to: begun?.toBatch ?? until };
  const selected = await selectEvents(env.ports.events, range, trail, row.windows);
  const pending: PendingFiles = begun ?? {
    bucket: trail.bucket,
    toBatch: selected.toBatch,
    atMs: env.clock.now(),
    unique: uniqueString(env.ids.bytes(UNIQUE_BYTES)),
  };
  if (selected.byRegion.size > 0 && !begun) {
    await env.store.write((tx) => updateDelivery(tx, key, (one) => ({ ...one, pending })));
  }
  const files = await putFiles(env, trail, pending, selected);
  await commit(env, key, { trail, files, position: selected.toBatch });
  return selected.toBatch < until;
}

async function putFiles(
  env: CloudTrailEnvironment,
  trail: TrailRow,
  pending: PendingFiles,
  { byRegion }: SelectedEvents,
): Promise<readonly DeliveredFileRow[]> {
  const files: DeliveredFileRow[] = [];
  for (const [region, events] of byRegion) {
    const object = logFileKey(trail, region, pending.atMs, pending.unique);
    const content = logFileContent(events.map(({ event }) => event));
    await putFile(env, trail, { bucket: trail.bucket, object, content });
    files.push(
      deliveredFile(events, { id: trail.id, region, bucket: trail.bucket, object, sha256: sha256(content) }, env),
    );
  }
  return files;
}

function deliveredFile(
  events: readonly StoredEvent[],
  file: Pick<DeliveredFileRow, 'id' | 'region' | 'bucket' | 'object' | 'sha256'>,
  env: CloudTrailEnvironment,
): DeliveredFileRow {
  const times = events.map((one) => one.timeMs);
  return {
    ...file,
    deliveredAtMs: env.clock.now(),
    oldestMs: times.reduce((least, ms) => Math.min(least, ms), Infinity),
    newestMs: times.reduce((most, ms) => Math.max(most, ms), 0),
  };
}

interface Delivered {
  readonly trail: TrailRow;
  readonly files: readonly DeliveredFileRow[];
  readonly position: number;
}

async function commit(env: CloudTrailEnvironment, key: string, { trail, files, position }: Delivered): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    await updateDelivery(tx, key, (row) => {
      const { pending: _, ...rest } = row;
      return { ...rest, position, ...(files.length > 0 && { attemptedAtMs: now, succeededAtMs: now }) };
    });
    if (!trail.validation) return;
    for (const file of files) {
      const known = await tx.get(deliveredFiles, deliveredFiles.key(file));
      if (!known) await tx.put(deliveredFiles, file);
      await ensureChain(tx, trail, file.region, trail.startedAtMs ?? now, digestIntervalMs(env.ports));
    }
  });
}
