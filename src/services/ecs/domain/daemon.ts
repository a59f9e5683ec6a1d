import type { TaskRow } from '../tables.ts';

/** What the cluster's instances mean to a DAEMON service. */
export interface DaemonObserved {
  /** Instances that should have a task of it, and have none. */
  readonly lacking: number;
  /** ARNs of its tasks on instances that should have none (any more). */
  readonly strays: ReadonlySet<string>;
}

/** One task for each instance that should have one. */
export function daemonCount(tasks: readonly TaskRow[], { lacking, strays }: DaemonObserved): number {
  const instances = tasks
    .filter((task) => task.desiredStatus === 'RUNNING' && !strays.has(task.arn))
    .map((task) => task.containerInstanceArn);
  return new Set(instances).size + lacking;
}
