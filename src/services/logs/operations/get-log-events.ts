import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { ReadTx } from '../../../store/store.ts';
import { BEGINNING, eventToken, parseEventToken, type LogEvent, type Position } from '../domain/event-position.ts';
import { EVENT_OVERHEAD_BYTES } from '../domain/new-batch.ts';
import { expiryMs } from '../domain/retention.ts';
import { badToken, constraint } from '../errors.ts';
import { groupOf, streamOf } from '../lookup.ts';
import { checkStreamName, groupNameOf, requestedStreamArn } from '../names.ts';
import { operation } from '../operation.ts';
import { readBackward, readForward, type Window } from '../stream-reader.ts';
import type { LogStreamRow } from '../tables.ts';

const MAX_EVENTS = 10_000;
const MAX_PAGE_BYTES = 1_048_576;

/**
 * One page in ascending order, whichever way it is read. At either end the token of that direction comes back as it
 * was given. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export const GetLogEvents = operation('GetLogEvents', {
  resources: (input, scope) => [requestedStreamArn(input, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    const groupName = groupNameOf(input);
    const streamName = checkStreamName(input.logStreamName);
    const limit = checkedEventLimit(input.limit);
    const token = input.nextToken === undefined ? undefined : (parseEventToken(input.nextToken) ?? refuseToken());
    return ctx.read(async (tx) => {
      const group = await groupOf(tx, ctx, groupName);
      const stream = await streamOf(tx, ctx, groupName, streamName);
      const isForward = token ? token.direction === 'f' : (input.startFromHead ?? false);
      const window = windowOf(input, expiryMs(group, ctx.now), token?.position);
      return view(await readPage(tx, stream, window, isForward, limit), token?.position);
    });
  },
});

function refuseToken(): never {
  throw badToken();
}

export function checkedEventLimit(limit: number | undefined): number {
  if (limit !== undefined && limit < 1) throw constraint(limit, 'limit', 'have value greater than or equal to 1');
  if (limit !== undefined && limit > MAX_EVENTS) {
    throw constraint(limit, 'limit', `have value less than or equal to ${MAX_EVENTS}`);
  }
  return limit ?? MAX_EVENTS;
}

function windowOf(input: GetLogEventsRequest, expiredMs: number, beyond: Position | undefined): Window {
  return {
    fromMs: Math.max(input.startTime ?? 0, expiredMs),
    untilMs: input.endTime ?? Infinity,
    ...(beyond && { beyond }),
  };
}

async function readPage(
  tx: ReadTx,
  stream: LogStreamRow,
  window: Window,
  isForward: boolean,
  limit: number,
): Promise<readonly LogEvent[]> {
  const page: LogEvent[] = [];
  let bytes = 0;
  for await (const event of (isForward ? readForward : readBackward)(tx, stream, window)) {
    bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
    if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
    page.push(event);
    if (page.length === limit) break;
  }
  return isForward ? page : page.toReversed();
}

function view(page: readonly LogEvent[], asked: Position | undefined): GetLogEventsResponse {
  const first = page[0] ?? asked ?? BEGINNING;
  const last = page.at(-1) ?? asked ?? BEGINNING;
  return {
    events: page.map((event) => ({
      timestamp: event.ms,
      message: event.message,
      ingestionTime: event.ingestedAtMs,
    })),
    nextForwardToken: eventToken('f', last),
    nextBackwardToken: eventToken('b', first),
  };
}
