import type { Service, TaskSet } from '@aws-sdk/client-ecs';
import { strategyView } from '../domain/capacity-provider-strategy.ts';
import { tagList } from '../domain/tag-list.ts';
import { computedCount } from '../domain/task-set.ts';
import type { TaskSetRow } from '../domain/task-set.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';
import { countPending, countRunning, networkView } from './service.ts';

export function taskSetView(
  row: TaskSetRow,
  service: ServiceRow,
  tasks: readonly TaskRow[],
  include: readonly string[] = [],
): TaskSet {
  const own = tasks.filter((task) => task.deploymentId === row.id && task.lastStatus !== 'STOPPED');
  const { workload, capacityProviderStrategy: strategy } = row;
  return {
    id: row.id,
    taskSetArn: row.arn,
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    ...(row.externalId !== undefined && { externalId: row.externalId }),
    status: row.status,
    taskDefinition: workload.taskDefinitionArn,
    computedDesiredCount: computedCount(row, service),
    pendingCount: countPending(own),
    runningCount: countRunning(own),
    createdAt: new Date(row.createdAtMs),
    updatedAt: new Date(row.updatedAtMs),
    ...(strategy ? { capacityProviderStrategy: strategyView(strategy) } : { launchType: row.launchType ?? 'FARGATE' }),
    ...(row.launchType === undefined && { platformVersion: workload.platformVersion, platformFamily: 'Linux' }),
    ...networkView(workload.network),
    loadBalancers: [...workload.loadBalancers],
    serviceRegistries: [...(workload.serviceRegistries ?? [])],
    scale: { value: row.scale, unit: 'PERCENT' },
    stabilityStatus: row.isSteady ? 'STEADY_STATE' : 'STABILIZING',
    stabilityStatusAt: new Date(row.stabilityAtMs),
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
  };
}

/** What a service shows of itself where an external controller deploys it: its primary task set, and all of them. */
export function externalView(
  service: ServiceRow,
  sets: readonly TaskSetRow[],
  tasks: readonly TaskRow[],
): Partial<Service> {
  const primary = sets.find((set) => set.status === 'PRIMARY')?.workload;
  return {
    deploymentController: { type: 'EXTERNAL' },
    deployments: [],
    taskSets: sets.map((set) => taskSetView(set, service, tasks)),
    taskDefinition: primary?.taskDefinitionArn,
    ...(primary && networkView(primary.network)),
    loadBalancers: [...(primary?.loadBalancers ?? [])],
  };
}
