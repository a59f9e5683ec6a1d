import { containerReports } from './container-report.ts';
import type { ContainerReport, TaskReport, TaskSpec } from './executor.ts';
import { planStart } from './plan-start.ts';
import { planStop } from './plan-stop.ts';
import { hasStarted, type StartState, startStates } from './start-order.ts';
import type { TaskAction } from './task-action.ts';
import { type StopCause, type TaskSeen, UNTOUCHED } from './task-seen.ts';

export type DesiredStatus = 'RUNNING' | 'STOPPED';

export interface TaskPlan {
  readonly actions: readonly TaskAction[];
  readonly status: TaskReport['status'];
  readonly containers: readonly ContainerReport[];
  /** Set from the moment the task begins to stop. */
  readonly cause?: StopCause;
  readonly executionStoppedAtMs?: number;
  /** Nothing of the task is left. */
  readonly done: boolean;
  /** In ms since the epoch: look again then, whatever happens. */
  readonly wakeAt?: number;
  /** One sentence for an operator. */
  readonly why: string;
}

/** What to do next for a task, and what it is: pure. */
export function planTask(spec: TaskSpec, seen: TaskSeen, now: number, desired: DesiredStatus): TaskPlan {
  if (seen.stoppedAccepted) return planRemoval(seen);
  const starts = startStates(spec, seen, now);
  const cause = seen.cause ?? (desired === 'STOPPED' ? {} : ownCause(spec, seen, starts));
  const containers = containerReports(spec, seen, starts, cause !== undefined);
  if (!cause) {
    return { ...planStart(spec, seen, starts), status: statusOf(starts), containers, done: false };
  }
  const { over, ...stop } = planStop(spec, seen);
  const endedAtMs = over ? lastEndMs(seen) : undefined;
  return {
    ...stop,
    status: over ? 'STOPPED' : statusOf(starts),
    containers,
    cause,
    ...(endedAtMs === undefined ? {} : { executionStoppedAtMs: endedAtMs }),
    done: false,
  };
}

/** Why the task must stop although it should run; undefined while all is well. */
function ownCause(spec: TaskSpec, seen: TaskSeen, starts: ReadonlyMap<string, StartState>): StopCause | undefined {
  if (seen.failure !== undefined) return { stopCode: 'TaskFailedToStart', stoppedReason: seen.failure };
  const exited: StopCause = {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
  };
  let running = 0;
  for (const { name, essential } of spec.containers) {
    const start = starts.get(name);
    const own = seen.containers.get(name) ?? UNTOUCHED;
    const isEnded = start?.is === 'started' && own.state?.status !== 'running';
    if (essential && start?.is === 'failed') return { stopCode: 'TaskFailedToStart', stoppedReason: start.reason };
    if (essential && isEnded) return exited;
    if (!isEnded && start?.is !== 'failed') running += 1;
  }
  if (running === 0) return exited;
  // The pause container is essential too: without it the task has no network.
  const isCutOff = [...seen.containers.values()].some(hasStarted) && seen.pause?.status !== 'running';
  return isCutOff
    ? {
        ...exited,
        stoppedReason: `${exited.stoppedReason}: the task's network namespace is gone (its pause container)`,
      }
    : undefined;
}

/** RUNNING once every container has been started, or never will be. */
function statusOf(starts: ReadonlyMap<string, StartState>): 'PENDING' | 'RUNNING' {
  const states = [...starts.values()];
  const isStarted = states.every(({ is }) => is === 'started' || is === 'failed');
  return isStarted && states.some(({ is }) => is === 'started') ? 'RUNNING' : 'PENDING';
}

function lastEndMs(seen: TaskSeen): number | undefined {
  const ends = [...seen.containers.values()].map(({ state }) => state?.finishedAtMs ?? 0);
  const last = Math.max(0, ...ends);
  return last > 0 ? last : undefined;
}

/** Once the control plane knows the end, the proof of it can go. */
function planRemoval(seen: TaskSeen): TaskPlan {
  const actions: TaskAction[] = [];
  for (const [container, { state }] of seen.containers) {
    if (state) actions.push({ do: 'remove', container, id: state.id });
  }
  if (seen.pause) actions.push({ do: 'remove-pause', id: seen.pause.id });
  const done = actions.length === 0;
  const why = done ? 'the task is stopped, and nothing is left' : 'the task is stopped: removing its containers';
  return { actions, status: 'STOPPED', containers: [], done, why };
}
