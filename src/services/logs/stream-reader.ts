import type { ReadTx } from '../../store/store.ts';
import { comparePositions, type LogEvent, type Position } from './domain/event-position.ts';
import { batches, batchKey, latestMs, type BatchRow, type LogStreamRow } from './tables.ts';

/** Which events of a stream are wanted. */
export interface Window {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** Only events after it (forward) or before it (backward). */
  readonly beyond?: Position;
}

const MOST_BATCHES_AT_ONCE = 8;

/**
 * A stream's events in ascending order of position, read batch by batch, never more than is taken (and a few batches).
 *
 * Batches come in order of arrival, and may overlap in time. After a batch, no later event is older than the latest
 * so far by more than the stream's `disorderMs`; all up to there can be given out.
 */
export async function* readForward(tx: ReadTx, stream: LogStreamRow, window: Window): AsyncGenerator<LogEvent> {
  const startMs = Math.max(window.fromMs, window.beyond?.ms ?? 0);
  let sequence = await firstWhere(tx, stream, (batch) => latestMs(batch) >= startMs);
  let held: LogEvent[] = [];
  for (let count = 1; sequence < stream.nextSequence; count = Math.min(count * 2, MOST_BATCHES_AT_ONCE)) {
    for (const batch of await readBatches(tx, stream, sequence, count)) {
      sequence = batch.sequence + 1;
      held.push(...eventsOf(batch).filter((event) => isWanted(event, window, 1)));
      const safeMs = sequence === stream.nextSequence ? Infinity : latestMs(batch) - stream.disorderMs;
      const ready = held.filter((event) => event.ms <= safeMs).toSorted(comparePositions);
      held = held.filter((event) => event.ms > safeMs);
      yield* ready;
      if (safeMs >= window.untilMs) return;
    }
  }
}

/** The same from the end: in descending order. Each batch knows the latest event before it. */
export async function* readBackward(tx: ReadTx, stream: LogStreamRow, window: Window): AsyncGenerator<LogEvent> {
  const startMs = Math.min(window.untilMs, window.beyond?.ms ?? Infinity);
  // The first batch that, with all after it, lies past the window.
  let end =
    startMs >= (stream.lastEventMs ?? 0)
      ? stream.nextSequence
      : await firstWhere(tx, stream, (batch) => batch.latestBeforeMs - stream.disorderMs > startMs);
  let held: LogEvent[] = [];
  for (let count = 1; end > stream.firstSequence; count = Math.min(count * 2, MOST_BATCHES_AT_ONCE)) {
    const start = Math.max(stream.firstSequence, end - count);
    for (const batch of (await readBatches(tx, stream, start, end - start)).toReversed()) {
      end = batch.sequence;
      held.push(...eventsOf(batch).filter((event) => isWanted(event, window, -1)));
      const safeMs = end === stream.firstSequence ? -Infinity : batch.latestBeforeMs;
      const ready = held.filter((event) => event.ms >= safeMs).toSorted((a, b) => comparePositions(b, a));
      held = held.filter((event) => event.ms < safeMs);
      yield* ready;
      if (safeMs < window.fromMs) return;
    }
  }
}

function isWanted(event: LogEvent, window: Window, direction: 1 | -1): boolean {
  if (event.ms < window.fromMs || event.ms >= window.untilMs) return false;
  return window.beyond === undefined || comparePositions(event, window.beyond) * direction > 0;
}

function eventsOf(batch: BatchRow): LogEvent[] {
  const { sequence, ingestedAtMs } = batch;
  return batch.events.map(([ms, message], index) => ({ ms, sequence, index, message, ingestedAtMs }));
}

function readBatches(tx: ReadTx, stream: LogStreamRow, start: number, count: number): Promise<BatchRow[]> {
  return tx.list(batches, {
    prefix: `${stream.streamId}:`,
    ...(start > 0 && { after: batchKey(stream.streamId, start - 1) }),
    limit: Math.min(count, stream.nextSequence - start),
  });
}

/** The first sequence whose batch holds, by halves: `holds` must never turn false again. */
async function firstWhere(tx: ReadTx, stream: LogStreamRow, holds: (batch: BatchRow) => boolean): Promise<number> {
  let low = stream.firstSequence;
  let high = stream.nextSequence;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const batch = await tx.get(batches, batchKey(stream.streamId, middle));
    if (batch && !holds(batch)) low = middle + 1;
    else high = middle;
  }
  return low;
}
