import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { errorCode } from '../destination-checks.ts';
import { deliveryIntervalMs, type CloudTrailEnvironment } from '../operation.ts';
import { deliveries, deliveryKey, digestChains, trails, type DeliveryRow, type TrailRow } from '../tables.ts';
import { remaining } from '../domain/windows.ts';

/** A delivery with its trail as it is, or as it was when it was deleted. */
export interface DeliveredTrail {
  readonly row: Stored<DeliveryRow>;
  readonly trail: TrailRow;
}

/** Events take a while from the journal into rows: a window that has closed is looked at for so long. */
const LATE_MS = 60_000;
/** A deleted trail whose destination takes nothing is given up. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

export async function deliveredTrail(tx: ReadTx, key: string): Promise<DeliveredTrail | undefined> {
  const row = await tx.get(deliveries, key);
  const trail = row && (row.ended ?? (await tx.get(trails, row.trailArn)));
  return row && trail ? { row, trail } : undefined;
}

/** The batch after which to go on: the first where the events' store was begun anew, and knows less than the row. */
export function startOf({ position }: DeliveryRow, lastBatch: number): number {
  return position > lastBatch ? 0 : position;
}

/** The row after something was delivered. */
export async function updateDelivery(
  tx: WriteTx,
  key: string,
  change: (row: DeliveryRow) => DeliveryRow,
): Promise<void> {
  const row = await tx.get(deliveries, key);
  if (row) await tx.put(deliveries, { ...change(row), revision: row.revision });
}

/** All that was there when the attempt began has been delivered: the next is an interval later. */
export async function finishDelivery(env: CloudTrailEnvironment, key: string, beganAtMs: number): Promise<void> {
  await env.store.write(async (tx) => {
    await updateDelivery(tx, key, (row) => {
      const { error: _, ...rest } = row;
      const windows = remaining(row.windows, beganAtMs - LATE_MS);
      return { ...rest, windows, nextAtMs: beganAtMs + deliveryIntervalMs(env.ports) };
    });
    await forgetEnded(tx, key);
  });
}

/** A refusal of the destination is what GetTrailStatus shows; anything else is thrown, and tried again with backoff. */
export async function failDelivery(env: CloudTrailEnvironment, key: string, error: unknown): Promise<void> {
  if (!(error instanceof ServiceError)) throw error;
  const now = env.clock.now();
  env.log.warn('a trail cannot deliver', { delivery: key, code: error.code, reason: error.message });
  await env.store.write(async (tx) => {
    const row = await tx.get(deliveries, key);
    if (!row) return;
    const givenUp = row.ended && now - (row.ended.stoppedAtMs ?? now) > GIVE_UP_AFTER_MS;
    await tx.put(deliveries, {
      ...row,
      ...(givenUp && { windows: [] }),
      attemptedAtMs: now,
      error: errorCode(error),
      nextAtMs: now + deliveryIntervalMs(env.ports),
    });
    await forgetEnded(tx, key);
  });
}

/** A deleted trail's delivery goes when nothing is left to deliver; the files' stays until the digests are through. */
export async function forgetEnded(tx: WriteTx, key: string): Promise<void> {
  const row = await tx.get(deliveries, key);
  if (!row?.ended || row.windows.length > 0) return;
  const chains = row.kind === 'files' ? await tx.list(digestChains, { prefix: `${row.id}/`, limit: 1 }) : [];
  if (chains.length === 0) await tx.delete(deliveries, deliveryKey(row.id, row.kind));
}
