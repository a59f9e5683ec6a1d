import type { LiveTailSessionLogEvent, StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { scopeKey, type Scope } from '../../kernel/arn.ts';
import { sleep, type Clock } from '../../kernel/clock.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx } from '../../store/store.ts';
import type { Matcher } from './domain/filter-pattern.ts';
import { streamsOf } from './lookup.ts';
import { batches, batchKey, type BatchRow, type LogStreamRow } from './tables.ts';

const UPDATE_MS = 1000;
const SESSION_MS = 3 * 3_600_000;
/** An update has no more; what is over is left out, and `sampled` says so. */
const MOST_EVENTS = 500;
/** Of one account and region at once: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const MOST_SESSIONS = 15;
/** Of a stream that is written faster, an update looks at the latest ones. */
const MOST_BATCHES = 200;

export interface LiveTail {
  readonly scope: Scope;
  readonly groupNames: readonly string[];
  readonly wants: (stream: LogStreamRow) => boolean;
  readonly matches: Matcher;
  readonly read: <T>(fn: (tx: ReadTx) => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

/** How many sessions each account and region has of a server (which has one clock), while they are read. */
const open = new WeakMap<Clock, Map<string, number>>();

/** @throws LimitExceededException */
export function checkSessionCount(scope: Scope, clock: Clock): void {
  if ((open.get(clock)?.get(scopeKey(scope)) ?? 0) < MOST_SESSIONS) return;
  throw new ServiceError('LimitExceededException', `An account can have ${MOST_SESSIONS} Live Tail sessions at once.`);
}

function count({ scope, clock }: LiveTail, change: 1 | -1): void {
  const counts = open.get(clock) ?? new Map<string, number>();
  open.set(clock, counts);
  counts.set(scopeKey(scope), (counts.get(scopeKey(scope)) ?? 0) + change);
}

/** Where each stream's events are new, by its id. */
type Positions = Map<string, number>;

/**
 * An update each second with what was ingested since the last one, until three hours are over. All that is ingested
 * after this call has resolved is in one.
 */
export async function openLiveTail(tail: LiveTail): Promise<AsyncGenerator<StartLiveTailResponseStream>> {
  const positions: Positions = new Map();
  await tail.read(async (tx) => {
    for (const stream of await wantedStreams(tx, tail)) positions.set(stream.streamId, stream.nextSequence);
  });
  return updates(tail, positions);
}

async function* updates(tail: LiveTail, positions: Positions): AsyncGenerator<StartLiveTailResponseStream> {
  count(tail, 1);
  try {
    yield* updatesUntilTheEnd(tail, positions);
  } finally {
    count(tail, -1);
  }
}

async function* updatesUntilTheEnd(tail: LiveTail, positions: Positions): AsyncGenerator<StartLiveTailResponseStream> {
  const untilMs = tail.clock.now() + SESSION_MS;
  while (tail.clock.now() < untilMs) {
    await sleep(tail.clock, UPDATE_MS);
    const events = await tail.read((tx) => newEvents(tx, tail, positions));
    yield {
      sessionUpdate: {
        sessionMetadata: { sampled: events.length > MOST_EVENTS },
        sessionResults: sample(events),
      },
    };
  }
  throw new ServiceError('SessionTimeoutException', 'The Live Tail session has reached its maximum length of 3 hours.');
}

async function wantedStreams(tx: ReadTx, { scope, groupNames, wants }: LiveTail): Promise<LogStreamRow[]> {
  const streams = await Promise.all(groupNames.map((name) => streamsOf(tx, scope, name)));
  return streams.flat().filter(wants);
}

/** In order of time, and moves the positions on. */
async function newEvents(tx: ReadTx, tail: LiveTail, positions: Positions): Promise<LiveTailSessionLogEvent[]> {
  const found: LiveTailSessionLogEvent[] = [];
  for (const stream of await wantedStreams(tx, tail)) {
    const from = positions.get(stream.streamId) ?? 0;
    positions.set(stream.streamId, stream.nextSequence);
    const start = Math.max(from, stream.firstSequence, stream.nextSequence - MOST_BATCHES);
    if (start >= stream.nextSequence) continue;
    const rows = await tx.list(batches, {
      prefix: `${stream.streamId}:`,
      ...(start > 0 && { after: batchKey(stream.streamId, start - 1) }),
      limit: stream.nextSequence - start,
    });
    // Batch by batch: all of them may be more events than a call takes arguments.
    for (const row of rows) found.push(...eventsOf(row, stream, tail.matches));
  }
  return found.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
}

function eventsOf(batch: BatchRow, stream: LogStreamRow, matches: Matcher): LiveTailSessionLogEvent[] {
  return batch.events
    .filter(([, message]) => matches(message))
    .map(([timestamp, message]) => ({
      logStreamName: stream.name,
      logGroupIdentifier: `${stream.account}:${stream.groupName}`,
      message,
      timestamp,
      ingestionTime: batch.ingestedAtMs,
    }));
}

/** Spread over all of them. */
function sample(events: readonly LiveTailSessionLogEvent[]): LiveTailSessionLogEvent[] {
  if (events.length <= MOST_EVENTS) return [...events];
  return events.filter(
    (_, at) => Math.floor((at * MOST_EVENTS) / events.length) !== Math.floor(((at - 1) * MOST_EVENTS) / events.length),
  );
}
