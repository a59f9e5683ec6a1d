import type { ReadTx } from '../../../store/store.ts';
import { isProtected } from '../domain/scale-in.ts';
import type { TaskStop } from '../domain/service-action.ts';
import { tasks } from '../tables.ts';

/** The stops that still hold: a task may have been protected since they were planned. */
export async function standingStops(tx: ReadTx, stops: readonly TaskStop[], now: number): Promise<TaskStop[]> {
  const standing: TaskStop[] = [];
  for (const stop of stops) {
    const task = stop.sparesProtected && (await tx.get(tasks, stop.taskArn));
    if (!task || !isProtected(task, now)) standing.push(stop);
  }
  return standing;
}
