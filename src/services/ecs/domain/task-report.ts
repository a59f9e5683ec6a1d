import { isDeepStrictEqual } from 'node:util';
import type { TaskReport } from '../../../executor/executor.ts';
import { TASK_STATUSES } from '../tables.ts';
import type { TaskContainerRow, TaskRow, TaskStatus } from '../tables.ts';

const order = (status: TaskStatus) => TASK_STATUSES.indexOf(status);

/** A task's state moves forward only, whatever order reports come in. */
export function advance(from: TaskStatus, to: TaskStatus): TaskStatus {
  return order(to) > order(from) ? to : from;
}

/**
 * What a task is after the executor's report; the same row where the report says nothing new. RUNNING containers make it
 * ACTIVATING while it has target groups to join; a report of STOPPED makes it DEPROVISIONING, since its network interface
 * is still to be deleted.
 */
export function withReport(task: TaskRow, report: TaskReport, now: number): TaskRow {
  const stopped = report.status === 'STOPPED';
  const runningStatus = task.targets.length > 0 ? 'ACTIVATING' : 'RUNNING';
  const reported = stopped ? 'DEPROVISIONING' : report.status === 'RUNNING' ? runningStatus : 'PENDING';
  const lastStatus = advance(task.lastStatus, reported);
  const started = report.status === 'RUNNING' && task.startedAtMs === undefined && !hasEnded(task);
  const changed: TaskRow = {
    ...task,
    lastStatus,
    // A task whose essential container has ended is stopping, though others may still run.
    desiredStatus: stopped || report.stopCode !== undefined ? 'STOPPED' : task.desiredStatus,
    containers: task.containers.map((container) => mergeContainer(container, report)),
    ...(started ? { startedAtMs: now } : {}),
    ...(report.pullStartedAtMs === undefined ? {} : { pullStartedAtMs: report.pullStartedAtMs }),
    ...(report.pullStoppedAtMs === undefined ? {} : { pullStoppedAtMs: report.pullStoppedAtMs }),
    ...(report.executionStoppedAtMs === undefined ? {} : { executionStoppedAtMs: report.executionStoppedAtMs }),
    // Who asked first is the reason: a task that is being stopped does not also "exit by itself".
    ...(task.stopCode === undefined && report.stopCode !== undefined
      ? { stopCode: report.stopCode, stoppedReason: report.stoppedReason ?? '', stoppingAtMs: task.stoppingAtMs ?? now }
      : {}),
    ...(stopped && task.stoppingAtMs === undefined ? { stoppingAtMs: now } : {}),
  };
  return isDeepStrictEqual(changed, task) ? task : { ...changed, version: task.version + 1 };
}

function hasEnded(task: TaskRow): boolean {
  return advance(task.lastStatus, 'DEPROVISIONING') === task.lastStatus;
}

function mergeContainer(container: TaskContainerRow, report: TaskReport): TaskContainerRow {
  const seen = report.containers.find((other) => other.name === container.name);
  // A report that was overtaken: what came after it stands.
  if (!seen || isBefore(seen.status, container.status)) return container;
  if (container.status === 'STOPPED') {
    // That the kernel killed it for its memory may be heard after its end.
    return container.reason === undefined && seen.reason !== undefined
      ? { ...container, reason: seen.reason }
      : container;
  }
  // Of the same status, so it is from before the container was started again.
  const isOlder = (seen.restartCount ?? 0) < (container.restartCount ?? 0);
  if (isOlder && seen.status === container.status) return container;
  const { name: _name, ...state } = seen;
  // What it was while it ran stands.
  return { ...container, ...state, ...(seen.status === 'STOPPED' ? { health: container.health } : {}) };
}

const CONTAINER_STATUSES = ['PENDING', 'RUNNING', 'STOPPED'];

function isBefore(a: TaskContainerRow['status'], b: TaskContainerRow['status']): boolean {
  return CONTAINER_STATUSES.indexOf(a) < CONTAINER_STATUSES.indexOf(b);
}

/** The task's own health: UNHEALTHY if any essential container with a check is, HEALTHY if all are, else UNKNOWN. */
export function taskHealth(
  containers: readonly { readonly name: string; readonly health: TaskContainerRow['health'] }[],
  checkedEssentials: ReadonlySet<string>,
): TaskContainerRow['health'] {
  const checked = containers.filter((container) => checkedEssentials.has(container.name));
  if (checked.length === 0) return 'UNKNOWN';
  if (checked.some((container) => container.health === 'UNHEALTHY')) return 'UNHEALTHY';
  return checked.every((container) => container.health === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}
