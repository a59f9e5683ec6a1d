import type { Ids } from '../../../kernel/ids.ts';
import { parseArn, formatArn } from '../../../kernel/arn.ts';
import type { ServiceDeploymentRow, ServiceRevisionRow } from '../service-tables.ts';
import type { DeploymentRow, ServiceRow, TaskDefinitionRow } from '../tables.ts';
import { FAILURE_WORDING } from './deployment-reasons.ts';
import { breakerThreshold } from './failure-throttle.ts';
import { nineteenDigits } from './service-step.ts';

const ENDED = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']);

export function isEnded({ status }: Pick<ServiceDeploymentRow, 'status'>): boolean {
  return ENDED.has(status);
}

type Named = Pick<ServiceRow, 'arn' | 'account' | 'region'>;

/** `service-revision/CLUSTER/SERVICE/ID` */
export function newRevisionArn(service: Named, ids: Ids): string {
  return formatArn('ecs', service, `service-revision/${pathOf(service)}/${nineteenDigits(ids)}`);
}

/** `service-deployment/CLUSTER/SERVICE/ID` */
export function newServiceDeploymentArn(service: Named, ids: Ids): string {
  const id = Buffer.from(ids.bytes(16)).toString('base64url').slice(0, 21);
  return formatArn('ecs', service, `service-deployment/${pathOf(service)}/${id}`);
}

function pathOf({ arn }: Named): string {
  return (parseArn(arn)?.resource ?? '').replace(/^service\//, '');
}

/** The service that a revision's, or a service deployment's, ARN is of; undefined for any other ARN. */
export function serviceOfArn(arn: string): string | undefined {
  const parsed = parseArn(arn);
  const match = /^service-(?:revision|deployment)\/([^/]+\/[^/]+)\/[^/]+$/.exec(parsed?.resource ?? '');
  return parsed && match?.[1] ? formatArn('ecs', parsed, `service/${match[1]}`) : undefined;
}

/** What the primary deployment of a service rolls out. */
export function revisionOf(
  service: ServiceRow,
  { definition }: TaskDefinitionRow,
  now: number,
): ServiceRevisionRow | undefined {
  const [primary] = service.deployments;
  if (!primary) return undefined;
  const images = (definition.containerDefinitions ?? []).map(({ name = '', image = '' }) => [name, image]);
  return {
    account: service.account,
    region: service.region,
    arn: primary.revisionArn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    taskDefinitionArn: primary.taskDefinitionArn,
    network: primary.network,
    platformVersion: primary.platformVersion,
    loadBalancers: primary.loadBalancers,
    ...(primary.serviceRegistries && { serviceRegistries: primary.serviceRegistries }),
    ...(primary.connect && { connect: primary.connect }),
    ...(primary.monitoring && { monitoring: primary.monitoring }),
    ...(service.launchType === 'EC2' && { launchType: service.launchType }),
    ...(service.capacityProviderStrategy && { capacityProviderStrategy: service.capacityProviderStrategy }),
    ...(primary.usesAlternate && { usesAlternate: primary.usesAlternate }),
    images: Object.fromEntries(images),
    createdAtMs: now,
  };
}

/** A service deployment as it begins. */
export function newServiceDeployment(service: ServiceRow, now: number): ServiceDeploymentRow | undefined {
  const [primary, ...others] = service.deployments;
  if (!primary) return undefined;
  return {
    account: service.account,
    region: service.region,
    arn: primary.serviceDeploymentArn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    deploymentId: primary.id,
    targetRevisionArn: primary.revisionArn,
    sourceRevisionArns: [...new Set(others.map((one) => one.revisionArn))],
    status: 'IN_PROGRESS',
    failureCount: 0,
    triggeredAlarms: [],
    deploymentConfiguration: service.deploymentConfiguration,
    createdAtMs: now,
    updatedAtMs: now,
  };
}

/**
 * What a service deployment is, read off its service's row: the same answer however often it is asked. The same row
 * where nothing is new.
 */
export function followed(row: ServiceDeploymentRow, service: ServiceRow, now: number): ServiceDeploymentRow {
  if (isEnded(row)) return row;
  const own = service.deployments.find((one) => one.id === row.deploymentId);
  const back = service.deployments.find((one) => one.isRollback && one.serviceDeploymentArn === row.arn);
  const next: ServiceDeploymentRow = {
    ...row,
    ...stateOf(row, service, own, back),
    ...watchedOf(row, service, own),
    ...(back && !row.rollback && { rollback: rollbackOf(row, own, back, now) }),
  };
  if (JSON.stringify(next) === JSON.stringify(row)) return row;
  const ended = !isEnded(next) ? {} : next.status === 'STOPPED' ? { stoppedAtMs: now } : { finishedAtMs: now };
  return { ...next, updatedAtMs: now, ...ended };
}

function stateOf(
  row: ServiceDeploymentRow,
  service: ServiceRow,
  own: DeploymentRow | undefined,
  back: DeploymentRow | undefined,
): Pick<ServiceDeploymentRow, 'status' | 'statusReason'> {
  const failure = own?.failure ?? row.failure ?? 'breaker';
  const wording = FAILURE_WORDING[failure];
  // Another has taken its place, and is not its own rollback.
  const isCurrent = service.deployments[0]?.serviceDeploymentArn === row.arn;
  if (service.status !== 'ACTIVE') return { status: 'STOPPED', statusReason: 'Service was deleted.' };
  if (!isCurrent) {
    return {
      status: row.status.startsWith('ROLLBACK') ? 'ROLLBACK_FAILED' : 'STOPPED',
      statusReason: 'Service deployment stopped because a new service deployment was started.',
    };
  }
  if (back) {
    const statuses = {
      IN_PROGRESS: 'ROLLBACK_IN_PROGRESS',
      COMPLETED: 'ROLLBACK_SUCCESSFUL',
      FAILED: 'ROLLBACK_FAILED',
    };
    return { status: statuses[back.rolloutState] as ServiceDeploymentRow['status'], statusReason: wording.rolledBack };
  }
  if (own?.rolloutState === 'COMPLETED') return { status: 'SUCCESSFUL' };
  if (own?.rolloutState === 'FAILED') return { status: 'STOPPED', statusReason: wording.stopped };
  if (own?.stopRequest) return { status: own.stopRequest === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED' };
  return { status: 'IN_PROGRESS' };
}

/** Its circuit breaker, alarms and bake time, while it is not rolled back. */
function watchedOf(
  row: ServiceDeploymentRow,
  service: ServiceRow,
  own: DeploymentRow | undefined,
): Partial<ServiceDeploymentRow> {
  if (!own) return {};
  const { deploymentCircuitBreaker: breaker } = row.deploymentConfiguration;
  // A completed deployment counts from none again; the story keeps what it was.
  const failureCount = own.rolloutState === 'COMPLETED' ? row.failureCount : own.failedTasks;
  return {
    failureCount,
    ...(own.failure && { failure: own.failure }),
    ...(breaker?.enable && { threshold: breakerThreshold(service.desiredCount, breaker) }),
    ...(own.alarms && { triggeredAlarms: own.alarms.triggered }),
    ...(own.lifecycle && { stage: own.lifecycle.stage, hooks: own.lifecycle.hooks }),
    ...(own.bakeFromMs !== undefined && { isBaking: true as const }),
  };
}

function rollbackOf(
  row: ServiceDeploymentRow,
  own: DeploymentRow | undefined,
  back: DeploymentRow,
  now: number,
): NonNullable<ServiceDeploymentRow['rollback']> {
  const { rolledBack } = FAILURE_WORDING[own?.failure ?? row.failure ?? 'breaker'];
  return { reason: rolledBack, startedAtMs: now, revisionArn: back.revisionArn };
}
