import { scopeKey, type Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';
import type { BuiltEvent } from './domain/event.ts';

/**
 * Rows of the store `ports.events`. An event is not a row of its own: some fifty that came one after another are one,
 * since index entries and commits cost far more than JSON. Keys ascend in a store and readers want the newest first, so
 * the time in a key counts down. Trails read by batch, in the order in which events came, whatever the clock did.
 */
export interface ChunkRow extends Scope {
  readonly key: string;
  /** The commit that moved it out of the journal: 1, 2, ... */
  readonly batch: number;
  /** Oldest first; one at least, and over `MOST_SPAN_MS` at most. */
  readonly events: readonly StoredEvent[];
}

export interface StoredEvent extends BuiltEvent {
  /** ms since the epoch */
  readonly timeMs: number;
}

/** How far the journal has been moved: one row. */
export interface JournalRow {
  readonly lastBatch: number;
  /** `ACCOUNT/REGION` of every scope that has had events. */
  readonly scopes: readonly string[];
}

export const JOURNAL_KEY = 'journal';
export const MOST_SPAN_MS = 60_000;

const LAST_MS = 9_999_999_999_999;
const MS_DIGITS = 13;

/** Chunks of a scope (`ACCOUNT/REGION`) whose latest event is not younger than `timeMs` have keys greater than this. */
export function keyAt(scope: string, timeMs: number): string {
  return `${scope}/${String(LAST_MS - timeMs).padStart(MS_DIGITS, '0')}`;
}

/** The same for the same events, so that moving them twice makes them no second time. */
export function chunkKey(scope: Scope, events: readonly StoredEvent[]): string {
  const lastMs = Math.max(...events.map((one) => one.timeMs));
  return `${keyAt(scopeKey(scope), lastMs)}-${events[0]?.event.eventID}`;
}

/** The latest event of the chunk with this key. */
export function lastMsOf(key: string): number {
  return LAST_MS - Number(key.split('/')[2]?.slice(0, MS_DIGITS));
}

export const batchIndex = (batch: number): string => String(batch);

/** The value of the index `attribute` under which LookupEvents finds a scope's chunks. EventIds hold their time instead. */
export function attributeIndex(scope: Scope, attribute: string, value: string): string {
  return `${scopeKey(scope)} ${attribute}=${value}`;
}

/** What LookupEvents can ask for, as `Attribute=value`. A resource's ARN is found under its name. */
function attributesOf({ event, username, resources }: StoredEvent): readonly (readonly [string, string])[] {
  const accessKeyId = event.userIdentity['accessKeyId'];
  return [
    ['EventName', event.eventName],
    ['EventSource', event.eventSource],
    ['ReadOnly', String(event.readOnly)],
    ...(username === undefined ? [] : [['Username', username] as const]),
    ...(typeof accessKeyId === 'string' ? [['AccessKeyId', accessKeyId] as const] : []),
    ...resources.flatMap(({ type, name }) => [['ResourceType', type] as const, ['ResourceName', name] as const]),
  ];
}

export const chunks = table<ChunkRow>('cloudtrail.event-chunks', (row) => row.key, {
  attribute: (row) => [
    ...new Set(row.events.flatMap(attributesOf).map(([attribute, value]) => attributeIndex(row, attribute, value))),
  ],
  batch: (row) => batchIndex(row.batch),
});

export const journals = table<JournalRow>('cloudtrail.journal', () => JOURNAL_KEY);
