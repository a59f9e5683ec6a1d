import type { Plan } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';
import { nextLaunchAt } from './failure-throttle.ts';
import { isProtected, surplusOf } from './scale-in.ts';
import type { TaskStop } from './service-action.ts';
import { graceEndsAt, isHealthy, sicknessOf } from './service-health.ts';
import type { CheckedContainers } from './service-health.ts';
import { computedCount } from './task-set.ts';
import type { TaskSetRow } from './task-set.ts';
import { nextPlacementAt } from './unplaced.ts';

export interface TaskSetsObserved {
  readonly service: Stored<ServiceRow>;
  readonly sets: readonly Stored<TaskSetRow>[];
  readonly tasks: readonly TaskRow[];
  readonly checkedContainers: CheckedContainers;
}

/** All that one pass changes of one task set. */
export interface TaskSetStep {
  readonly type: 'step';
  readonly set: Stored<TaskSetRow>;
  readonly start: number;
  readonly stops: readonly TaskStop[];
  /** Tasks that stopped by themselves soon after their start, and are not counted yet. */
  readonly failures: readonly string[];
  readonly isSteady: boolean;
  /** It drains, and its last task has stopped. */
  readonly isGone: boolean;
}

export type TaskSetAction =
  | TaskSetStep
  | { readonly type: 'check-targets'; readonly service: ServiceRow; readonly tasks: readonly TaskRow[] };

const SERVED_MS = 60_000;
const TARGETS_MS = 2000;

/**
 * Keeps each task set's count: nothing is rolled out and nothing rolled back, since somebody else decides.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
 */
export function planTaskSets(observed: TaskSetsObserved, now: number): Plan<TaskSetAction> {
  const { service, sets, tasks } = observed;
  const steps = sets.map((set) => stepOf(observed, set, now)).filter((step) => changes(step));
  const joined = tasks.filter(
    (task) =>
      task.desiredStatus === 'RUNNING' &&
      task.targets.length > 0 &&
      (task.lastStatus === 'RUNNING' || task.lastStatus === 'ACTIVATING'),
  );
  const wakes = [
    ...sets.flatMap((set) => [nextLaunchAt(set.workload), nextPlacementAt(set)]),
    ...tasks.map((task) => graceEndsAt(task, service, now)),
    ...tasks.map((task) => task.protectedUntilMs ?? 0),
    ...(joined.length > 0 ? [now + TARGETS_MS] : []),
  ].filter((at) => at > now);
  return {
    actions: [...steps, ...(joined.length > 0 ? [{ type: 'check-targets' as const, service, tasks: joined }] : [])],
    why: `${sets.length} task sets have ${tasks.length} tasks`,
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
  };
}

function stepOf({ service, tasks, checkedContainers }: TaskSetsObserved, set: Stored<TaskSetRow>, now: number) {
  const wanted = computedCount(set, service);
  const own = tasks.filter((task) => task.deploymentId === set.id);
  const live = own.filter((task) => task.desiredStatus === 'RUNNING');
  const sick = live.flatMap((task) => sicknessOf(task, service, checkedContainers, now) ?? []);
  const sound = live.filter((task) => sick.every((one) => one.task.arn !== task.arn));
  const healthy = new Set(sound.filter((task) => isHealthy(task, checkedContainers)).map((task) => task.arn));
  const isDraining = wanted === 0 && set.status === 'DRAINING';
  const spared = isDraining ? [] : sound.filter((task) => isProtected(task, now));
  // On instances that are emptied: they go once others stand in for them.
  const drained = sound.filter((task) => task.isDraining);
  const staying = sound.filter((task) => !task.isDraining);
  const standIns = staying.filter((task) => healthy.has(task.arn)).length;
  const replaced = drained.slice(0, Math.max(0, standIns + drained.length - wanted));
  const surplus = [
    ...surplusOf({ tasks: staying, spared: new Set(spared.map((task) => task.arn)), healthy, wanted }),
    ...replaced.filter((task) => !spared.includes(task)),
  ];
  const failures = own.filter(isFailure).map((task) => task.arn);
  const mayStart = failures.length === 0 && Math.max(nextLaunchAt(set.workload), nextPlacementAt(set)) <= now;
  const left = own.filter((task) => task.lastStatus !== 'STOPPED').length;
  const step: TaskSetStep = {
    type: 'step',
    set,
    start: mayStart ? Math.max(0, wanted - staying.length) : 0,
    stops: [
      ...sick.map(({ task, reason }) => ({ taskArn: task.arn, reason })),
      ...surplus.map((task) => ({
        taskArn: task.arn,
        reason: `Scaling activity initiated by (task-set ${set.id})`,
        ...(!isDraining && { sparesProtected: true as const }),
      })),
    ],
    failures,
    isSteady: left === wanted && healthy.size === wanted,
    isGone: (set.status === 'DRAINING' || service.status !== 'ACTIVE') && left === 0,
  };
  return step;
}

function changes({ set, start, stops, failures, isSteady, isGone }: TaskSetStep): boolean {
  return start > 0 || stops.length > 0 || failures.length > 0 || isSteady !== set.isSteady || isGone;
}

function isFailure({ desiredStatus, countedAsFailure, stopCode, startedAtMs, stoppingAtMs }: TaskRow): boolean {
  if (desiredStatus !== 'STOPPED' || countedAsFailure) return false;
  if (stopCode !== 'TaskFailedToStart' && stopCode !== 'EssentialContainerExited') return false;
  return !(startedAtMs !== undefined && stoppingAtMs !== undefined && stoppingAtMs - startedAtMs >= SERVED_MS);
}
