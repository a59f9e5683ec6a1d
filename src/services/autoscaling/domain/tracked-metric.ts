import type { TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { SCALE_IN_SHARE } from '../../../kernel/scaling-decision.ts';
import { invalid, notSupported } from '../errors.ts';

/** ECS's metric of a capacity provider counts exactly: it scales at once, and in as soon as it is below its target. */
const MANAGED_SCALING = 'AWS/ECS/ManagedScaling';

const PREDEFINED: Readonly<Record<string, string>> = {
  ASGAverageCPUUtilization: 'CPUUtilization',
  ASGAverageNetworkIn: 'NetworkIn',
  ASGAverageNetworkOut: 'NetworkOut',
};

/** `app/NAME/ID/targetgroup/NAME/ID` */
const LABEL = /^(app\/[^/]+\/[0-9a-f]+)\/(targetgroup\/[^/]+\/[0-9a-f]+)$/;

export function checkTracked(input: TargetTrackingConfiguration): void {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = input;
  if ((predefined === undefined) === (custom === undefined)) {
    throw invalid('Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.');
  }
  if (!predefined) return;
  const { PredefinedMetricType: type = '', ResourceLabel: label } = predefined;
  if (type === 'ALBRequestCountPerTarget') {
    if (!LABEL.test(label ?? '')) {
      throw invalid(`The resource label ${label ?? ''} does not name a load balancer and a target group.`);
    }
    return;
  }
  if (!Object.hasOwn(PREDEFINED, type)) throw notSupported(`The predefined metric ${type}`);
}

/** How near to its target the metric may come before one instance less is enough. */
export function scaleInShare({ CustomizedMetricSpecification: custom }: TargetTrackingConfiguration): number {
  return custom?.Namespace === MANAGED_SCALING ? 1 : SCALE_IN_SHARE;
}

/** After one step in, the metric needs so long to show it: two periods. */
export function scaleInPauseMs({ CustomizedMetricSpecification: custom }: TargetTrackingConfiguration): number {
  return 2 * (custom?.Period ?? 60) * 1000;
}

type Question = Pick<
  PutMetricAlarmInput,
  'MetricName' | 'Namespace' | 'Dimensions' | 'Statistic' | 'Unit' | 'Metrics' | 'Period'
>;

function questionOf(input: TargetTrackingConfiguration, groupName: string): Question {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = input;
  if (custom?.Metrics) {
    return {
      Metrics: custom.Metrics.map(
        ({ MetricStat, ...rest }) =>
          ({ ...rest, ...(MetricStat && { MetricStat: { Period: 60, ...MetricStat } }) }) as MetricDataQuery,
      ),
    };
  }
  if (custom) {
    const { MetricName, Namespace, Dimensions, Statistic, Unit, Period = 60 } = custom;
    if (MetricName === undefined || Namespace === undefined || Statistic === undefined) {
      throw invalid('MetricName, Namespace and Statistic must be specified for a customized metric.');
    }
    return {
      MetricName,
      Namespace,
      Statistic,
      Period,
      ...(Dimensions && { Dimensions }),
      ...(Unit !== undefined && { Unit: Unit as never }),
    };
  }
  const type = predefined?.PredefinedMetricType ?? '';
  if (type === 'ALBRequestCountPerTarget') {
    const [, LoadBalancer = '', TargetGroup = ''] = LABEL.exec(predefined?.ResourceLabel ?? '') ?? [];
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
  return {
    MetricName: PREDEFINED[type] ?? '',
    Namespace: 'AWS/EC2',
    Dimensions: [{ Name: 'AutoScalingGroupName', Value: groupName }],
    Statistic: 'Average',
    Period: 60,
  };
}

interface Wanted {
  readonly tracked: TargetTrackingConfiguration;
  readonly groupName: string;
  /** AWS's names: high, and low if it scales in. */
  readonly alarms: readonly string[];
  readonly policyArn: string;
  /** Of ECS's own metric; left out: 15, as of any other. */
  readonly managedScaleInPeriods?: number | undefined;
}

const SCALE_IN_PERIODS = 15;

/** The alarms of a policy: three periods above the target (one of ECS's own metric), and fifteen well below it. */
export function alarmsOf(wanted: Wanted): readonly PutMetricAlarmInput[] {
  const { tracked, groupName, alarms, policyArn, managedScaleInPeriods = SCALE_IN_PERIODS } = wanted;
  const target = tracked.TargetValue ?? Number.NaN;
  const share = scaleInShare(tracked);
  const shared = {
    ...questionOf(tracked, groupName),
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
    AlarmActions: [policyArn],
  };
  return alarms.map((AlarmName) => {
    if (AlarmName.includes('-AlarmHigh-')) {
      const periods = share === 1 ? 1 : 3;
      return {
        ...shared,
        AlarmName,
        EvaluationPeriods: periods,
        Threshold: target,
        ComparisonOperator: 'GreaterThanThreshold',
      };
    }
    return {
      ...shared,
      AlarmName,
      EvaluationPeriods: share === 1 ? managedScaleInPeriods : SCALE_IN_PERIODS,
      Threshold: Number((target * share).toPrecision(12)),
      ComparisonOperator: 'LessThanThreshold',
    };
  });
}
