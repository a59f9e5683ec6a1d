import type { Stored, WriteTx } from '../../store/store.ts';
import { dueAt } from './domain/recurrence.ts';
import { scheduledActions, type ScheduledRow } from './tables.ts';

/** The actions whose time has come, in its order: it will not come for them again. */
export async function takeDue(
  tx: WriteTx,
  scheduled: readonly Stored<ScheduledRow>[],
  now: number,
): Promise<readonly ScheduledRow[]> {
  const due = scheduled
    .map((row) => ({ row, atMs: dueAt(row) ?? Infinity }))
    .filter(({ atMs }) => atMs <= now)
    .toSorted((a, b) => a.atMs - b.atMs);
  for (const { row } of due) {
    const next = { ...row, doneUntilMs: now };
    // What will not come again is forgotten.
    if (dueAt(next) === undefined) await tx.delete(scheduledActions, scheduledActions.key(row));
    else await tx.put(scheduledActions, next);
  }
  return due.map(({ row }) => row);
}
