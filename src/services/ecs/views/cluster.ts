import type { Cluster } from '@aws-sdk/client-ecs';
import { tagList } from '../domain/tag-list.ts';
import type { ClusterRow } from '../tables.ts';

export interface ClusterCounts {
  readonly running: number;
  readonly pending: number;
  readonly activeServices: number;
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
    statistics: [],
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    settings: include.includes('SETTINGS') ? [...row.settings] : [],
    capacityProviders: [...row.capacityProviders],
    defaultCapacityProviderStrategy: [...row.defaultCapacityProviderStrategy],
    ...(row.configuration && include.includes('CONFIGURATIONS') ? { configuration: row.configuration } : {}),
  };
}
