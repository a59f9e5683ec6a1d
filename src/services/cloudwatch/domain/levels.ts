const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How finely samples are kept, and how long: what is too old is brought together in the next level. */
export interface Level {
  readonly name: 's' | 'm' | 'f' | 'h';
  readonly bucketMs: number;
  /** What one row spans. */
  readonly blockMs: number;
  readonly keptMs: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention */
export const LEVELS: Readonly<Record<Level['name'], Level>> = {
  s: { name: 's', bucketMs: SECOND_MS, blockMs: 2 * MINUTE_MS, keptMs: 3 * HOUR_MS },
  m: { name: 'm', bucketMs: MINUTE_MS, blockMs: HOUR_MS, keptMs: 15 * DAY_MS },
  f: { name: 'f', bucketMs: 5 * MINUTE_MS, blockMs: 12 * HOUR_MS, keptMs: 63 * DAY_MS },
  h: { name: 'h', bucketMs: HOUR_MS, blockMs: 10 * DAY_MS, keptMs: 455 * DAY_MS },
};

/** Where a level's blocks go when they are too old. Seconds have been kept as minutes from the start. */
export const NEXT_LEVEL: Readonly<Partial<Record<Level['name'], Level>>> = { m: LEVELS.f, f: LEVELS.h };

export const blockStartMs = (level: Level, atMs: number) => atMs - (atMs % level.blockMs);

/** Whether no bucket of the block that begins there has to be kept any more. */
export const isPast = (level: Level, startMs: number, now: number) => startMs + level.blockMs < now - level.keptMs;

/** Every block of the level that may hold a part of `[fromMs, untilMs)` now. */
export function blockStarts(level: Level, range: { fromMs: number; untilMs: number }, now: number): readonly number[] {
  // A block goes all at once, so its first bucket is older than what is kept by one block at most, and a pass of retention.
  const oldestMs = blockStartMs(level, Math.max(0, now - level.keptMs - level.blockMs - HOUR_MS));
  const firstMs = Math.max(blockStartMs(level, range.fromMs), oldestMs);
  const starts: number[] = [];
  for (let startMs = firstMs; startMs < range.untilMs; startMs += level.blockMs) starts.push(startMs);
  return starts;
}
