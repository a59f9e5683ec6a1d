import { containerReports } from './container-report.ts';
import type { ContainerReport, TaskReport, TaskSpec } from './executor.ts';
import { planStart } from './plan-start.ts';
import { planStop } from './plan-stop.ts';
import { hasEnded } from './restart-policy.ts';
import { planRemoval } from './plan-removal.ts';
import { hasStarted, type StartState, startStates } from './start-order.ts';
import type { TaskAction } from './task-action.ts';
import { hasPause } from './task-network.ts';
import { type StopCause, type TaskSeen, UNTOUCHED } from './task-seen.ts';

export type DesiredStatus = 'RUNNING' | 'STOPPED';

export interface TaskPlan {
  readonly actions: readonly TaskAction[];
  readonly status: TaskReport['status'];
  readonly containers: readonly ContainerReport[];
  /** Containers that will never run, and why: it stays so, though what they waited for may come yet. */
  readonly failures: ReadonlyMap<string, string>;
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
  if (seen.stoppedAccepted)
    return { ...planRemoval(spec, seen), status: 'STOPPED', containers: [], failures: new Map() };
  const isTold = seen.cause !== undefined || desired === 'STOPPED';
  const starts = isTold ? asItStood(startStates(spec, seen, now), seen) : startStates(spec, seen, now);
  const cause = seen.cause ?? (desired === 'STOPPED' ? {} : ownCause(spec, seen, starts));
  const containers = containerReports(spec, seen, starts, cause !== undefined);
  if (!cause) {
    const failures = failuresOf(starts);
    return { ...planStart(spec, seen, starts), status: statusOf(spec, starts), containers, failures, done: false };
  }
  const { over, ...stop } = planStop(spec, seen);
  const endedAtMs = over ? lastEndMs(seen) : undefined;
  return {
    ...stop,
    status: over ? 'STOPPED' : statusOf(spec, starts),
    containers,
    failures: failuresOf(starts),
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
  for (const container of spec.containers) {
    const { name, essential } = container;
    const start = starts.get(name);
    const own = seen.containers.get(name) ?? UNTOUCHED;
    const isEnded = start?.is === 'started' && hasEnded(container, own);
    if (essential && start?.is === 'failed') return { stopCode: 'TaskFailedToStart', stoppedReason: start.reason };
    if (essential && isEnded) {
      if (own.state) return exited;
      return { ...exited, stoppedReason: `${exited.stoppedReason}: its container ${name} was removed from the host` };
    }
    if (!isEnded && start?.is !== 'failed') running += 1;
  }
  if (running === 0) return exited;
  // The pause container is essential too: without it the task has no network.
  const isCutOff = hasPause(spec) && [...seen.containers.values()].some(hasStarted) && seen.pause?.status !== 'running';
  return isCutOff
    ? {
        ...exited,
        stoppedReason: `${exited.stoppedReason}: the task's network namespace is gone (its pause container)`,
      }
    : undefined;
}

function failuresOf(starts: ReadonlyMap<string, StartState>): ReadonlyMap<string, string> {
  return new Map([...starts].flatMap(([name, start]) => (start.is === 'failed' ? [[name, start.reason]] : [])));
}

/** A container that waits when its task is stopped has not failed, though what it waited for ends now. */
function asItStood(starts: ReadonlyMap<string, StartState>, seen: TaskSeen): ReadonlyMap<string, StartState> {
  return new Map(
    [...starts].map(([name, start]) => {
      const own = seen.containers.get(name) ?? UNTOUCHED;
      const isNews = start.is === 'failed' && own.failure === undefined && own.state?.error === undefined;
      return [name, isNews ? { is: 'waiting', on: 'nothing any more' } : start];
    }),
  );
}

/** RUNNING once every container has been started, or never will be and need not. */
function statusOf(spec: TaskSpec, starts: ReadonlyMap<string, StartState>): 'PENDING' | 'RUNNING' {
  const isStarted = spec.containers.every(({ name, essential }) => {
    const is = starts.get(name)?.is;
    return is === 'started' || (is === 'failed' && !essential);
  });
  return isStarted && [...starts.values()].some(({ is }) => is === 'started') ? 'RUNNING' : 'PENDING';
}

function lastEndMs(seen: TaskSeen): number | undefined {
  const ends = [...seen.containers.values()].map(({ state }) => state?.finishedAtMs ?? 0);
  const last = Math.max(0, ...ends);
  return last > 0 ? last : undefined;
}
