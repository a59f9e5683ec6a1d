import type { ReplicationBackfillProgress } from '@aws-sdk/client-ecr';
import type { BackfillRow } from '../tables.ts';

const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
const JUDGED_FROM = 100;
const TOO_MANY_FAILED = 'TooManyReplicationFailures';

/** What has come of one replication. */
export type Outcome = { readonly status: 'COMPLETE' } | { readonly status: 'FAILED'; readonly failureCode: string };

/** How many replications were tried: the sequence of the next. */
export function triedOf({ completed, failed }: BackfillRow): number {
  return completed + failed;
}

export function isUnderWay({ status }: BackfillRow): boolean {
  return status === 'PREPARING' || status === 'IN_PROGRESS';
}

/** From when on a backfill is shown no more; undefined while it is under way. */
export function forgottenAt({ endedAtMs }: BackfillRow): number | undefined {
  return endedAtMs === undefined ? undefined : endedAtMs + KEPT_MS;
}

/**
 * After one more replication. It ends with the last one, or when half of them or more have failed, which is judged once
 * a hundred were tried. https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
 */
export function advance<R extends BackfillRow>(row: R, outcome: Outcome, now: number): R {
  const next =
    outcome.status === 'COMPLETE'
      ? { ...row, completed: row.completed + 1 }
      : {
          ...row,
          failed: row.failed + 1,
          failureCodes: [...new Set([...row.failureCodes, outcome.failureCode])],
        };
  const tried = triedOf(next);
  if (tried >= JUDGED_FROM && next.failed * 2 >= tried) {
    return { ...next, status: 'FAILED', failureCode: TOO_MANY_FAILED, endedAtMs: now };
  }
  return tried < next.total ? next : { ...next, status: 'COMPLETE', endedAtMs: now };
}

/** Undefined until all images to replicate are known, and where it was stopped before. */
export function progressOf(row: BackfillRow): ReplicationBackfillProgress | undefined {
  if (row.preparedTo) return undefined;
  return {
    totalReplicationCount: row.total,
    completedReplicationCount: row.completed,
    failedReplicationCount: row.failed,
    failureCodes: [...row.failureCodes],
  };
}
