import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { mergeBuckets, type Bucket } from './domain/bucket.ts';
import { LEVELS, blockStartMs, blockStarts, type Level } from './domain/levels.ts';
import { metricId, type Metric } from './domain/metric.ts';
import type { Sample } from './domain/sample.ts';
import { blockKey, blocks, metricKey, metrics, type BlockRow } from './tables.ts';

/** So old may a metric's `lastMs` be before it is written again. */
const LAST_SEEN_MS = 300_000;

/** Adds samples to their metrics: one row for each metric and hour, however many samples there are. */
export async function writeSamples(tx: WriteTx, scope: Scope, samples: readonly Sample[]): Promise<void> {
  const byMetric = Map.groupBy(samples, (sample) => metricId(sample.metric));
  for (const [id, own] of byMetric) {
    await noteMetric(tx, scope, id, own);
    await addToLevel(tx, { ...scope, metricId: id }, LEVELS.m, own);
    const fine = own.filter((sample) => sample.fine);
    if (fine.length > 0) await addToLevel(tx, { ...scope, metricId: id }, LEVELS.s, fine);
  }
}

async function noteMetric(tx: WriteTx, scope: Scope, id: string, samples: readonly Sample[]): Promise<void> {
  const lastMs = Math.max(...samples.map((sample) => sample.atMs));
  const known = await tx.get(metrics, metricKey(scope, id));
  if (known && known.lastMs >= lastMs - LAST_SEEN_MS) return;
  const [first] = samples;
  if (!first) return;
  const { account, region } = scope;
  await tx.put(metrics, known ? { ...known, lastMs } : { account, region, id, ...first.metric, lastMs });
}

type Owner = Scope & { readonly metricId: string };

async function addToLevel(tx: WriteTx, owner: Owner, level: Level, samples: readonly Sample[]): Promise<void> {
  const byBlock = Map.groupBy(samples, (sample) => blockStartMs(level, sample.atMs));
  for (const [startMs, own] of byBlock) {
    await addToBlock(
      tx,
      { ...ownerOf(owner), level: level.name, startMs },
      own.map(({ atMs, unit, bucket }) => {
        const offset = Math.floor((atMs - startMs) / level.bucketMs);
        return [unit === undefined ? `${offset}` : `${offset}:${unit}`, bucket];
      }),
    );
  }
}

const ownerOf = ({ account, region, metricId: id }: Owner): Owner => ({ account, region, metricId: id });

/** Adds buckets to a block, by offset and unit. */
export async function addToBlock(
  tx: WriteTx,
  block: Omit<BlockRow, 'buckets'>,
  added: readonly (readonly [offset: string, bucket: Bucket])[],
): Promise<void> {
  const row = await tx.get(blocks, blockKey(block));
  const buckets: Record<string, Bucket> = { ...row?.buckets };
  for (const [offset, bucket] of added) {
    const known = buckets[offset];
    buckets[offset] = known ? mergeBuckets(known, bucket) : bucket;
  }
  await tx.put(blocks, row ? { ...row, buckets } : { ...block, buckets });
}

export interface SeriesQuestion {
  readonly metric: Metric;
  /** Inclusive; periods are counted from here. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  readonly periodMs: number;
  /** Left out: all units, apart from each other. */
  readonly unit?: string | undefined;
}

/** The samples of one period in one unit. */
export interface Point {
  readonly atMs: number;
  readonly unit: string;
  readonly bucket: Bucket;
}

/** A metric's samples by period, oldest first; periods without samples are left out. */
export async function readSeries(
  tx: ReadTx,
  scope: Scope,
  question: SeriesQuestion,
  now: number,
): Promise<readonly Point[]> {
  const found = new Map<string, Point>();
  const add = (atMs: number, unit: string, bucket: Bucket) => {
    const { fromMs, periodMs } = question;
    const start = fromMs + Math.floor((atMs - fromMs) / periodMs) * periodMs;
    const key = `${start}:${unit}`;
    const known = found.get(key);
    found.set(key, { atMs: start, unit, bucket: known ? mergeBuckets(known.bucket, bucket) : bucket });
  };
  const fineMinutes = new Set<number>();
  if (question.periodMs < LEVELS.m.bucketMs) {
    for (const sample of await samplesOf(tx, scope, question, LEVELS.s, now)) {
      fineMinutes.add(sample.atMs - (sample.atMs % LEVELS.m.bucketMs));
      add(sample.atMs, sample.unit, sample.bucket);
    }
  }
  for (const level of [LEVELS.m, LEVELS.f, LEVELS.h]) {
    for (const { atMs, unit, bucket } of await samplesOf(tx, scope, question, level, now)) {
      if (!fineMinutes.has(atMs)) add(atMs, unit, bucket);
    }
  }
  return [...found.values()].toSorted((a, b) => a.atMs - b.atMs);
}

async function samplesOf(tx: ReadTx, scope: Scope, question: SeriesQuestion, level: Level, now: number) {
  const { account, region } = scope;
  const id = metricId(question.metric);
  const samples: Point[] = [];
  for (const startMs of blockStarts(level, question, now)) {
    const row = await tx.get(blocks, blockKey({ account, region, metricId: id, level: level.name, startMs }));
    for (const [key, bucket] of Object.entries(row?.buckets ?? {})) {
      const [offset, unit = 'None'] = key.split(':');
      const atMs = startMs + Number(offset) * level.bucketMs;
      const isIn = atMs >= question.fromMs && atMs < question.untilMs;
      if (isIn && (question.unit === undefined || question.unit === unit)) samples.push({ atMs, unit, bucket });
    }
  }
  return samples;
}

/** Whether the metrics of a scope have the namespace, or all of them. */
export function metricsOf(tx: ReadTx, scope: Scope, namespace: string | undefined) {
  return namespace === undefined
    ? tx.list(metrics, { where: ['scope', scopeKey(scope)] })
    : tx.list(metrics, { where: ['namespace', `${scopeKey(scope)}/${namespace}`] });
}
