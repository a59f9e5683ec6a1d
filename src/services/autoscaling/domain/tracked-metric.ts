import type { TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import {
  customizedQuestion,
  labelProblem,
  requestQuestion,
  trackingAlarms,
  type MetricQuestion,
} from '../../../api/scaling/tracked-metric.ts';
import { SCALE_IN_SHARE } from '../../../kernel/scaling-decision.ts';
import { invalid, notSupported } from '../errors.ts';

/** ECS's metric of a capacity provider counts exactly: it scales at once, and in as soon as it is below its target. */
const MANAGED_SCALING = 'AWS/ECS/ManagedScaling';

const PREDEFINED: Readonly<Record<string, string>> = {
  ASGAverageCPUUtilization: 'CPUUtilization',
  ASGAverageNetworkIn: 'NetworkIn',
  ASGAverageNetworkOut: 'NetworkOut',
};

export function checkTracked(input: TargetTrackingConfiguration): void {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = input;
  if ((predefined === undefined) === (custom === undefined)) {
    throw invalid('Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.');
  }
  if (!predefined) return;
  const { PredefinedMetricType: type = '', ResourceLabel: label } = predefined;
  if (type === 'ALBRequestCountPerTarget') {
    const problem = labelProblem(label);
    if (problem !== undefined) throw invalid(problem);
    return;
  }
  if (!Object.hasOwn(PREDEFINED, type)) throw notSupported(`The predefined metric ${type}`);
}

/** How near to its target the metric may come before one instance less is enough. */
export function scaleInShare({ CustomizedMetricSpecification: custom }: TargetTrackingConfiguration): number {
  return custom?.Namespace === MANAGED_SCALING ? 1 : SCALE_IN_SHARE;
}

/** After one step in, the second period shows it. Alarms tell of whole periods, and never to the millisecond. */
export function scaleInPauseMs({ CustomizedMetricSpecification: custom }: TargetTrackingConfiguration): number {
  return 1.5 * (custom?.Period ?? 60) * 1000;
}

/** A customized metric as an alarm asks for it; undefined for a predefined one. */
export function customizedOf({
  CustomizedMetricSpecification: custom,
}: TargetTrackingConfiguration): MetricQuestion | undefined {
  if (!custom) return undefined;
  const question = customizedQuestion(custom, custom.Period);
  if (!question) throw invalid('MetricName, Namespace and Statistic must be specified for a customized metric.');
  return question;
}

function questionOf(input: TargetTrackingConfiguration, groupName: string): MetricQuestion {
  const { PredefinedMetricSpecification: predefined } = input;
  const customized = customizedOf(input);
  if (customized) return customized;
  const type = predefined?.PredefinedMetricType ?? '';
  if (type === 'ALBRequestCountPerTarget') return requestQuestion(predefined?.ResourceLabel);
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
  /** Of ECS's own metric; left out: as of any other. */
  readonly managedScaleInPeriods?: number | undefined;
}

/** The alarms of a policy; ECS's own metric needs one period above its target. */
export function alarmsOf({
  tracked,
  groupName,
  managedScaleInPeriods,
  ...rest
}: Wanted): readonly PutMetricAlarmInput[] {
  const share = scaleInShare(tracked);
  return trackingAlarms({
    ...rest,
    question: questionOf(tracked, groupName),
    targetValue: tracked.TargetValue ?? Number.NaN,
    scaleInShare: share,
    ...(share === 1 && { highPeriods: 1, lowPeriods: managedScaleInPeriods }),
  });
}
