import type { Plan } from '../../../reconcile/reconciler.ts';
import { isWaiting } from '../tables.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { stopsFrom } from './service-connect-plan.ts';

/**
 * One step of a task's life, from where it is toward what is wanted:
 *
 *   PROVISIONING -attach-> PENDING -(executor)-> ACTIVATING -register-> RUNNING
 *     -> DEACTIVATING -deregister-> STOPPING -(executor)-> DEPROVISIONING -detach-> STOPPED -forget->
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export type TaskAction =
  | { readonly type: 'attach'; readonly task: TaskRow }
  | { readonly type: 'run'; readonly task: TaskRow; readonly definition: TaskDefinitionRow }
  | { readonly type: 'register'; readonly task: TaskRow }
  | { readonly type: 'deregister'; readonly task: TaskRow }
  | { readonly type: 'stop'; readonly task: TaskRow; readonly definition: TaskDefinitionRow }
  | { readonly type: 'detach'; readonly task: TaskRow }
  | { readonly type: 'forget'; readonly task: TaskRow };

export interface TaskObserved {
  readonly task: TaskRow;
  readonly definition: TaskDefinitionRow;
  readonly stoppedTaskRetentionMs: number;
  /** It has stopped, and tells its daemon what became of it on an instance that is still there. */
  readonly isRemembered?: boolean;
}

export function planTaskStep(
  { task, definition, stoppedTaskRetentionMs, isRemembered = false }: TaskObserved,
  now: number,
): Plan<TaskAction> {
  if (task.lastStatus === 'STOPPED') {
    const forgetAt = (task.stoppedAtMs ?? now) + stoppedTaskRetentionMs;
    if (forgetAt <= now && isRemembered) return REMEMBERED;
    return forgetAt <= now
      ? { actions: [{ type: 'forget', task }], why: 'it stopped long ago' }
      : { actions: [], why: 'it has stopped', wakeAt: forgetAt };
  }
  if (task.lastStatus === 'DEPROVISIONING' && (task.registration || task.connection?.state === 'JOINED')) {
    return LEAVES_REGISTRY;
  }
  if (task.lastStatus === 'DEPROVISIONING') {
    return { actions: [{ type: 'detach', task }], why: 'its containers are gone: its network interface goes too' };
  }
  return task.desiredStatus === 'RUNNING' ? planRunning(task, definition) : planStopping(task, definition, now);
}

function planRunning(task: TaskRow, definition: TaskDefinitionRow): Plan<TaskAction> {
  if (isWaiting(task)) return { actions: [], why: `it waits for an instance of ${task.capacityProviderName}` };
  if (!hasNetwork(task)) return { actions: [{ type: 'attach', task }], why: 'it needs a network interface' };
  const run: TaskAction = { type: 'run', task, definition };
  if (task.lastStatus === 'ACTIVATING') {
    return { actions: [run, { type: 'register', task }], why: 'it runs: it joins its target groups' };
  }
  return { actions: [run], why: task.lastStatus === 'RUNNING' ? 'it runs' : 'its containers are starting' };
}

/** On its instance's network a task needs no interface. */
function hasNetwork(task: TaskRow): boolean {
  return task.networkMode !== undefined || task.interface !== undefined;
}

/** Its instance and its daemon do not say when they go: it is looked at again from time to time. */
const REMEMBERED: Plan<TaskAction> = { actions: [], why: 'it has stopped: its daemon lets its instance do without it' };

/** The registry's reconciler takes it out; its write brings the task back here. */
const LEAVES_REGISTRY: Plan<TaskAction> = { actions: [], why: 'it leaves its service registry first' };

function planStopping(task: TaskRow, definition: TaskDefinitionRow, now: number): Plan<TaskAction> {
  if (task.registration) return LEAVES_REGISTRY;
  const from = hasNetwork(task) ? stopsFrom(task) : 0;
  if (from === undefined) return LEAVES_REGISTRY;
  if (from > now) {
    return { actions: [], why: 'its connections by Service Connect come to their end first', wakeAt: from };
  }
  if (!hasNetwork(task)) return { actions: [{ type: 'detach', task }], why: 'it stopped before it had anything' };
  const registered = task.targets.length > 0 && ['ACTIVATING', 'RUNNING', 'DEACTIVATING'].includes(task.lastStatus);
  const stop: TaskAction = { type: 'stop', task, definition };
  if (registered && task.stopCode === 'SpotInterruption') {
    // Its two minutes have begun: it is told at once, whatever its target groups' drain takes.
    return {
      actions: [{ type: 'deregister', task }, stop],
      why: 'its Spot capacity is taken away: it leaves its target groups while its containers stop',
    };
  }
  if (registered) {
    return {
      actions: [{ type: 'deregister', task }],
      why: 'it leaves its target groups first, until their connections have drained',
      wakeAt: now + 1000,
    };
  }
  return { actions: [stop], why: 'its containers are stopping' };
}
