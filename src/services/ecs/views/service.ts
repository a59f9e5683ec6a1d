import type { AwsVpcConfiguration, Deployment, Service } from '@aws-sdk/client-ecs';
import { formatArn } from '../../../kernel/arn.ts';
import { tagList } from '../domain/tag-list.ts';
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
    launchType: row.launchType,
    platformVersion: 'LATEST',
    platformFamily: 'Linux',
    taskDefinition: row.taskDefinitionArn,
    deploymentConfiguration: row.deploymentConfiguration,
    deployments: row.deployments.map((deployment) => deploymentView(row, deployment, live)),
    deploymentController: { type: 'ECS' },
    schedulingStrategy: 'REPLICA',
    availabilityZoneRebalancing: 'DISABLED',
    roleArn: formatArn('iam', { account: row.account }, 'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'),
    loadBalancers: [...row.loadBalancers],
    serviceRegistries: [],
    networkConfiguration: { awsvpcConfiguration: awsvpcView(row.network) },
    placementConstraints: [],
    placementStrategy: [],
    events: row.events.map((event) => ({ id: event.id, createdAt: new Date(event.atMs), message: event.message })),
    enableECSManagedTags: row.enableEcsManagedTags,
    enableExecuteCommand: false,
    propagateTags: row.propagateTags,
    createdAt: new Date(row.createdAtMs),
    createdBy: row.createdBy,
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    ...(row.healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: row.healthCheckGracePeriodSeconds }),
  };
}

function deploymentView(row: ServiceRow, deployment: DeploymentRow, live: readonly TaskRow[]): Deployment {
  const own = live.filter((task) => task.deploymentId === deployment.id);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: deployment.status === 'PRIMARY' ? row.desiredCount : 0,
    runningCount: countRunning(own),
    pendingCount: countPending(own),
    failedTasks: deployment.failedTasks,
    launchType: row.launchType,
    platformVersion: deployment.platformVersion,
    platformFamily: 'Linux',
    networkConfiguration: { awsvpcConfiguration: awsvpcView(deployment.network) },
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    createdAt: new Date(deployment.createdAtMs),
    updatedAt: new Date(deployment.updatedAtMs),
  };
}

function awsvpcView(network: AwsVpcRow): AwsVpcConfiguration {
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
