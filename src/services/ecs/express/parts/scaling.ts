import type {
  TargetTrackingMetricDataQuery,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { clusterNameOf } from '../../domain/references.ts';
import { scalingPolicyName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { managedTagMap, unless } from '../site.ts';
import { targetGroups } from './target-group.ts';

const DIMENSION = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
const METRICS = {
  AVERAGE_CPU: 'ECSServiceAverageCPUUtilization',
  AVERAGE_MEMORY: 'ECSServiceAverageMemoryUtilization',
} as const;

/** So many tasks as keep a metric at its target. */
export const scaling: PartWork = {
  wish: ({ wish }) => ['two groups', wish.scalingTarget],
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
        ...metric,
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

type Metric = Omit<TargetTrackingScalingPolicyConfiguration, 'TargetValue'>;

async function metricOf(site: Site): Promise<Metric | undefined> {
  const { autoScalingMetric = 'AVERAGE_CPU' } = site.wish.scalingTarget;
  if (autoScalingMetric !== 'REQUEST_COUNT_PER_TARGET') {
    return { PredefinedMetricSpecification: { PredefinedMetricType: METRICS[autoScalingMetric] } };
  }
  const groups = await targetGroups(site);
  return groups && { CustomizedMetricSpecification: { Metrics: requestsPerTask([groups.own, groups.alternate]) } };
}

/**
 * `ALBRequestCountPerTarget` is of one group, and the traffic changes groups with every deployment: the sum over both is
 * what a task of the desired count gets, also while they share the traffic.
 */
function requestsPerTask(groups: readonly string[]): TargetTrackingMetricDataQuery[] {
  const Metric = (group: string) => ({
    Namespace: 'AWS/ApplicationELB',
    MetricName: 'RequestCountPerTarget',
    Dimensions: [{ Name: 'TargetGroup', Value: group.split(':').at(-1) ?? '' }],
  });
  return [
    ...groups.map((group, at) => ({
      Id: `m${at + 1}`,
      MetricStat: { Metric: Metric(group), Stat: 'Sum' },
      ReturnData: false,
    })),
    { Id: 'requests', Expression: 'FILL(m1, 0) + FILL(m2, 0)', Label: 'Requests per task', ReturnData: true },
  ];
}
