import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import { latestMs, type BatchRow, type LogStreamRow } from '../tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
/** What AWS counts for each event besides its message. */
export const EVENT_OVERHEAD_BYTES = 26;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;

export type BatchCheck =
  | { readonly problem: string }
  | { readonly accepted: readonly AcceptedEvent[]; readonly rejected?: RejectedLogEventsInfo };

export interface AcceptedEvent {
  readonly ms: number;
  readonly message: string;
}

/** The rules of https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html. Pure. */
export function checkBatch(
  input: readonly InputLogEvent[],
  now: number,
  retentionInDays: number | undefined,
): BatchCheck {
  const problem = lengthProblem(input);
  if (problem) return { problem };
  const events = input.map((event) => ({ ms: event.timestamp ?? -1, message: event.message ?? '' }));
  const firstMs = events[0]?.ms ?? 0;
  const lastMs = events.at(-1)?.ms ?? 0;
  if (events.some((event, at) => at > 0 && event.ms < (events[at - 1]?.ms ?? 0))) {
    return { problem: 'Log events in a single PutLogEvents request must be in chronological order.' };
  }
  if (lastMs - firstMs > DAY_MS) {
    return { problem: 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.' };
  }
  const tooOldEnd = countWhile(events, (event) => event.ms < now - OLDEST_MS);
  const expiredEnd =
    retentionInDays === undefined ? 0 : countWhile(events, (event) => event.ms < now - retentionInDays * DAY_MS);
  const tooNewStart = countWhile(events, (event) => event.ms <= now + NEWEST_MS);
  const rejected = {
    ...(tooNewStart < events.length && { tooNewLogEventStartIndex: tooNewStart }),
    ...(tooOldEnd > 0 && { tooOldLogEventEndIndex: tooOldEnd }),
    ...(expiredEnd > 0 && { expiredLogEventEndIndex: expiredEnd }),
  };
  return {
    accepted: events.slice(Math.max(tooOldEnd, expiredEnd), tooNewStart),
    ...(Object.keys(rejected).length > 0 && { rejected }),
  };
}

function lengthProblem(input: readonly InputLogEvent[]): string | undefined {
  if (input.length === 0) return violates('[]', 'logEvents', 'have length greater than or equal to 1');
  if (input.length > MAX_EVENTS) {
    return violates(`${input.length} events`, 'logEvents', `have length less than or equal to ${MAX_EVENTS}`);
  }
  for (const [at, event] of input.entries()) {
    const member = `logEvents.${at + 1}.member`;
    if (!event.message) return violates('', `${member}.message`, 'have length greater than or equal to 1');
    if (!Number.isInteger(event.timestamp) || (event.timestamp ?? -1) < 0) {
      return violates(event.timestamp, `${member}.timestamp`, 'have value greater than or equal to 0');
    }
  }
  const bytes = sizeOf(input.map((event) => event.message ?? ''));
  return bytes > MAX_BATCH_BYTES ? `Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}` : undefined;
}

/** The batch's row, and the stream's row after it. `events` must not be empty. */
export function appendBatch(
  stream: LogStreamRow,
  events: readonly AcceptedEvent[],
  now: number,
): { readonly batch: BatchRow; readonly stream: LogStreamRow } {
  const batch: BatchRow = {
    streamId: stream.streamId,
    sequence: stream.nextSequence,
    firstMs: events[0]?.ms ?? 0,
    lastMs: events.at(-1)?.ms ?? 0,
    latestBeforeMs: stream.lastEventMs ?? -1,
    ingestedAtMs: now,
    bytes: sizeOf(events.map((event) => event.message)),
    events: events.map((event) => [event.ms, event.message] as const),
  };
  return {
    batch,
    stream: {
      ...stream,
      nextSequence: batch.sequence + 1,
      oldestBatchLastMs: stream.oldestBatchLastMs ?? latestMs(batch),
      firstEventMs: Math.min(stream.firstEventMs ?? batch.firstMs, batch.firstMs),
      lastEventMs: latestMs(batch),
      lastIngestionMs: now,
      disorderMs: Math.max(stream.disorderMs, batch.latestBeforeMs - batch.firstMs),
      bytes: stream.bytes + batch.bytes,
    },
  };
}

function sizeOf(messages: readonly string[]): number {
  return messages.reduce((sum, message) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
}

function countWhile<T>(items: readonly T[], holds: (item: T) => boolean): number {
  const end = items.findIndex((item) => !holds(item));
  return end < 0 ? items.length : end;
}

/** As AWS words what its model forbids. */
function violates(value: unknown, member: string, rule: string): string {
  return `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`;
}
