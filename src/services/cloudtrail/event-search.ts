import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { arnResource } from './domain/resources.ts';
import {
  attributeIndex,
  chunks,
  keyAt,
  lastMsOf,
  MOST_SPAN_MS,
  type ChunkRow,
  type StoredEvent,
} from './event-tables.ts';

export interface EventQuery {
  readonly scope: Scope;
  /** Both inclusive, in ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly attribute?: { readonly key: string; readonly value: string };
  readonly limit: number;
  /** The last event that the page before had. */
  readonly after?: EventPosition;
}

export interface EventPosition {
  readonly chunk: string;
  /** Its place in the chunk. */
  readonly at: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Left out on the last page. */
  readonly next?: EventPosition;
}

const CHUNKS_AT_ONCE = 5;

/** A scope's events, newest first. It reads little more than it answers. */
export function searchEvents(store: Store, query: EventQuery): Promise<EventPage> {
  return store.read(async (tx) => {
    const events: StoredEvent[] = [];
    let last: EventPosition | undefined;
    for await (const chunk of chunksOf(tx, query)) {
      const start = chunk.key === query.after?.chunk ? query.after.at : chunk.events.length;
      for (let at = start - 1; at >= 0; at--) {
        const event = chunk.events[at];
        if (!event || !matches(event, query)) continue;
        if (events.length === query.limit && last) return { events, next: last };
        events.push(event);
        last = { chunk: chunk.key, at };
      }
    }
    return { events };
  });
}

async function* chunksOf(tx: ReadTx, query: EventQuery): AsyncGenerator<ChunkRow> {
  const scope = scopeKey(query.scope);
  // The latest event of a chunk may be younger than the range, and its oldest still in it.
  let after = query.after?.chunk ?? keyAt(scope, query.toMs + MOST_SPAN_MS);
  const current = query.after && (await tx.get(chunks, query.after.chunk));
  if (current) yield current;
  const where = indexOf(query);
  for (;;) {
    const some = await tx.list(chunks, { prefix: `${scope}/`, after, limit: CHUNKS_AT_ONCE, ...(where && { where }) });
    for (const chunk of some) {
      if (lastMsOf(chunk.key) < query.fromMs) return;
      yield chunk;
    }
    if (some.length < CHUNKS_AT_ONCE) return;
    after = some.at(-1)?.key ?? after;
  }
}

/** Ids are not indexed: they tell their time, so the range of the query is a millisecond. */
function indexOf({ scope, attribute }: EventQuery): readonly [index: string, value: string] | undefined {
  if (!attribute || attribute.key === 'EventId') return undefined;
  const { key, value } = attribute;
  const name = key === 'ResourceName' ? (arnResource(value)?.name ?? value) : value;
  return ['attribute', attributeIndex(scope, key, name)];
}

function matches(stored: StoredEvent, { fromMs, toMs, attribute }: EventQuery): boolean {
  const { timeMs, event, username, resources } = stored;
  if (timeMs < fromMs || timeMs > toMs) return false;
  const value = attribute?.value;
  switch (attribute?.key) {
    case undefined:
      return true;
    case 'EventId':
      return event.eventID === value;
    case 'EventName':
      return event.eventName === value;
    case 'EventSource':
      return event.eventSource === value;
    case 'ReadOnly':
      return String(event.readOnly) === value;
    case 'Username':
      return username === value;
    case 'AccessKeyId':
      return event.userIdentity['accessKeyId'] === value;
    case 'ResourceType':
      return resources.some((resource) => resource.type === value);
    case 'ResourceName':
      return resources.some((resource) => resource.name === value || resource.arn === value);
    default:
      return false;
  }
}
