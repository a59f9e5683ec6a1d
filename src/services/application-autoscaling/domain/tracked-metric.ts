import type { TargetTrackingScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import {
  customizedQuestion,
  labelProblem,
  requestQuestion,
  trackingAlarms,
  type MetricQuestion,
} from '../../../api/scaling/tracked-metric.ts';
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
    const problem = labelProblem(predefined?.ResourceLabel);
    if (problem !== undefined) throw invalid(problem);
  } else if (!Object.hasOwn(UTILIZATION, type)) {
    throw notSupported(`The predefined metric ${type}`);
  } else if (predefined?.ResourceLabel !== undefined) {
    throw invalid('ResourceLabel may only be specified for ALBRequestCountPerTarget.');
  }
  return predefined ? { PredefinedMetricSpecification: predefined } : {};
}

/** A customized metric as an alarm asks for it; undefined for a predefined one. */
export function customizedOf({ CustomizedMetricSpecification: custom }: Tracked): MetricQuestion | undefined {
  if (!custom) return undefined;
  const question = customizedQuestion(custom);
  if (!question) throw invalid('MetricName, Namespace and Statistic must be specified for a customized metric.');
  return question;
}

/** The metric as an alarm asks for it. */
function questionOf(tracked: Tracked, resourceId: string): MetricQuestion {
  const { PredefinedMetricSpecification: predefined } = tracked;
  const customized = customizedOf(tracked);
  if (customized) return customized;
  const type = predefined?.PredefinedMetricType ?? '';
  if (type === 'ALBRequestCountPerTarget') return requestQuestion(predefined?.ResourceLabel);
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

/** The alarms of a policy. */
export function alarmsOf({
  tracked,
  resourceId,
  targetValue,
  alarms,
  policyArn,
}: Wanted): readonly PutMetricAlarmInput[] {
  const question = questionOf(tracked, resourceId);
  return trackingAlarms({ question, targetValue, alarms, policyArn, scaleInShare: SCALE_IN_SHARE });
}
