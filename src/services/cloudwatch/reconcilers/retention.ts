import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import type { Bucket } from '../domain/bucket.ts';
import { LEVELS, NEXT_LEVEL, blockStartMs, isPast, type Level } from '../domain/levels.ts';
import { addToBlock } from '../metric-store.ts';
import { blockKey, blocks, history, historyKey, metricKey, metrics, type BlockRow } from '../tables.ts';

const RESYNC_MS = 600_000;
const AT_ONCE = 100;
const DAY_MS = 24 * 3_600_000;
const HISTORY_MS = 30 * DAY_MS;

type Kept = Level['name'] | 'history' | 'metrics';
const KEPT: readonly Kept[] = ['s', 'm', 'f', 'h', 'history', 'metrics'];

interface Observed {
  readonly kept: Kept;
  /** Whether the oldest is too old. */
  readonly isDue: boolean;
}

interface Action {
  readonly type: 'expire';
  readonly kept: Kept;
}

/** What is too old goes: minutes become five minutes, those become hours, and what has no next level is removed. */
export function retentionReconciler(env: ServiceEnvironment<object>): Reconciler<Observed, Action> {
  return {
    name: 'cloudwatch.retention',
    resyncEveryMs: RESYNC_MS,
    keys: () => [],
    allKeys: async () => KEPT,
    async observe(tx, key) {
      const kept = KEPT.find((name) => name === key);
      return kept && { kept, isDue: (await due(tx, kept, env.clock.now(), 1)).length > 0 };
    },
    plan: ({ kept, isDue }) => ({
      actions: isDue ? [{ type: 'expire', kept }] : [],
      why: isDue ? `The oldest of ${kept} is past its time.` : `Nothing of ${kept} is past its time.`,
    }),
    async apply({ kept }) {
      while (await env.store.write((tx) => expireSome(tx, kept, env.clock.now())));
    },
  };
}

/** Answers whether there may be more. */
async function expireSome(tx: WriteTx, kept: Kept, now: number): Promise<boolean> {
  const keys = await due(tx, kept, now, AT_ONCE);
  for (const key of keys) {
    if (kept === 'history') await tx.delete(history, key);
    else if (kept === 'metrics') await tx.delete(metrics, key);
    else await rollUp(tx, key, NEXT_LEVEL[kept]);
  }
  return keys.length === AT_ONCE;
}

async function due(tx: ReadTx, kept: Kept, now: number, limit: number): Promise<readonly string[]> {
  if (kept === 'history') {
    const rows = await tx.list(history, { limit });
    return rows.filter((row) => row.atMs < now - HISTORY_MS).map(historyKey);
  }
  if (kept === 'metrics') {
    const rows = (await tx.list(metrics)).filter((row) => row.lastMs < now - LEVELS.h.keptMs);
    return rows.slice(0, limit).map((row) => metricKey(row, row.id));
  }
  const rows = await tx.list(blocks, { prefix: `${kept}/`, limit });
  return rows.filter((row) => isPast(LEVELS[kept], row.startMs, now)).map(blockKey);
}

/** Adds a block's buckets to the next level and removes it, in one transaction. */
async function rollUp(tx: WriteTx, key: string, next: Level | undefined): Promise<void> {
  const row = await tx.get(blocks, key);
  if (!row) return;
  if (next) await addBuckets(tx, row, next);
  await tx.delete(blocks, key);
}

async function addBuckets(tx: WriteTx, row: BlockRow, next: Level): Promise<void> {
  const { account, region, metricId } = row;
  const samples = Object.entries(row.buckets).map(([key, bucket]) => {
    const [offset, unit] = key.split(':');
    return { atMs: row.startMs + Number(offset) * LEVELS[row.level].bucketMs, unit, bucket };
  });
  for (const [startMs, own] of Map.groupBy(samples, ({ atMs }) => blockStartMs(next, atMs))) {
    const added = own.map(({ atMs, unit, bucket }): readonly [string, Bucket] => {
      const offset = Math.floor((atMs - startMs) / next.bucketMs);
      return [unit === undefined ? `${offset}` : `${offset}:${unit}`, bucket];
    });
    await addToBlock(tx, { account, region, metricId, level: next.name, startMs }, added);
  }
}
