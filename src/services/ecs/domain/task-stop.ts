import type { TaskRow } from '../tables.ts';

/** A task that is asked to stop: only the wish and its reason; the states follow as the task is taken down. */
export function stopTask(
  task: TaskRow,
  stopCode: NonNullable<TaskRow['stopCode']>,
  reason: string,
  now: number,
): TaskRow {
  if (task.desiredStatus === 'STOPPED') return task;
  return {
    ...task,
    desiredStatus: 'STOPPED',
    stopCode,
    stoppedReason: reason,
    stoppingAtMs: now,
    version: task.version + 1,
  };
}
