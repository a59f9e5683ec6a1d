/** One thing to do for a task. Each is idempotent; the same one is not begun again while it goes on. */
export type TaskAction =
  /** The task's own control group, with its limits. */
  | { readonly do: 'ensure-cgroup' }
  /** Secrets and environment files of every container that has some. */
  | { readonly do: 'resolve-secrets' }
  | { readonly do: 'create-volume'; readonly volume: string }
  | { readonly do: 'create-pause' }
  | { readonly do: 'start-pause'; readonly id: string }
  | { readonly do: 'plug'; readonly pid: number }
  | { readonly do: 'open-logs'; readonly container: string }
  | { readonly do: 'pull'; readonly container: string }
  | { readonly do: 'create'; readonly container: string; readonly pauseId?: string }
  | { readonly do: 'start'; readonly container: string; readonly id: string }
  /** As its restart policy says: the same container once more. */
  | { readonly do: 'restart'; readonly container: string; readonly id: string }
  | { readonly do: 'follow-logs'; readonly container: string; readonly id: string }
  | { readonly do: 'stop'; readonly container: string; readonly id: string; readonly timeoutMs: number }
  /** Waits, within limits, until the last line is stored. */
  | { readonly do: 'drain-logs'; readonly container: string }
  | { readonly do: 'unplug' }
  | { readonly do: 'stop-pause'; readonly id: string }
  | { readonly do: 'remove'; readonly container: string; readonly id: string }
  /** A pause container that ended before anything ran: the task begins anew. */
  | { readonly do: 'remove-pause'; readonly id: string }
  /** What lives as long as the task, once no container of it is left. */
  | { readonly do: 'remove-volumes' }
  | { readonly do: 'remove-cgroup' };

/** Two actions with the same key are the same thing. */
export function actionKey(action: TaskAction): string {
  if ('volume' in action) return `${action.do} ${action.volume}`;
  return 'container' in action ? `${action.do} ${action.container}` : action.do;
}

/** For logs and golden tests. */
export function printAction(action: TaskAction): string {
  return action.do === 'stop' ? `${actionKey(action)} (${action.timeoutMs} ms)` : actionKey(action);
}

/** While one of these goes on, a container may begin to run, or something be left over, at any moment. */
const STARTING: ReadonlySet<TaskAction['do']> = new Set([
  'ensure-cgroup',
  'create-volume',
  'create-pause',
  'start-pause',
  'plug',
  'create',
  'start',
  'restart',
]);

export function isStarting(action: TaskAction): boolean {
  return STARTING.has(action.do);
}
