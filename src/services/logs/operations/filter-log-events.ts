import type { FilterLogEventsRequest } from '@aws-sdk/client-cloudwatch-logs';
import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';
import { comparePositions, eventId, type LogEvent, type Position } from '../domain/event-position.ts';
import type { Matcher } from '../domain/filter-pattern.ts';
import { parseFilterPattern } from '../domain/filter-pattern-parser.ts';
import { EVENT_OVERHEAD_BYTES } from '../domain/new-batch.ts';
import { expiryMs } from '../domain/retention.ts';
import { badToken, invalid } from '../errors.ts';
import { groupOf, streamOf, streamsOf } from '../lookup.ts';
import { checkStreamName, groupNameOf, requestedGroupArn } from '../names.ts';
import { operation } from '../operation.ts';
import { readBackward, readForward } from '../stream-reader.ts';
import type { LogStreamRow } from '../tables.ts';
import { checkedEventLimit } from './get-log-events.ts';

const MAX_PAGE_BYTES = 1_048_576;
/** A page ends after this many events were looked at, matching or not, so that no call reads a whole group. */
const MAX_SCANNED = 100_000;

/**
 * Events of a group's streams, merged by time.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export const FilterLogEvents = operation('FilterLogEvents', {
  resources: (input, scope) => [requestedGroupArn(input, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    const groupName = groupNameOf(input);
    const { limit, matcher } = checkedRequest(input);
    const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
    const isForward = token?.isForward ?? input.startFromHead ?? true;
    return ctx.read(async (tx) => {
      const group = await groupOf(tx, ctx, groupName);
      const streams = input.logStreamNames?.length
        ? await Promise.all(input.logStreamNames.map((name) => streamOf(tx, ctx, groupName, checkStreamName(name))))
        : await streamsOf(tx, ctx, groupName, input.logStreamNamePrefix);
      const fromMs = Math.max(input.startTime ?? 0, expiryMs(group, ctx.now));
      // The end is inclusive here, other than in GetLogEvents.
      const untilMs = input.endTime === undefined ? Infinity : input.endTime + 1;
      const sources = streams
        .filter((stream) => (stream.lastEventMs ?? -1) >= fromMs && beginMs(stream) < untilMs)
        .map((stream) => {
          const beyond = token && beyondIn(stream, token);
          const window = { fromMs, untilMs, ...(beyond && { beyond }) };
          return { stream, events: (isForward ? readForward : readBackward)(tx, stream, window) };
        });
      return collect(merge(sources, isForward), { limit, matcher, isForward });
    });
  },
});

/** No event of the stream is earlier: one may have arrived late. */
function beginMs({ firstEventMs = 0, disorderMs }: LogStreamRow): number {
  return firstEventMs - disorderMs;
}

interface Found {
  readonly stream: LogStreamRow;
  readonly event: LogEvent;
}

interface Token {
  readonly isForward: boolean;
  readonly position: Position;
  readonly streamName: string;
}

function checkedRequest(input: FilterLogEventsRequest): { limit: number; matcher: Matcher } {
  if (input.logStreamNames?.length && input.logStreamNamePrefix !== undefined) {
    throw invalid('LogStream names and LogStream name prefix are mutually exclusive parameters.');
  }
  if ((input.logStreamNames?.length ?? 0) > 100) throw invalid('At most 100 log stream names can be given.');
  const parsed = parseFilterPattern(input.filterPattern ?? '');
  if ('problem' in parsed) throw invalid(parsed.problem);
  return { limit: checkedEventLimit(input.limit), matcher: parsed.matches };
}

/** The streams' events as one, by time and then by stream; `sources` give theirs in the same direction. */
async function* merge(
  sources: readonly { stream: LogStreamRow; events: AsyncGenerator<LogEvent> }[],
  isForward: boolean,
): AsyncGenerator<Found> {
  const heads: { stream: LogStreamRow; events: AsyncGenerator<LogEvent>; event: LogEvent }[] = [];
  for (const source of sources) {
    const { value } = await source.events.next();
    if (value) heads.push({ ...source, event: value });
  }
  while (heads.length > 0) {
    const next = heads.reduce((best, head) => (compareFound(head, best) < 0 === isForward ? head : best));
    yield { stream: next.stream, event: next.event };
    const { value } = await next.events.next();
    if (value) next.event = value;
    else heads.splice(heads.indexOf(next), 1);
  }
}

function compareFound(a: Found, b: Found): number {
  if (a.event.ms !== b.event.ms) return a.event.ms - b.event.ms;
  if (a.stream.name !== b.stream.name) return a.stream.name < b.stream.name ? -1 : 1;
  return comparePositions(a.event, b.event);
}

async function collect(found: AsyncGenerator<Found>, options: { limit: number; matcher: Matcher; isForward: boolean }) {
  const page: Found[] = [];
  let bytes = 0;
  let scanned = 0;
  let last: Found | undefined;
  for await (const each of found) {
    const matching = options.matcher(each.event.message);
    if (matching) bytes += Buffer.byteLength(each.event.message) + EVENT_OVERHEAD_BYTES;
    const isFull = page.length === options.limit || (page.length > 0 && bytes > MAX_PAGE_BYTES);
    if ((isFull && matching) || scanned === MAX_SCANNED) {
      return { ...pageView(page), nextToken: last && tokenOf(last, options.isForward) };
    }
    if (matching) page.push(each);
    last = each;
    scanned += 1;
  }
  return pageView(page);
}

function pageView(page: readonly Found[]) {
  return {
    events: page.map(({ stream, event }) => ({
      logStreamName: stream.name,
      timestamp: event.ms,
      message: event.message,
      ingestionTime: event.ingestedAtMs,
      eventId: eventId(event, stream.streamId),
    })),
    searchedLogStreams: [],
  };
}

function tokenOf({ stream, event }: Found, isForward: boolean): string {
  return encodePageToken(JSON.stringify([isForward ? 'f' : 'b', event.ms, event.sequence, event.index, stream.name]));
}

function parseToken(token: string): Token {
  const match = /^\["([fb])",(\d+),(\d+),(\d+),(".*")\]$/.exec(decodePageToken(token) ?? '');
  if (!match) throw badToken();
  return {
    isForward: match[1] === 'f',
    position: { ms: Number(match[2]), sequence: Number(match[3]), index: Number(match[4]) },
    streamName: String(JSON.parse(match[5] ?? '""')),
  };
}

/** Where a stream goes on: streams that come before the token's in order have given out all events of its time. */
function beyondIn(stream: LogStreamRow, token: Token): Position {
  const { position, isForward } = token;
  if (stream.name === token.streamName) return position;
  const isPast = stream.name < token.streamName === isForward;
  const edge = isPast === isForward ? Number.MAX_SAFE_INTEGER : -1;
  return { ms: position.ms, sequence: edge, index: edge };
}
