import type { Cluster, KeyValuePair } from '@aws-sdk/client-ecs';
import { strategyView } from '../domain/capacity-provider-strategy.ts';
import { tagList } from '../domain/tag-list.ts';
import type { ClusterRow } from '../tables.ts';

export interface ClusterCounts {
  readonly running: number;
  readonly pending: number;
  readonly activeServices: number;
  readonly drainingServices: number;
}

/** `include` as DescribeClusters takes it: what is not asked for is empty, as ECS answers. */
export function clusterView(row: ClusterRow, counts: ClusterCounts, include: readonly string[]): Cluster {
  return {
    clusterArn: row.arn,
    clusterName: row.name,
    status: row.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: counts.activeServices,
    statistics: include.includes('STATISTICS') ? statisticsOf(counts) : [],
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    settings: include.includes('SETTINGS') ? [...row.settings] : [],
    capacityProviders: [...row.capacityProviders],
    defaultCapacityProviderStrategy: strategyView(row.defaultCapacityProviderStrategy),
    ...(row.serviceConnectNamespaceArn && { serviceConnectDefaults: { namespace: row.serviceConnectNamespaceArn } }),
    ...(include.includes('ATTACHMENTS') ? { attachments: [] } : {}),
    ...(row.configuration && include.includes('CONFIGURATIONS') ? { configuration: row.configuration } : {}),
  };
}

/** All of Fargate's: a cluster here has no instances of its own. */
function statisticsOf({ running, pending, activeServices, drainingServices }: ClusterCounts): KeyValuePair[] {
  const counts = {
    runningEC2TasksCount: 0,
    runningFargateTasksCount: running,
    pendingEC2TasksCount: 0,
    pendingFargateTasksCount: pending,
    runningExternalTasksCount: 0,
    pendingExternalTasksCount: 0,
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: activeServices,
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: drainingServices,
    activeExternalServiceCount: 0,
    drainingExternalServiceCount: 0,
  };
  return Object.entries(counts).map(([name, value]) => ({ name, value: String(value) }));
}
