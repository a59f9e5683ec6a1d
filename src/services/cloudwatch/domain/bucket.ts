/** All samples of one metric in one stretch of time and one unit. */
export interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /**
   * How often each value came, `[value, count, value, count, ...]` in ascending order, for percentiles. Left out where
   * all samples are one value, and where single values are not known (statistic sets): then no percentile is known.
   */
  readonly values?: readonly number[];
}

/** How many distinct values a bucket keeps; more are brought together, at first within 1 percent of each other. */
const MAX_DISTINCT = 64;

/** What is known of a bucket's single values, as pairs; undefined for none. */
function valuesOf(bucket: Bucket): readonly number[] | undefined {
  return bucket.min === bucket.max ? [bucket.min, bucket.count] : bucket.values;
}

/** Samples that came one by one, or several times each. */
export function bucketOfValues(values: readonly number[], counts: readonly number[]): Bucket {
  const pairs = values.map((value, index) => [value, counts[index] ?? 1] as const).filter(([, count]) => count > 0);
  const known = compact(pairs.flat());
  return {
    count: pairs.reduce((all, [, count]) => all + count, 0),
    sum: pairs.reduce((all, [value, count]) => all + value * count, 0),
    min: Math.min(...pairs.map(([value]) => value)),
    max: Math.max(...pairs.map(([value]) => value)),
    ...(known.length > 2 && { values: known }),
  };
}

export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  const [left, right] = [valuesOf(a), valuesOf(b)];
  const values = left && right && compact([...left, ...right]);
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    ...(values && values.length > 2 && { values }),
  };
}

/** Sorted pairs with each value once, and not more of them than a bucket keeps. */
function compact(flat: readonly number[]): readonly number[] {
  let pairs = joined(flat, (value) => value);
  for (let width = 1.01; pairs.length > 2 * MAX_DISTINCT; width = width ** 2) {
    pairs = joined(pairs, (value) => representative(value, width));
  }
  return pairs;
}

/** The value that stands for all within the same factor `width`. */
function representative(value: number, width: number): number {
  if (value === 0) return 0;
  const step = Math.floor(Math.log(Math.abs(value)) / Math.log(width));
  return Math.sign(value) * width ** (step + 0.5);
}

function joined(flat: readonly number[], key: (value: number) => number): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = key(flat[i] ?? 0);
    counts.set(value, (counts.get(value) ?? 0) + (flat[i + 1] ?? 0));
  }
  return [...counts].toSorted(([a], [b]) => a - b).flat();
}

/**
 * The value that `percent` of all samples lie at or below, between the two nearest samples in proportion; undefined
 * where single values are not known.
 */
export function percentile(bucket: Bucket, percent: number): number | undefined {
  const values = valuesOf(bucket);
  if (!values || bucket.count <= 0) return undefined;
  const rank = (percent / 100) * (bucket.count - 1);
  const low = sampleAt(values, Math.floor(rank));
  const high = sampleAt(values, Math.ceil(rank));
  const between = low + (high - low) * (rank - Math.floor(rank));
  return Math.min(bucket.max, Math.max(bucket.min, between));
}

function sampleAt(values: readonly number[], rank: number): number {
  let seen = 0;
  for (let i = 0; i + 1 < values.length; i += 2) {
    seen += values[i + 1] ?? 0;
    if (rank < seen) return values[i] ?? 0;
  }
  return values.at(-2) ?? 0;
}
