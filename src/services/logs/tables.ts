import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export interface LogGroupRow extends Scope {
  readonly name: string;
  readonly createdAtMs: number;
  /** Kept for ever without. */
  readonly retentionInDays?: number;
  readonly tags: Tags;
  readonly isProtected?: true;
}

export interface LogStreamRow extends Scope {
  readonly groupName: string;
  readonly name: string;
  /** Its batches hang on this, so that a stream made again under an old name does not meet the old one's. */
  readonly streamId: string;
  readonly createdAtMs: number;
  /** The sequence of the oldest batch that is kept, and of the next to come. Between them there are no gaps. */
  readonly firstSequence: number;
  readonly nextSequence: number;
  /** The latest event of the oldest batch: once it has expired, so has the batch. */
  readonly oldestBatchLastMs?: number;
  /** Once some have expired, of the oldest batch: a later one may begin earlier, by `disorderMs` at most. */
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
  readonly lastIngestionMs?: number;
  /** How far a batch's first event lay before the latest one then stored; 0 in a stream written in order. */
  readonly disorderMs: number;
  readonly bytes: number;
}

/** All events of one PutLogEvents: one call is one durable write. */
export interface BatchRow {
  readonly streamId: string;
  readonly sequence: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The latest event of all batches before this one; -1 for none. Never falls, so batches can be searched by it. */
  readonly latestBeforeMs: number;
  readonly ingestedAtMs: number;
  readonly bytes: number;
  /** `[timestamp, message]` in order of time. */
  readonly events: readonly (readonly [timestampMs: number, message: string])[];
}

/** A stream whose batches are still to be removed. */
export interface DeletedStreamRow {
  readonly streamId: string;
}

const SEQUENCE_DIGITS = 14;

/** `:` stands in no name. */
export const groupKey = (scope: Scope, groupName: string) => `${scopeKey(scope)}:${groupName}`;
export const streamKey = (scope: Scope, groupName: string, name: string) => `${groupKey(scope, groupName)}:${name}`;
export const batchKey = (streamId: string, sequence: number) =>
  `${streamId}:${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;

export const logGroups = table<LogGroupRow>('logs.groups', (row) => groupKey(row, row.name));

export const logStreams = table<LogStreamRow>('logs.streams', (row) => streamKey(row, row.groupName, row.name));

export const batches = table<BatchRow>('logs.batches', (row) => batchKey(row.streamId, row.sequence));

export const deletedStreams = table<DeletedStreamRow>('logs.deleted-streams', (row) => row.streamId);

/** The latest event of the batch and all before it. */
export const latestMs = (batch: BatchRow) => Math.max(batch.latestBeforeMs, batch.lastMs);
