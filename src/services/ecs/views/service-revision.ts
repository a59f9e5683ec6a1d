import type { LoadBalancer, ServiceRevision, ServiceRevisionLoadBalancer } from '@aws-sdk/client-ecs';
import { strategyView } from '../domain/capacity-provider-strategy.ts';
import { monitoringView } from '../domain/service-monitoring.ts';
import { targetGroupOf } from '../domain/traffic-shift.ts';
import type { ServiceRevisionRow } from '../service-tables.ts';
import { connectView } from './service-connect.ts';
import { networkView } from './service.ts';

export function serviceRevisionView(row: ServiceRevisionRow): ServiceRevision {
  return {
    serviceRevisionArn: row.arn,
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    taskDefinition: row.taskDefinitionArn,
    ...(row.capacityProviderStrategy
      ? { capacityProviderStrategy: strategyView(row.capacityProviderStrategy) }
      : { launchType: row.launchType ?? 'FARGATE' }),
    ...(row.launchType === 'EC2' ? {} : { platformVersion: row.platformVersion, platformFamily: 'Linux' }),
    loadBalancers: [...row.loadBalancers],
    serviceRegistries: [...(row.serviceRegistries ?? [])],
    ...connectView(row.connect),
    ...monitoringView(row.monitoring),
    ...networkView(row.network),
    containerImages: Object.entries(row.images).map(([containerName, image]) => {
      const imageDigest = row.imageDigests?.[containerName];
      return { containerName, image, ...(imageDigest === undefined ? {} : { imageDigest }) };
    }),
    ...(row.loadBalancers.some((balancer) => balancer.advancedConfiguration) && {
      resolvedConfiguration: { loadBalancers: row.loadBalancers.map((balancer) => resolved(row, balancer)) },
    }),
    guardDutyEnabled: false,
    createdAt: new Date(row.createdAtMs),
  };
}

/** The one of the two target groups that the revision's tasks are in. */
function resolved(row: ServiceRevisionRow, balancer: LoadBalancer): ServiceRevisionLoadBalancer {
  const rule = balancer.advancedConfiguration?.productionListenerRule;
  return { targetGroupArn: targetGroupOf(balancer, row), ...(rule && { productionListenerRule: rule }) };
}
