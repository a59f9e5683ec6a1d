import type { DeploymentRow, TaskRow } from '../tables.ts';
import type { LifecycleRow, LifecycleStage } from '../traffic-tables.ts';
import { bakeTimeOf } from './bake-time.ts';
import { failureOf, hasAlarms } from './deployment-failure.ts';
import { hooksAreDone, hookFailureOf, openRuns } from './deployment-hooks.ts';
import { noted } from './service-action.ts';
import type { ServiceAction, ServiceStep, TaskStop } from './service-action.ts';
import type { ServiceFacts } from './service-facts.ts';
import { scaledIn, scalingReason } from './service-stops.ts';
import { isStageAfter, stageAfter } from './lifecycle.ts';
import { surplusOf } from './scale-in.ts';
import { isApplied, shiftBakeMs, shiftsOf, sourceOf } from './traffic-shift.ts';
import { nextPlacementAt } from './unplaced.ts';

/** How long the replaced deployment waits, after one of its tasks has failed, before it starts another. */
const SOURCE_PAUSE_MS = 10_000;

/**
 * Whether the tasks of the service are planned as those of two deployments side by side: from the start of one that
 * shifts traffic until it cleans up, and while a rollback gives the traffic back.
 */
export function isShifting({ service, primary }: ServiceFacts): boolean {
  if (primary.isRollback) return service.traffic !== undefined && !isApplied(service.traffic);
  return primary.lifecycle !== undefined && primary.rolloutState !== 'COMPLETED' && !isCleaningUp(primary);
}

export function isCleaningUp({ lifecycle }: DeploymentRow): boolean {
  return lifecycle?.stage === 'CLEAN_UP';
}

/**
 * One step of a deployment that shifts traffic, from rows alone. What it replaces keeps all of its tasks until the
 * traffic has left it for good, so that it can be given back at any time; the new tasks are all healthy before any
 * traffic comes to them.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
 */
export function trafficStepOf(facts: ServiceFacts, tasks: readonly TaskRow[], now: number): ServiceStep {
  const { primary, failures, inProgress } = facts;
  const failure = inProgress && !primary.isRollback ? (failureOf(facts) ?? hookFailureOf(primary, now)) : undefined;
  const source = sourceStep(facts, tasks, now);
  const own = ownStep(facts);
  const next = failure || !inProgress ? undefined : nextOf(facts, source.isWhole, now);
  const canStart = facts.launchAt <= now && failures.length === 0 && failure === undefined;
  return {
    ...noted(facts),
    stops: [...own.stops, ...source.stops],
    start: canStart ? own.start : 0,
    sourceStart: source.start,
    ...(failure && { failure, rollout: 'failed' as const }),
    ...(next && { next }),
  };
}

interface Side {
  readonly stops: readonly TaskStop[];
  readonly start: number;
}

/** The new deployment's tasks: none before it scales up. */
function ownStep({ service, primary, newer, sick, healthy, spared }: ServiceFacts): Side {
  const { lifecycle, failure } = primary;
  const scales = !lifecycle || isStageAfter(lifecycle.stage, 'PRE_SCALE_UP');
  const isHopeless = failure === 'breaker';
  const count = scales ? service.desiredCount : 0;
  const gone = sick.filter(({ task }) => task.deploymentId === primary.id);
  const surplus = surplusOf({ tasks: newer, spared, healthy, wanted: count });
  return {
    stops: [...gone.map(({ task, reason }) => ({ taskArn: task.arn, reason })), ...scaledIn(service, surplus)],
    start: isHopeless ? 0 : Math.max(0, count - newer.length),
  };
}

/**
 * The replaced deployment's tasks, if it was ever complete: as many as desired, an unhealthy one until another has
 * taken its place. Once these are whole, and have the traffic, tasks of still other deployments leave.
 */
function sourceStep(
  { service, primary, older, sick, healthy, spared }: ServiceFacts,
  tasks: readonly TaskRow[],
  now: number,
): Side & { readonly isWhole: boolean } {
  const source = sourceOf(service);
  const isKept = source !== undefined && source.id === service.lastCompleted?.deploymentId;
  const isSource = (task: TaskRow) => task.deploymentId === source?.id;
  const kept = older.filter(isSource);
  const ill = sick.filter(({ task }) => isSource(task));
  const well = kept.filter((task) => healthy.has(task.arn)).length;
  const surplus = surplusOf({ tasks: kept, spared, healthy, wanted: service.desiredCount });
  const replaced = Math.max(0, Math.min(ill.length, well + ill.length - service.desiredCount));
  const failedAt = Math.max(0, ...tasks.filter(isSource).map(endedByItselfAt));
  const mayStart = isKept && Math.max(failedAt + SOURCE_PAUSE_MS, nextPlacementAt(service)) <= now;
  const isWhole = !isKept || well >= service.desiredCount;
  const others = [...older, ...sick.map(({ task }) => task)].filter(
    (task) => !isSource(task) && task.deploymentId !== primary.id,
  );
  const mayLeave = isWhole && service.traffic !== undefined && isApplied(service.traffic) && !primary.isRollback;
  return {
    stops: [
      ...ill.slice(0, replaced).map(({ task, reason }) => ({ taskArn: task.arn, reason })),
      ...scaledIn(service, surplus),
      ...(mayLeave ? others.map(({ arn }) => ({ taskArn: arn, reason: scalingReason(service) })) : []),
    ],
    start: mayStart ? Math.max(0, service.desiredCount - kept.length) : 0,
    isWhole: isWhole && others.length === 0,
  };
}

function endedByItselfAt({ stopCode, stoppingAtMs = 0 }: TaskRow): number {
  return stopCode === 'EssentialContainerExited' || stopCode === 'TaskFailedToStart' ? stoppingAtMs : 0;
}

/** The hooks whose targets are asked now. */
export function dueHooks({ service, primary, inProgress }: ServiceFacts, now: number): ServiceAction[] {
  if (!inProgress || !primary.lifecycle) return [];
  return openRuns(primary.lifecycle)
    .filter(({ nextAtMs }) => nextAtMs !== undefined && nextAtMs <= now)
    .map(({ id }) => ({ type: 'run-hook', service, hookId: id }));
}

/** When a plan of a shift may change though no row does. */
export function shiftWakes(facts: ServiceFacts, tasks: readonly TaskRow[], now: number): number[] {
  const { service, primary } = facts;
  const source = sourceOf(service);
  const ended = tasks.filter((task) => task.deploymentId === source?.id).map(endedByItselfAt);
  const { lifecycle } = primary;
  const runs = lifecycle ? openRuns(lifecycle) : [];
  return [
    ...ended.map((at) => at + SOURCE_PAUSE_MS),
    nextPlacementAt(service),
    ...runs.flatMap(({ nextAtMs = 0, expiresAtMs }) => [nextAtMs, expiresAtMs]),
    ...(lifecycle ? [watchedUntil(facts, lifecycle)] : []),
  ].filter((at) => at > now && at < Infinity);
}

/** The stage that comes next, once all is done in this one. */
function nextOf(facts: ServiceFacts, sourceIsWhole: boolean, now: number): ServiceStep['next'] {
  const { service, primary } = facts;
  const { lifecycle } = primary;
  if (!lifecycle || !service.traffic || !isApplied(service.traffic) || !hooksAreDone(lifecycle, now)) return undefined;
  if (lifecycle.stage === 'RECONCILE_SERVICE' && !sourceIsWhole) return undefined;
  const isReady = facts.newer.length === service.desiredCount && isAllHealthy(facts);
  if (isStageAfter(lifecycle.stage, 'PRE_SCALE_UP') && !isReady) return undefined;
  if (watchedUntil(facts, lifecycle) > now) return undefined;
  return stageAfter(lifecycle);
}

function isAllHealthy({ primary, newer, sick, healthy }: ServiceFacts): boolean {
  return newer.every((task) => healthy.has(task.arn)) && !sick.some(({ task }) => task.deploymentId === primary.id);
}

/** Until when nothing but time is waited for in this stage; Infinity while the alarms are yet to be looked at. */
function watchedUntil({ service, primary }: ServiceFacts, lifecycle: LifecycleRow): number {
  const { stage, shift, configuration, sinceMs } = lifecycle;
  if (stage === 'BAKE_TIME') {
    return hasAlarms(service) && !primary.alarms ? Infinity : sinceMs + bakeTimeOf(service, primary);
  }
  const isLast = shift >= shiftsOf(configuration).length - 1;
  if (stage !== 'PRODUCTION_TRAFFIC_SHIFT' || isLast) return 0;
  return (service.traffic?.appliedAtMs ?? sinceMs) + shiftBakeMs(configuration);
}

/** One sentence for an operator. */
export function whyShifting({ service, primary }: ServiceFacts, step: ServiceStep): string {
  const stage: LifecycleStage | undefined = primary.lifecycle?.stage;
  if (step.failure) return 'the deployment has failed';
  if (service.traffic && !isApplied(service.traffic)) return 'its listener rules are to be changed';
  if (step.start + (step.sourceStart ?? 0) > 0) return 'tasks are missing';
  return step.next ? `it goes on to ${step.next.stage}` : `its deployment is in ${stage ?? 'a rollback'}`;
}
