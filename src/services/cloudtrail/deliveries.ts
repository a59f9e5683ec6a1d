import type { WriteTx } from '../../store/store.ts';
import { closed, opened } from './domain/windows.ts';
import { chainKey, deliveries, deliveryKey, digestChains, type DeliveryKind, type TrailRow } from './tables.ts';

/** What starting takes besides the trail. */
export interface Start {
  readonly now: number;
  readonly requestId: string;
  /** The latest batch of events: none before it is delivered. */
  readonly lastBatch: number;
  readonly deliveryIntervalMs: number;
  readonly digestIntervalMs: number;
}

const KINDS: readonly DeliveryKind[] = ['files', 'logs'];

/** Brings the deliveries' rows to what the trail says: they follow its logging and its destinations. */
export async function followTrail(tx: WriteTx, trail: TrailRow, start: Start): Promise<void> {
  for (const kind of KINDS) {
    const wanted = kind === 'files' || trail.logGroupArn !== undefined;
    if (!wanted) await tx.delete(deliveries, deliveryKey(trail.id, kind));
    else if (trail.logging) await openDelivery(tx, trail, kind, start);
    else await closeDelivery(tx, trail, kind, start);
  }
  if (trail.logging && trail.validation) {
    await ensureChain(tx, trail, trail.region, start.now, start.digestIntervalMs);
  }
}

async function openDelivery(tx: WriteTx, trail: TrailRow, kind: DeliveryKind, start: Start): Promise<void> {
  const row = await tx.get(deliveries, deliveryKey(trail.id, kind));
  if (row && row.windows.length > 0) {
    await tx.put(deliveries, { ...row, windows: opened(row.windows, start.now) });
    return;
  }
  await tx.put(deliveries, {
    ...(row ?? { id: trail.id, kind, trailArn: trail.arn }),
    position: Math.max(start.lastBatch, row?.position ?? 0),
    windows: opened([], start.now),
    nextAtMs: start.now + start.deliveryIntervalMs,
  });
}

async function closeDelivery(
  tx: WriteTx,
  trail: TrailRow,
  kind: DeliveryKind,
  { now, requestId }: Start,
): Promise<void> {
  const row = await tx.get(deliveries, deliveryKey(trail.id, kind));
  if (row) await tx.put(deliveries, { ...row, windows: closed(row.windows, now, requestId) });
}

/** What a deleted trail has taken until now is still delivered, to where it went. */
export async function endDeliveries(
  tx: WriteTx,
  trail: TrailRow,
  { now, requestId }: Pick<Start, 'now' | 'requestId'>,
): Promise<void> {
  for (const kind of KINDS) {
    const row = await tx.get(deliveries, deliveryKey(trail.id, kind));
    if (!row) continue;
    if (row.windows.length === 0) await tx.delete(deliveries, deliveryKey(trail.id, kind));
    else
      await tx.put(deliveries, {
        ...row,
        windows: closed(row.windows, now, requestId),
        ended: { ...trail, logging: false, stoppedAtMs: now },
      });
  }
}

export async function ensureChain(
  tx: WriteTx,
  trail: TrailRow,
  region: string,
  startMs: number,
  intervalMs: number,
): Promise<void> {
  if (await tx.get(digestChains, chainKey(trail.id, region))) return;
  await tx.put(digestChains, { id: trail.id, region, trailArn: trail.arn, startMs, nextAtMs: startMs + intervalMs });
}
