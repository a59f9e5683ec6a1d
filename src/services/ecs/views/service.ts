import type { AwsVpcConfiguration, Deployment, Service } from '@aws-sdk/client-ecs';
import { formatArn } from '../../../kernel/arn.ts';
import { strategyView } from '../domain/capacity-provider-strategy.ts';
import { LATEST_PLATFORM } from '../domain/platform-version.ts';
import { isCleaningUp } from '../domain/traffic-plan.ts';
import { percentOf } from '../domain/traffic-shift.ts';
import { tagList } from '../domain/tag-list.ts';
import { connectView } from './service-connect.ts';
import type { AwsVpcRow, DeploymentRow, ServiceRow, TaskRow } from '../tables.ts';

export function serviceView(row: ServiceRow, tasks: readonly TaskRow[], include: readonly string[] = []): Service {
  const live = tasks.filter((task) => task.lastStatus !== 'STOPPED');
  return {
    serviceArn: row.arn,
    serviceName: row.name,
    clusterArn: row.clusterArn,
    status: row.status,
    desiredCount: row.desiredCount,
    runningCount: countRunning(live),
    pendingCount: countPending(live),
    ...placementView(row),
    ...(row.launchType === 'FARGATE' && {
      platformVersion: row.platformVersion === LATEST_PLATFORM ? 'LATEST' : row.platformVersion,
      platformFamily: 'Linux',
    }),
    taskDefinition: row.taskDefinitionArn,
    deploymentConfiguration: row.deploymentConfiguration,
    deployments: row.deployments.map((deployment) => deploymentView(row, deployment, live)),
    deploymentController: { type: 'ECS' },
    schedulingStrategy: row.schedulingStrategy ?? 'REPLICA',
    availabilityZoneRebalancing: row.availabilityZoneRebalancing,
    resourceManagementType: 'CUSTOMER',
    roleArn: formatArn('iam', { account: row.account }, 'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'),
    loadBalancers: [...row.loadBalancers],
    serviceRegistries: [...(row.serviceRegistries ?? [])],
    ...networkView(row.network),
    placementConstraints: [...(row.placementConstraints ?? [])],
    placementStrategy: [...(row.placementStrategy ?? [])],
    events: row.events.map((event) => ({ id: event.id, createdAt: new Date(event.atMs), message: event.message })),
    enableECSManagedTags: row.enableEcsManagedTags,
    enableExecuteCommand: row.enableExecuteCommand,
    propagateTags: row.propagateTags,
    createdAt: new Date(row.createdAtMs),
    createdBy: row.createdBy,
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    ...currentView(row, live),
    ...(row.healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: row.healthCheckGracePeriodSeconds }),
  };
}

/** The service deployment that the service is in, or was in last, and what runs of each revision. */
function currentView(
  row: ServiceRow,
  live: readonly TaskRow[],
): Pick<Service, 'currentServiceDeployment' | 'currentServiceRevisions'> {
  const { deployments } = row;
  const [primary] = deployments;
  if (!primary) return {};
  return {
    currentServiceDeployment: primary.serviceDeploymentArn,
    currentServiceRevisions: [...new Set(deployments.map((one) => one.revisionArn))].map((arn) => {
      const ids = deployments.filter((one) => one.revisionArn === arn).map((one) => one.id);
      const own = live.filter((task) => ids.includes(task.deploymentId ?? ''));
      return {
        arn,
        requestedTaskCount: Math.max(
          0,
          ...deployments.filter((one) => one.revisionArn === arn).map((one) => requestedCount(row, one)),
        ),
        runningTaskCount: countRunning(own),
        pendingTaskCount: countPending(own),
        ...weightsView(row, arn),
      };
    }),
  };
}

function deploymentView(row: ServiceRow, deployment: DeploymentRow, live: readonly TaskRow[]): Deployment {
  const own = live.filter((task) => task.deploymentId === deployment.id);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: requestedCount(row, deployment),
    runningCount: countRunning(own),
    pendingCount: countPending(own),
    failedTasks: deployment.failedTasks,
    ...placementView(row),
    ...(row.launchType === 'FARGATE' && { platformVersion: deployment.platformVersion, platformFamily: 'Linux' }),
    ...networkView(deployment.network),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    ...connectView(deployment.connect),
    createdAt: new Date(deployment.createdAtMs),
    updatedAt: new Date(deployment.updatedAtMs),
  };
}

/** While traffic is shifted, what is replaced keeps its tasks. */
export function requestedCount(service: ServiceRow, deployment: DeploymentRow): number {
  const [primary] = service.deployments;
  if (deployment.id === primary?.id) return service.desiredCount;
  const keeps = primary?.lifecycle && primary.rolloutState !== 'COMPLETED' && !isCleaningUp(primary);
  return keeps && deployment.id === service.lastCompleted?.deploymentId ? service.desiredCount : 0;
}

/** What share of the traffic a revision is to get, where ECS shifts it. */
export function weightsView(
  { traffic, deployments }: ServiceRow,
  revisionArn: string,
): { requestedTestTrafficWeight?: number; requestedProductionTrafficWeight?: number } {
  const deployment = deployments.find((one) => one.revisionArn === revisionArn);
  if (!traffic || !deployment) return {};
  return {
    requestedTestTrafficWeight: percentOf(deployment, 'test', traffic),
    requestedProductionTrafficWeight: percentOf(deployment, 'production', traffic),
  };
}

/** Either how it is placed, or by which launch type. */
function placementView(row: ServiceRow): Pick<Service, 'launchType' | 'capacityProviderStrategy'> {
  return row.capacityProviderStrategy
    ? { capacityProviderStrategy: strategyView(row.capacityProviderStrategy) }
    : { launchType: row.launchType };
}

/** Tasks on their instance's network have none. */
export function networkView(network: AwsVpcRow): Pick<Service, 'networkConfiguration'> {
  return network.subnets.length === 0 ? {} : { networkConfiguration: { awsvpcConfiguration: awsvpcView(network) } };
}

export function awsvpcView(network: AwsVpcRow): AwsVpcConfiguration {
  return {
    subnets: [...network.subnets],
    securityGroups: [...network.securityGroups],
    assignPublicIp: network.assignPublicIp ? 'ENABLED' : 'DISABLED',
  };
}

export function countRunning(tasks: readonly TaskRow[]): number {
  return tasks.filter((task) => task.lastStatus === 'RUNNING').length;
}

export function countPending(tasks: readonly TaskRow[]): number {
  return tasks.filter(
    (task) => task.desiredStatus === 'RUNNING' && ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(task.lastStatus),
  ).length;
}
