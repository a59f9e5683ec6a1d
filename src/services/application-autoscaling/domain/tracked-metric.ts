import type { TargetTrackingScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling';
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { invalid, notSupported } from '../errors.ts';
import { SCALE_IN_SHARE } from '../../../kernel/scaling-decision.ts';

type Configuration = TargetTrackingScalingPolicyConfiguration;

/** Which metric a policy keeps at its target, as it was asked for. */
export type Tracked = Pick<Configuration, 'PredefinedMetricSpecification' | 'CustomizedMetricSpecification'>;

const UTILIZATION: Readonly<Record<string, string>> = {
  ECSServiceAverageCPUUtilization: 'CPUUtilization',
  ECSServiceAverageMemoryUtilization: 'MemoryUtilization',
  ECSServiceAverageCPUUtilizationHighResolution: 'CPUUtilization',
  ECSServiceAverageMemoryUtilizationHighResolution: 'MemoryUtilization',
};

export function trackedFrom(input: Configuration): Tracked {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } = input;
  if ((predefined === undefined) === (customized === undefined)) {
    throw invalid('Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.');
  }
  if (customized) return { CustomizedMetricSpecification: customized };
  const type = predefined?.PredefinedMetricType ?? '';
  if (type === 'ALBRequestCountPerTarget') {
    if (!LABEL.test(predefined?.ResourceLabel ?? '')) {
      throw invalid(
        `The resource label ${predefined?.ResourceLabel ?? ''} does not name a load balancer and a target group.`,
      );
    }
  } else if (!Object.hasOwn(UTILIZATION, type)) {
    throw notSupported(`The predefined metric ${type}`);
  } else if (predefined?.ResourceLabel !== undefined) {
    throw invalid('ResourceLabel may only be specified for ALBRequestCountPerTarget.');
  }
  return predefined ? { PredefinedMetricSpecification: predefined } : {};
}

/** `app/NAME/ID/targetgroup/NAME/ID` */
const LABEL = /^(app\/[^/]+\/[0-9a-f]+)\/(targetgroup\/[^/]+\/[0-9a-f]+)$/;

type Question = Pick<
  PutMetricAlarmInput,
  'MetricName' | 'Namespace' | 'Dimensions' | 'Statistic' | 'Unit' | 'Metrics' | 'Period'
>;

/** The metric as an alarm asks for it. */
function questionOf(
  { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom }: Tracked,
  resourceId: string,
): Question {
  if (custom?.Metrics) {
    return {
      Metrics: custom.Metrics.map(({ MetricStat, ...rest }): MetricDataQuery => ({
        ...rest,
        ...(MetricStat && {
          MetricStat: {
            ...MetricStat,
            Period: 60,
            Unit: undefined,
            ...(MetricStat.Unit !== undefined && { Unit: MetricStat.Unit as never }),
          },
        }),
      })),
    };
  }
  if (custom) {
    const { MetricName, Namespace, Dimensions, Statistic, Unit } = custom;
    if (MetricName === undefined || Namespace === undefined || Statistic === undefined) {
      throw invalid('MetricName, Namespace and Statistic must be specified for a customized metric.');
    }
    return {
      MetricName,
      Namespace,
      Statistic,
      Period: 60,
      ...(Dimensions && { Dimensions }),
      ...(Unit !== undefined && { Unit: Unit as never }),
    };
  }
  const type = predefined?.PredefinedMetricType ?? '';
  const [, LoadBalancer = '', TargetGroup = ''] = LABEL.exec(predefined?.ResourceLabel ?? '') ?? [];
  if (type === 'ALBRequestCountPerTarget') {
    return {
      MetricName: 'RequestCountPerTarget',
      Namespace: 'AWS/ApplicationELB',
      Dimensions: [
        { Name: 'TargetGroup', Value: TargetGroup },
        { Name: 'LoadBalancer', Value: LoadBalancer },
      ],
      Statistic: 'Sum',
      Period: 60,
    };
  }
  const [, ClusterName = '', ServiceName = ''] = resourceId.split('/');
  return {
    MetricName: UTILIZATION[type] ?? '',
    Namespace: 'AWS/ECS',
    Dimensions: [
      { Name: 'ClusterName', Value: ClusterName },
      { Name: 'ServiceName', Value: ServiceName },
    ],
    Statistic: 'Average',
    Unit: 'Percent',
    Period: type.endsWith('HighResolution') ? 20 : 60,
  };
}

interface Wanted {
  readonly tracked: Tracked;
  readonly resourceId: string;
  readonly targetValue: number;
  /** AWS's names: high, and low if it scales in. */
  readonly alarms: readonly string[];
  readonly policyArn: string;
}

/** The alarms of a policy: three periods (minutes, mostly) above the target, and fifteen well below it. */
export function alarmsOf({
  tracked,
  resourceId,
  targetValue,
  alarms,
  policyArn,
}: Wanted): readonly PutMetricAlarmInput[] {
  const question = questionOf(tracked, resourceId);
  const shared = {
    ...question,
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
    AlarmActions: [policyArn],
  };
  return alarms.map((AlarmName) =>
    AlarmName.includes('-AlarmHigh-')
      ? {
          ...shared,
          AlarmName,
          EvaluationPeriods: 3,
          Threshold: targetValue,
          ComparisonOperator: 'GreaterThanThreshold',
        }
      : {
          ...shared,
          AlarmName,
          EvaluationPeriods: 15,
          Threshold: Number((targetValue * SCALE_IN_SHARE).toPrecision(12)),
          ComparisonOperator: 'LessThanThreshold',
        },
  );
}
