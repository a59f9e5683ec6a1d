/** One thing to do for a task. Each is idempotent; the same one is not begun again while it goes on. */
export type TaskAction =
  | { readonly do: 'create-pause' }
  | { readonly do: 'start-pause'; readonly id: string }
  | { readonly do: 'plug'; readonly pid: number }
  | { readonly do: 'open-logs'; readonly container: string }
  | { readonly do: 'pull'; readonly container: string }
  | { readonly do: 'create'; readonly container: string; readonly pauseId: string }
  | { readonly do: 'start'; readonly container: string; readonly id: string }
  | { readonly do: 'follow-logs'; readonly container: string; readonly id: string }
  | { readonly do: 'stop'; readonly container: string; readonly id: string; readonly timeoutMs: number }
  /** Waits, within limits, until the last line is stored. */
  | { readonly do: 'drain-logs'; readonly container: string }
  | { readonly do: 'unplug' }
  | { readonly do: 'stop-pause'; readonly id: string }
  | { readonly do: 'remove'; readonly container: string; readonly id: string }
  /** A pause container that ended before anything ran: the task begins anew. */
  | { readonly do: 'remove-pause'; readonly id: string };

/** Two actions with the same key are the same thing. */
export function actionKey(action: TaskAction): string {
  return 'container' in action ? `${action.do} ${action.container}` : action.do;
}

/** For logs and golden tests. */
export function printAction(action: TaskAction): string {
  return action.do === 'stop' ? `${actionKey(action)} (${action.timeoutMs} ms)` : actionKey(action);
}

/** While one of these goes on, a container may begin to run at any moment. */
export function isStarting(action: TaskAction): boolean {
  return ['create-pause', 'start-pause', 'plug', 'create', 'start'].includes(action.do);
}
