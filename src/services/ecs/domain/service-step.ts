import type { Ids } from '../../../kernel/ids.ts';
import type { CompletedDeployment, DeploymentRow, ServiceRow, Workload } from '../tables.ts';
import { FAILURE_WORDING } from './deployment-reasons.ts';
import { entered, givenTo, halted } from './lifecycle.ts';
import { withTimeouts } from './deployment-hooks.ts';
import { addEvents, eventsOf } from './service-events.ts';
import type { StepTasks } from './service-events.ts';
import { forgets } from './deployment-failure.ts';
import type { ServiceStep } from './service-plan.ts';
import { unplacedAfter } from './unplaced.ts';

/** Once its deployment is completed, a task that fails this long after the last one is a first failure again. */
const FAILURES_IN_A_ROW_MS = 300_000;

export interface NewDeployment extends Workload {
  readonly revisionArn: string;
  readonly serviceDeploymentArn: string;
  readonly usesAlternate?: true;
}

export function newDeployment(of: NewDeployment, ids: Ids, now: number): DeploymentRow {
  const id = `ecs-svc/${nineteenDigits(ids)}`;
  return {
    id,
    status: 'PRIMARY',
    taskDefinitionArn: of.taskDefinitionArn,
    network: of.network,
    platformVersion: of.platformVersion,
    loadBalancers: of.loadBalancers,
    ...(of.serviceRegistries && { serviceRegistries: of.serviceRegistries }),
    ...(of.connect && { connect: of.connect }),
    ...(of.monitoring && { monitoring: of.monitoring }),
    revisionArn: of.revisionArn,
    serviceDeploymentArn: of.serviceDeploymentArn,
    ...(of.usesAlternate && { usesAlternate: of.usesAlternate }),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    createdAtMs: now,
    updatedAtMs: now,
  };
}

/** As the ids of deployments and of service revisions are. */
export function nineteenDigits(ids: Ids): string {
  return Array.from(ids.bytes(19), (byte) => byte % 10).join('');
}

/** The service row after a step. */
export function afterStep(service: ServiceRow, step: ServiceStep, tasks: StepTasks, ids: Ids, now: number): ServiceRow {
  const refused = tasks.refusal === undefined ? 0 : 1;
  const counted = countFailures(service, step, refused, now);
  const rolled = rolledOut(counted, step, ids, now);
  const { isRebalancing: before, unplaced: _before, ...rest } = rolled;
  const unplaced = unplacedOf(service, step, tasks, now);
  const isRebalancing = step.rebalance === 'started' || (before === true && step.rebalance !== 'completed');
  const balanced: ServiceRow = {
    ...rest,
    ...(isRebalancing && { isRebalancing }),
    ...(unplaced && { unplaced }),
    ...(step.desiredCount !== undefined && { desiredCount: step.desiredCount }),
  };
  const row = addEvents(balanced, eventsOf(service, balanced, step, tasks), ids, now);
  return step.gone
    ? { ...row, status: 'INACTIVE', deletedAtMs: now, deployments: [], steady: false }
    : { ...row, steady: step.steady, ...(step.saysSteady && { steadySaidAtMs: now }) };
}

/** What is said of tasks that wait for an instance: it stays until a try has placed all that are missing. */
function unplacedOf({ unplaced }: ServiceRow, step: ServiceStep, { refused }: StepTasks, now: number) {
  if (refused) return unplacedAfter(unplaced, refused, now);
  const hasTried = step.start > 0 || (step.sourceStart ?? 0) > 0;
  return hasTried || step.isPlaced ? undefined : unplaced;
}

function rolledOut(service: ServiceRow, step: ServiceStep, ids: Ids, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (primary && step.next) return movedOn(service, step.next, ids, now);
  if (!primary || !step.rollout) return service;
  if (step.rollout === 'completed') return completed(service, primary, now);
  if (step.rollout === 'failed') return rolledBack(service, primary, step, ids, now);
  return { ...service, deployments: [{ ...primary, bakeFromMs: now, updatedAtMs: now }, ...others] };
}

/** From the clean-up on, the new deployment is what a later one goes back to. */
function movedOn(service: ServiceRow, next: NonNullable<ServiceStep['next']>, ids: Ids, now: number): ServiceRow {
  const moved = entered(service, next, ids, now);
  const [primary] = moved.deployments;
  return primary && next.stage === 'CLEAN_UP' ? { ...moved, lastCompleted: completedOf(primary) } : moved;
}

function countFailures(service: ServiceRow, step: ServiceStep, refused: number, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  const failed = step.failed + refused;
  if (!primary || (failed === 0 && step.recovered.length === 0)) return service;
  const isLongAgo = now - (primary.lastFailureAtMs ?? now) > FAILURES_IN_A_ROW_MS;
  const isForgotten = forgets(service, step.recovered) || (primary.rolloutState === 'COMPLETED' && isLongAgo);
  const before = isForgotten ? 0 : primary.failedTasks;
  const started = isForgotten || step.startFailures + refused < failed ? 0 : (primary.startFailures ?? 0);
  const counted: DeploymentRow = {
    ...primary,
    failedTasks: before + failed,
    startFailures: started + step.startFailures + refused,
    updatedAtMs: now,
    ...(failed > 0 && { lastFailureAtMs: now }),
  };
  return { ...service, deployments: [counted, ...others] };
}

function completed(service: ServiceRow, primary: DeploymentRow, now: number): ServiceRow {
  const done: DeploymentRow = {
    ...primary,
    rolloutState: 'COMPLETED',
    rolloutStateReason: `ECS deployment ${primary.id} completed.`,
    failedTasks: 0,
    startFailures: 0,
    updatedAtMs: now,
  };
  return { ...service, lastCompleted: completedOf(done), deployments: [done] };
}

function completedOf(deployment: DeploymentRow): CompletedDeployment {
  const { taskDefinitionArn, network, platformVersion, loadBalancers, serviceRegistries, connect } = deployment;
  const { revisionArn, imageDigests, monitoring } = deployment;
  return {
    deploymentId: deployment.id,
    taskDefinitionArn,
    network,
    platformVersion,
    loadBalancers,
    ...(serviceRegistries && { serviceRegistries }),
    ...(connect && { connect }),
    ...(monitoring && { monitoring }),
    revisionArn,
    ...(deployment.usesAlternate && { usesAlternate: true as const }),
    ...(imageDigests && { imageDigests }),
  };
}

/** Whether a failure of the service's deployments brings back what was last complete. */
function rollsBack({ deploymentConfiguration }: ServiceRow, { failure }: ServiceStep): boolean {
  if (failure === 'breaker') return deploymentConfiguration.deploymentCircuitBreaker?.rollback === true;
  if (failure === 'alarms') return deploymentConfiguration.alarms?.rollback === true;
  return failure !== 'abort-requested';
}

/**
 * The deployment has failed, and with `rollback` the last one that completed is deployed anew, with the images that it
 * ran, unless that is what has just failed.
 */
function rolledBack(service: ServiceRow, primary: DeploymentRow, step: ServiceStep, ids: Ids, now: number): ServiceRow {
  const others = service.deployments.slice(1);
  const failure = step.failure ?? 'breaker';
  const wording = FAILURE_WORDING[failure];
  const failed: DeploymentRow = {
    ...primary,
    rolloutState: 'FAILED',
    rolloutStateReason: wording.failed,
    failure,
    ...(primary.lifecycle && {
      lifecycle: { ...primary.lifecycle, hooks: withTimeouts(primary.lifecycle.hooks, now) },
    }),
    updatedAtMs: now,
  };
  const back = rollsBack(service, step) && !primary.isRollback ? service.lastCompleted : undefined;
  if (!back) return { ...halted(service), deployments: [failed, ...others] };
  const kept = primary.lifecycle && others.find((one) => one.id === back.deploymentId);
  const again: DeploymentRow = {
    ...(kept
      ? restored(kept, primary)
      : newDeployment({ ...back, serviceDeploymentArn: primary.serviceDeploymentArn }, ids, now)),
    isRollback: true,
    updatedAtMs: now,
    rolloutStateReason: wording.rollback(back),
    ...(back.imageDigests && { imageDigests: back.imageDigests }),
  };
  const {
    taskDefinitionArn,
    network,
    platformVersion,
    loadBalancers,
    serviceRegistries = [],
    connect,
    monitoring,
  } = back;
  const { connect: _failed, monitoring: _measured, ...rest } = kept ? givenTo(service, kept) : service;
  return {
    ...rest,
    ...(connect && { connect }),
    ...(monitoring && { monitoring }),
    taskDefinitionArn,
    network,
    platformVersion,
    loadBalancers,
    serviceRegistries,
    deployments: [again, { ...failed, status: 'ACTIVE' }, ...others.filter((one) => one !== kept)],
  };
}

/** What a deployment that shifts traffic was to replace, still with all of its tasks, as the primary one again. */
function restored(kept: DeploymentRow, failed: DeploymentRow): DeploymentRow {
  const {
    lifecycle: _stage,
    stopRequest: _stop,
    failure: _failure,
    alarms: _alarms,
    bakeFromMs: _bake,
    ...rest
  } = kept;
  return {
    ...rest,
    status: 'PRIMARY',
    serviceDeploymentArn: failed.serviceDeploymentArn,
    rolloutState: 'IN_PROGRESS',
    failedTasks: 0,
    startFailures: 0,
  };
}
