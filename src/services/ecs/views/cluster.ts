import type { Cluster, KeyValuePair } from '@aws-sdk/client-ecs';
import type { CapacityAttachmentRow } from '../capacity-provider-tables.ts';
import { strategyView } from '../domain/capacity-provider-strategy.ts';
import { tagList } from '../domain/tag-list.ts';
import type { ClusterRow } from '../tables.ts';
import { attachmentViews, attachmentsStatus } from './capacity-provider.ts';

/** What there is of one launch type. */
export interface LaunchTypeCounts {
  readonly running: number;
  readonly pending: number;
  readonly activeServices: number;
  readonly drainingServices: number;
}

export interface ClusterCounts {
  readonly instances: number;
  readonly fargate: LaunchTypeCounts;
  readonly ec2: LaunchTypeCounts;
  /** Of its capacity providers. */
  readonly attachments: readonly CapacityAttachmentRow[];
}

/** `include` as DescribeClusters takes it: what is not asked for is empty, as ECS answers. */
export function clusterView(row: ClusterRow, counts: ClusterCounts, include: readonly string[]): Cluster {
  const sum = (of: keyof LaunchTypeCounts) => counts.fargate[of] + counts.ec2[of];
  return {
    clusterArn: row.arn,
    clusterName: row.name,
    status: row.status,
    registeredContainerInstancesCount: counts.instances,
    runningTasksCount: sum('running'),
    pendingTasksCount: sum('pending'),
    activeServicesCount: sum('activeServices'),
    statistics: include.includes('STATISTICS') ? statisticsOf(counts) : [],
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    settings: include.includes('SETTINGS') ? [...row.settings] : [],
    capacityProviders: [...row.capacityProviders],
    defaultCapacityProviderStrategy: strategyView(row.defaultCapacityProviderStrategy),
    ...(row.serviceConnectNamespaceArn && { serviceConnectDefaults: { namespace: row.serviceConnectNamespaceArn } }),
    ...(include.includes('ATTACHMENTS')
      ? { attachments: attachmentViews(counts.attachments), ...attachmentsStatus(counts.attachments) }
      : {}),
    ...(row.configuration && include.includes('CONFIGURATIONS') ? { configuration: row.configuration } : {}),
  };
}

function statisticsOf({ ec2, fargate }: ClusterCounts): KeyValuePair[] {
  const counts = {
    runningEC2TasksCount: ec2.running,
    runningFargateTasksCount: fargate.running,
    pendingEC2TasksCount: ec2.pending,
    pendingFargateTasksCount: fargate.pending,
    runningExternalTasksCount: 0,
    pendingExternalTasksCount: 0,
    activeEC2ServiceCount: ec2.activeServices,
    activeFargateServiceCount: fargate.activeServices,
    drainingEC2ServiceCount: ec2.drainingServices,
    drainingFargateServiceCount: fargate.drainingServices,
    activeExternalServiceCount: 0,
    drainingExternalServiceCount: 0,
  };
  return Object.entries(counts).map(([name, value]) => ({ name, value: String(value) }));
}
