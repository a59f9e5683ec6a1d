import type { StoredEvent } from '../event-tables.ts';

/** What one PutLogEvents takes: in order of time. */
export type LogBatch = readonly { readonly timestamp: number; readonly message: string }[];

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const MOST_SPAN_MS = 23 * 60 * 60_000;
/** CloudTrail leaves out of a log group what it would not take. */
const MOST_EVENT_BYTES = 256 * 1024 - EVENT_OVERHEAD_BYTES;

export function logBatches(events: readonly StoredEvent[]): readonly LogBatch[] {
  const batches: { timestamp: number; message: string }[][] = [];
  let bytes = 0;
  for (const { timeMs, event } of events.toSorted((a, b) => a.timeMs - b.timeMs)) {
    const message = JSON.stringify(event);
    const size = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    if (size > MOST_EVENT_BYTES) continue;
    const current = batches.at(-1);
    const fits =
      current !== undefined &&
      current.length < MOST_EVENTS &&
      bytes + size <= MOST_BYTES &&
      timeMs - (current[0]?.timestamp ?? timeMs) <= MOST_SPAN_MS;
    bytes = fits ? bytes + size : size;
    if (fits) current.push({ timestamp: timeMs, message });
    else batches.push([{ timestamp: timeMs, message }]);
  }
  return batches;
}
