import type { Plan } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import type { DeploymentRow, ServiceRow, TaskRow } from '../tables.ts';
import { taskHealth } from './task-report.ts';

/** All that a step of a service changes in the rows: written in one transaction, or not at all. */
export interface ServiceStep {
  readonly type: 'step';
  readonly serviceArn: string;
  readonly revision: number;
  /** Tasks of the primary deployment that stopped by themselves, soon after their start, since the last step. */
  readonly failures: readonly string[];
  readonly stops: readonly TaskStop[];
  /** How many tasks of the primary deployment failed: the failures above, and its tasks that are stopped as unhealthy. */
  readonly failed: number;
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  readonly rollout?: 'completed' | 'failed';
  /** The deployment's percentages let no task start and none stop; said once. */
  readonly blocked: boolean;
  readonly steady: boolean;
  /** A service that is being deleted has no task left. */
  readonly gone: boolean;
}

export interface TaskStop {
  readonly taskArn: string;
  readonly reason: string;
  readonly unhealthy: boolean;
}

export type ServiceAction =
  | ServiceStep
  | { readonly type: 'check-targets'; readonly service: ServiceRow; readonly tasks: readonly TaskRow[] };

export interface ServiceObserved {
  readonly service: Stored<ServiceRow>;
  readonly tasks: readonly TaskRow[];
  /** Names of essential containers with a health check, by task definition. */
  readonly checkedContainers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
export const BLOCKED_EVENT =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
  'Update the minimumHealthyPercent or maximumPercent value and try again.';

const SERVED_MS = 60_000;
const TARGETS_EVERY_MS = 5000;
const TARGETS_WHILE_WAITING_MS = 500;

/**
 * One step of ECS's rolling update, from rows alone: between ceil(desired * minimumHealthyPercent) healthy tasks and
 * floor(desired * maximumPercent) tasks at all times; old tasks leave as new ones become healthy; what is unhealthy is
 * replaced; launches that keep failing wait longer and longer.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function planService(observed: ServiceObserved, now: number): Plan<ServiceAction> {
  const { service } = observed;
  if (service.status === 'INACTIVE') return { actions: [], why: 'it is deleted' };
  const live = observed.tasks.filter((task) => task.desiredStatus === 'RUNNING');
  if (service.status === 'DRAINING') return planDraining(service, live, observed.tasks);
  const primary = service.deployments[0];
  if (!primary) return { actions: [], why: 'it has no deployment' };

  const failures = uncountedFailures(observed.tasks, primary);
  const unhealthy = live.flatMap((task) => unhealthyStop(task, observed, now));
  const sound = live.filter((task) => !unhealthy.some((stop) => stop.taskArn === task.arn));
  const healthy = new Set(sound.filter((task) => isHealthy(task, observed)).map((task) => task.arn));
  const newer = sound.filter((task) => task.deploymentId === primary.id);
  const older = sound.filter((task) => task.deploymentId !== primary.id);

  const limits = limitsOf(service);
  const launchAt = nextLaunchAt(primary);
  const room = Math.max(0, Math.min(service.desiredCount - newer.length, limits.most - sound.length));
  // A deployment that the circuit breaker has failed launches nothing any more.
  const missing = primary.rolloutState === 'FAILED' ? 0 : room;
  const start = launchAt <= now && failures.length === 0 ? missing : 0;
  const surplus = [...surplusOf(newer, healthy, service), ...replaceable(older, healthy, limits.least, service, newer)];
  const settled =
    newer.length === service.desiredCount && older.length === 0 && newer.every((task) => healthy.has(task.arn));
  const stops = [...unhealthy, ...surplus];
  const own = new Set(live.filter((task) => task.deploymentId === primary.id).map((task) => task.arn));
  const newFailures = failures.length + unhealthy.filter((stop) => own.has(stop.taskArn)).length;
  const inProgress = primary.rolloutState === 'IN_PROGRESS';
  const failed = inProgress && breakerTripped(service, primary, newFailures);
  const idle = stops.length === 0 && missing === 0 && failures.length === 0;
  const quiet = settled && idle;
  const blocked = inProgress && !settled && idle && healthy.size === sound.length;
  const step: ServiceStep = {
    type: 'step',
    serviceArn: service.arn,
    revision: service.revision,
    failures,
    stops,
    failed: newFailures,
    start: failed ? 0 : start,
    blocked: blocked && !isSaid(service, primary),
    steady: quiet,
    gone: false,
    ...(quiet && inProgress ? { rollout: 'completed' as const } : {}),
    ...(failed ? { rollout: 'failed' as const } : {}),
  };
  return assemble(observed, step, { quiet, live, launchAt, missing, now });
}

function assemble(
  { service }: ServiceObserved,
  step: ServiceStep,
  facts: { quiet: boolean; live: readonly TaskRow[]; launchAt: number; missing: number; now: number },
): Plan<ServiceAction> {
  const { quiet, live, launchAt, missing, now } = facts;
  const changes =
    step.failures.length > 0 ||
    step.stops.length > 0 ||
    step.start > 0 ||
    step.rollout !== undefined ||
    step.blocked ||
    step.steady !== service.steady;
  const joined = live.filter((task) => task.targets.length > 0 && ['ACTIVATING', 'RUNNING'].includes(task.lastStatus));
  const actions: ServiceAction[] = [
    ...(changes ? [step] : []),
    ...(joined.length > 0 ? [{ type: 'check-targets' as const, service, tasks: joined }] : []),
  ];
  const wakes = [
    ...(missing > 0 && launchAt > now ? [launchAt] : []),
    ...(joined.length > 0 ? [now + (quiet ? TARGETS_EVERY_MS : TARGETS_WHILE_WAITING_MS)] : []),
  ];
  return {
    actions,
    why: whyOf(step, quiet, missing),
    ...(wakes.length > 0 ? { wakeAt: Math.min(...wakes) } : {}),
  };
}

function whyOf(step: ServiceStep, quiet: boolean, missing: number): string {
  if (quiet) return 'it has reached a steady state';
  if (step.rollout === 'failed') return 'too many tasks of the deployment failed';
  if (step.start > 0) return `${step.start} tasks are missing`;
  if (missing > 0) return 'its tasks keep failing: the next launch waits';
  if (step.blocked) return 'its percentages let no task start and none stop';
  if (step.stops.length > 0) return `${step.stops.length} tasks are unhealthy or no longer wanted`;
  return 'its tasks are not healthy yet';
}

function planDraining(
  service: Stored<ServiceRow>,
  live: readonly TaskRow[],
  all: readonly TaskRow[],
): Plan<ServiceAction> {
  const left = all.filter((task) => task.lastStatus !== 'STOPPED');
  const step: ServiceStep = {
    type: 'step',
    serviceArn: service.arn,
    revision: service.revision,
    failures: [],
    stops: live.map((task) => ({ taskArn: task.arn, reason: scalingReason(service), unhealthy: false })),
    failed: 0,
    start: 0,
    blocked: false,
    steady: false,
    gone: left.length === 0,
  };
  if (live.length > 0) return { actions: [step], why: 'it is being deleted: its tasks stop' };
  return step.gone
    ? { actions: [step], why: 'its last task has stopped' }
    : { actions: [], why: `it is being deleted: ${left.length} tasks are stopping` };
}

export function limitsOf(service: Pick<ServiceRow, 'desiredCount' | 'deploymentConfiguration'>): {
  least: number;
  most: number;
} {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration;
  return {
    least: Math.ceil((service.desiredCount * minimumHealthyPercent) / 100),
    most: Math.floor((service.desiredCount * maximumPercent) / 100),
  };
}

/** After each failure in a row the next launch waits twice as long: 1 s, 2 s, ... 60 s. */
export function nextLaunchAt(deployment: DeploymentRow): number {
  if (deployment.failedTasks === 0 || deployment.lastFailureAtMs === undefined) return 0;
  return deployment.lastFailureAtMs + Math.min(60_000, 1000 * 2 ** Math.min(deployment.failedTasks - 1, 10));
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export function breakerThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

function breakerTripped(service: ServiceRow, primary: DeploymentRow, newFailures: number): boolean {
  if (!service.deploymentConfiguration.deploymentCircuitBreaker?.enable) return false;
  return primary.failedTasks + newFailures >= breakerThreshold(service.desiredCount);
}

function isSaid(service: ServiceRow, primary: DeploymentRow): boolean {
  return service.events.some((event) => event.atMs >= primary.createdAtMs && event.message.endsWith(BLOCKED_EVENT));
}

function uncountedFailures(tasks: readonly TaskRow[], primary: DeploymentRow): string[] {
  return tasks
    .filter(
      (task) =>
        task.deploymentId === primary.id &&
        task.desiredStatus === 'STOPPED' &&
        !task.countedAsFailure &&
        (task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited') &&
        !hasServed(task),
    )
    .map((task) => task.arn);
}

/** What ran for a while did not fail to start, so its replacement need not wait. */
function hasServed(task: TaskRow): boolean {
  const { startedAtMs, stoppingAtMs } = task;
  return startedAtMs !== undefined && stoppingAtMs !== undefined && stoppingAtMs - startedAtMs >= SERVED_MS;
}

function healthOf(task: TaskRow, observed: ServiceObserved): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' | 'UNCHECKED' {
  const checked = observed.checkedContainers.get(task.taskDefinitionArn);
  if (!checked || checked.size === 0) return 'UNCHECKED';
  return taskHealth(task.containers, checked);
}

function isHealthy(task: TaskRow, observed: ServiceObserved): boolean {
  if (task.lastStatus !== 'RUNNING') return false;
  const health = healthOf(task, observed);
  if (health === 'UNHEALTHY' || health === 'UNKNOWN') return false;
  return task.targets.length === 0 || task.targetHealth === 'healthy';
}

function unhealthyStop(task: TaskRow, observed: ServiceObserved, now: number): TaskStop[] {
  const { service } = observed;
  const graceEnds = (task.startedAtMs ?? now) + (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  if (task.lastStatus !== 'RUNNING' || now < graceEnds) return [];
  if (healthOf(task, observed) === 'UNHEALTHY') {
    return [{ taskArn: task.arn, reason: 'Task failed container health checks', unhealthy: true }];
  }
  if (task.targetHealth === 'unhealthy') {
    const group = task.targets[0]?.targetGroupArn ?? '';
    return [{ taskArn: task.arn, reason: `Task failed ELB health checks in (target-group ${group})`, unhealthy: true }];
  }
  return [];
}

function scalingReason(service: ServiceRow): string {
  return `Scaling activity initiated by (deployment ${service.deployments[0]?.id ?? ''})`;
}

/** More tasks of the primary deployment than wanted: those not yet healthy go first, then the newest. */
function surplusOf(newer: readonly TaskRow[], healthy: ReadonlySet<string>, service: ServiceRow): TaskStop[] {
  return newer
    .toSorted((a, b) => Number(healthy.has(a.arn)) - Number(healthy.has(b.arn)) || b.createdAtMs - a.createdAtMs)
    .slice(0, Math.max(0, newer.length - service.desiredCount))
    .map((task) => ({ taskArn: task.arn, reason: scalingReason(service), unhealthy: false }));
}

/** Old tasks that may leave now. What is not healthy may always go; of the healthy ones, as many as keep the minimum. */
function replaceable(
  older: readonly TaskRow[],
  healthy: ReadonlySet<string>,
  least: number,
  service: ServiceRow,
  newer: readonly TaskRow[],
): TaskStop[] {
  const sick = older.filter((task) => !healthy.has(task.arn));
  const well = older.filter((task) => healthy.has(task.arn)).toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  const healthyNewer = newer.filter((task) => healthy.has(task.arn)).length;
  const spare = Math.max(0, healthyNewer + well.length - least);
  return [...sick, ...well.slice(0, spare)].map((task) => ({
    taskArn: task.arn,
    reason: scalingReason(service),
    unhealthy: false,
  }));
}
