import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import type { MetricQuery } from './domain/alarm.ts';
import { evaluateExpression, seriesIn, type Series, type Value } from './domain/expression.ts';
import { parseExpression } from './domain/expression-syntax.ts';
import { parseStatistic, statisticOf } from './domain/statistic.ts';
import { invalid } from './errors.ts';
import { readSeries } from './metric-store.ts';

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

/** The answers to some questions: to each of them one series, or several to an expression with a list. */
export interface Answers {
  readonly series: ReadonlyMap<string, readonly Series[]>;
  /** Of the questions that are metrics, how many samples each period has. */
  readonly counts: ReadonlyMap<string, Series>;
}

/** Answers every question that is to be returned. */
export async function answerQueries(
  tx: ReadTx,
  scope: Scope,
  queries: readonly MetricQuery[],
  range: TimeRange,
  now: number,
): Promise<Answers> {
  const metrics = new Map<string, Series>();
  const counts = new Map<string, Series>();
  for (const { id, stat } of queries) {
    if (!stat) continue;
    const read = await readStat(tx, scope, stat, range, now);
    metrics.set(id, read.values);
    counts.set(id, read.counts);
  }
  const known = new Map<string, Value>(metrics);
  const valueOf = (id: string): Value => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const query = queries.find((one) => one.id === id);
    if (query?.expression === undefined) throw invalid(`There is no query ${id}.`);
    const periodMs = periodOf(query, queries);
    const world = { valueOf, metrics: () => [...metrics], times: timesOf(range, periodMs), periodMs };
    const value = evaluateExpression(parseExpression(query.expression), world);
    known.set(id, value);
    return value;
  };
  const returned = queries.filter((query) => query.returnData);
  return { series: new Map(returned.map(({ id, expression }) => [id, returnable(valueOf(id), expression)])), counts };
}

function returnable(value: Value, expression: string | undefined): readonly Series[] {
  if (typeof value === 'number' || typeof value === 'string') {
    throw invalid(`The expression '${expression}' must return a time series: it returns a single value.`);
  }
  return seriesIn(value);
}

/** An expression has the longest period of the metrics beside it, where it was given none. */
export function periodOf(query: MetricQuery, queries: readonly MetricQuery[]): number {
  if (query.stat) return query.stat.periodMs;
  const periods = queries.flatMap(({ stat }) => (stat ? [stat.periodMs] : []));
  return query.periodMs ?? (periods.length > 0 ? Math.max(...periods) : 60_000);
}

function timesOf({ fromMs, untilMs }: TimeRange, periodMs: number): readonly number[] {
  const count = Math.max(0, Math.ceil((untilMs - fromMs) / periodMs));
  return Array.from({ length: Math.min(count, 200_000) }, (_, index) => fromMs + index * periodMs);
}

async function readStat(
  tx: ReadTx,
  scope: Scope,
  stat: NonNullable<MetricQuery['stat']>,
  range: TimeRange,
  now: number,
): Promise<{ values: Series; counts: Series }> {
  const statistic = parseStatistic(stat.statistic);
  const points = await readSeries(tx, scope, { ...range, ...stat }, now);
  const values = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const { atMs, bucket } of points) {
    // Of several units, the first one's samples count.
    if (values.has(atMs)) continue;
    const value = statisticOf(statistic, bucket);
    if (value === undefined) continue;
    values.set(atMs, value);
    counts.set(atMs, bucket.count);
  }
  return { values, counts };
}
