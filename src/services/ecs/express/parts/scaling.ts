import type { PredefinedMetricSpecification } from '@aws-sdk/client-application-auto-scaling';
import { clusterNameOf } from '../../domain/references.ts';
import { scalingPolicyName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { managedTagMap, unless } from '../site.ts';
import { findBalancer } from './load-balancer.ts';
import { findTargetGroup } from './target-group.ts';

const DIMENSION = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
const METRICS = {
  AVERAGE_CPU: 'ECSServiceAverageCPUUtilization',
  AVERAGE_MEMORY: 'ECSServiceAverageMemoryUtilization',
} as const;

/** So many tasks as keep a metric at its target. */
export const scaling: PartWork = {
  wish: ({ wish }) => wish.scalingTarget,
  async make(site) {
    const { call, row, wish } = site;
    const { minTaskCount, maxTaskCount, autoScalingTargetValue } = wish.scalingTarget;
    const metric = await metricOf(site);
    if (!metric) return false;
    const of = { ...DIMENSION, ResourceId: resourceId(site) };
    const isNew = row.made.scaling === undefined;
    await call('application-autoscaling', 'RegisterScalableTarget', {
      ...of,
      MinCapacity: minTaskCount,
      MaxCapacity: maxTaskCount,
      ...(isNew && { Tags: managedTagMap(row) }),
    });
    await call('application-autoscaling', 'PutScalingPolicy', {
      ...of,
      PolicyName: scalingPolicyName(row.id),
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: autoScalingTargetValue,
        PredefinedMetricSpecification: metric,
      },
    });
    return true;
  },
  async remove(site) {
    const of = { ...DIMENSION, ResourceId: resourceId(site) };
    await unless(site.call('application-autoscaling', 'DeregisterScalableTarget', of), 'ObjectNotFoundException');
    return true;
  },
};

function resourceId({ row }: Site): string {
  return `service/${clusterNameOf(row.clusterArn)}/${row.name}`;
}

async function metricOf(site: Site): Promise<PredefinedMetricSpecification | undefined> {
  const { autoScalingMetric = 'AVERAGE_CPU' } = site.wish.scalingTarget;
  if (autoScalingMetric !== 'REQUEST_COUNT_PER_TARGET') return { PredefinedMetricType: METRICS[autoScalingMetric] };
  const balancer = await findBalancer(site);
  const group = await findTargetGroup(site);
  const front = balancer?.LoadBalancerArn?.split(':loadbalancer/')[1];
  const back = group?.TargetGroupArn?.split(':').at(-1);
  if (front === undefined || back === undefined) return undefined;
  return { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: `${front}/${back}` };
}
