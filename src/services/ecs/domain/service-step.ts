import { isDeepStrictEqual } from 'node:util';
import type { Ids } from '../../../kernel/ids.ts';
import type { DeploymentRow, ServiceEventRow, ServiceRow, TaskRow } from '../tables.ts';
import { BLOCKED_EVENT } from './service-plan.ts';
import type { ServiceStep } from './service-plan.ts';

const EVENTS_KEPT = 100;
/** Once its deployment is completed, a task that fails this long after the last one is a first failure again. */
const FAILURES_IN_A_ROW_MS = 300_000;

export function addEvents(service: ServiceRow, messages: readonly string[], ids: Ids, now: number): ServiceRow {
  if (messages.length === 0) return service;
  const added: ServiceEventRow[] = messages.map((message) => ({
    id: ids.uuid(),
    atMs: now,
    message: `(service ${service.name}) ${message}`,
  }));
  return { ...service, events: [...added.toReversed(), ...service.events].slice(0, EVENTS_KEPT) };
}

export function newDeployment(
  of: Pick<ServiceRow, 'taskDefinitionArn' | 'network' | 'platformVersion'>,
  ids: Ids,
  now: number,
): DeploymentRow {
  // Nineteen digits, as ECS's deployment ids have.
  const digits = Array.from(ids.bytes(19), (byte) => byte % 10).join('');
  const id = `ecs-svc/${digits}`;
  return {
    id,
    status: 'PRIMARY',
    taskDefinitionArn: of.taskDefinitionArn,
    network: of.network,
    platformVersion: of.platformVersion,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    createdAtMs: now,
    updatedAtMs: now,
  };
}

/** The service row after a step. `started` are the tasks that the step has made. */
export function afterStep(
  service: ServiceRow,
  step: ServiceStep,
  started: readonly TaskRow[],
  ids: Ids,
  now: number,
): ServiceRow {
  const counted = step.failed > 0 ? countFailures(service, step.failed, now) : service;
  const rolled =
    step.rollout === 'completed'
      ? completed(counted, now)
      : step.rollout === 'failed'
        ? rolledBack(counted, ids, now)
        : counted;
  const row = addEvents(rolled, eventsOf(service, step, started), ids, now);
  return step.gone
    ? { ...row, status: 'INACTIVE', deletedAtMs: now, deployments: [], steady: false }
    : { ...row, steady: step.steady };
}

function eventsOf(service: ServiceRow, step: ServiceStep, started: readonly TaskRow[]): string[] {
  const name = (arn: string) => `(task ${arn.split('/').at(-1)})`;
  const deployment = service.deployments[0]?.id ?? '';
  const unhealthy = step.stops.filter((stop) => stop.unhealthy);
  return [
    ...unhealthy.map((stop) => `${name(stop.taskArn)} ${stop.reason.replace(/^Task /, '')}.`),
    ...(step.stops.length > 0
      ? [`has stopped ${step.stops.length} running tasks: ${step.stops.map((stop) => name(stop.taskArn)).join(' ')}.`]
      : []),
    ...(started.length > 0
      ? [`has started ${started.length} tasks: ${started.map((task) => name(task.arn)).join(' ')}.`]
      : []),
    ...(step.rollout === 'completed' ? [`(deployment ${deployment}) deployment completed.`] : []),
    ...(step.rollout === 'failed' ? [`(deployment ${deployment}) deployment failed: tasks failed to start.`] : []),
    ...(step.blocked ? [BLOCKED_EVENT] : []),
    ...(step.steady && !service.steady ? ['has reached a steady state.'] : []),
  ];
}

function countFailures(service: ServiceRow, failed: number, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (!primary) return service;
  const isLongAgo = now - (primary.lastFailureAtMs ?? now) > FAILURES_IN_A_ROW_MS;
  const before = primary.rolloutState === 'COMPLETED' && isLongAgo ? 0 : primary.failedTasks;
  return {
    ...service,
    deployments: [{ ...primary, failedTasks: before + failed, lastFailureAtMs: now, updatedAtMs: now }, ...others],
  };
}

function completed(service: ServiceRow, now: number): ServiceRow {
  const [primary] = service.deployments;
  if (!primary) return service;
  return {
    ...service,
    lastCompleted: revisionOf(primary),
    deployments: [
      {
        ...primary,
        rolloutState: 'COMPLETED',
        rolloutStateReason: `ECS deployment ${primary.id} completed.`,
        failedTasks: 0,
        updatedAtMs: now,
      },
    ],
  };
}

function revisionOf({ taskDefinitionArn, network }: DeploymentRow): NonNullable<ServiceRow['lastCompleted']> {
  return { taskDefinitionArn, network };
}

/**
 * The circuit breaker's end: the deployment has failed, and with `rollback` the last one that completed is deployed anew,
 * unless that is what has just failed.
 */
function rolledBack(service: ServiceRow, ids: Ids, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (!primary) return service;
  const failed: DeploymentRow = {
    ...primary,
    rolloutState: 'FAILED',
    rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    updatedAtMs: now,
  };
  const last = service.deploymentConfiguration.deploymentCircuitBreaker?.rollback ? service.lastCompleted : undefined;
  const back = last && !isDeepStrictEqual(last, revisionOf(primary)) ? last : undefined;
  if (!back) return { ...service, deployments: [failed, ...others] };
  const again = newDeployment({ ...back, platformVersion: service.platformVersion }, ids, now);
  return {
    ...service,
    taskDefinitionArn: back.taskDefinitionArn,
    network: back.network,
    deployments: [
      {
        ...again,
        rolloutStateReason: `ECS deployment circuit breaker: rolling back to deployment of ${back.taskDefinitionArn}.`,
      },
      { ...failed, status: 'ACTIVE' },
      ...others,
    ],
  };
}
