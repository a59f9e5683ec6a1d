import type { CustomizedMetricSpecification } from '@aws-sdk/client-auto-scaling';
import type { CustomizedMetricSpecification as CustomizedMetric } from '@aws-sdk/client-application-auto-scaling';
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { isLowAlarm } from './signal.ts';

/** A metric as an alarm asks for it. */
export type MetricQuestion = Pick<
  PutMetricAlarmInput,
  'MetricName' | 'Namespace' | 'Dimensions' | 'Statistic' | 'Unit' | 'Metrics' | 'Period'
>;

const MINUTE_S = 60;
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;

/** `app/NAME/ID/targetgroup/NAME/ID` */
const LABEL = /^(app\/[^/]+\/[0-9a-f]+)\/(targetgroup\/[^/]+\/[0-9a-f]+)$/;

/** What is wrong with the label of ALBRequestCountPerTarget; undefined: nothing. */
export function labelProblem(label: string | undefined): string | undefined {
  return LABEL.test(label ?? '')
    ? undefined
    : `The resource label ${label ?? ''} does not name a load balancer and a target group.`;
}

/** ALBRequestCountPerTarget. */
export function requestQuestion(label: string | undefined): MetricQuestion {
  const [, LoadBalancer = '', TargetGroup = ''] = LABEL.exec(label ?? '') ?? [];
  return {
    MetricName: 'RequestCountPerTarget',
    Namespace: 'AWS/ApplicationELB',
    Dimensions: [
      { Name: 'TargetGroup', Value: TargetGroup },
      { Name: 'LoadBalancer', Value: LoadBalancer },
    ],
    Statistic: 'Sum',
    Period: MINUTE_S,
  };
}

/** Customized metrics, of either API; undefined for one that lacks its name, namespace or statistic. */
export function customizedQuestion(
  custom: CustomizedMetricSpecification | CustomizedMetric,
  periodS = MINUTE_S,
): MetricQuestion | undefined {
  if (custom.Metrics) {
    return {
      Metrics: custom.Metrics.map(
        ({ MetricStat, ...rest }) =>
          ({ ...rest, ...(MetricStat && { MetricStat: { Period: MINUTE_S, ...MetricStat } }) }) as MetricDataQuery,
      ),
    };
  }
  const { MetricName, Namespace, Dimensions, Statistic, Unit } = custom;
  if (MetricName === undefined || Namespace === undefined || Statistic === undefined) return undefined;
  return {
    MetricName,
    Namespace,
    Statistic,
    Period: periodS,
    ...(Dimensions && { Dimensions }),
    ...(Unit !== undefined && { Unit: Unit as NonNullable<MetricQuestion['Unit']> }),
  };
}

interface Tracked {
  readonly question: MetricQuestion;
  readonly targetValue: number;
  /** At which share of the target it scales in. */
  readonly scaleInShare: number;
  /** AWS's names: high, and low if it scales in. */
  readonly alarms: readonly string[];
  readonly policyArn: string;
  /** How long it must be above; left out: three periods. */
  readonly highPeriods?: number | undefined;
  /** How long it must be below; left out: fifteen periods. */
  readonly lowPeriods?: number | undefined;
}

/** The alarms of a target tracking policy: so many periods above the target, and so many well below it. */
export function trackingAlarms(tracked: Tracked): readonly PutMetricAlarmInput[] {
  const { question, targetValue, scaleInShare, alarms, policyArn } = tracked;
  const { highPeriods = HIGH_PERIODS, lowPeriods = LOW_PERIODS } = tracked;
  const shared = {
    ...question,
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
    AlarmActions: [policyArn],
  };
  return alarms.map((AlarmName) =>
    isLowAlarm(AlarmName)
      ? {
          ...shared,
          AlarmName,
          EvaluationPeriods: lowPeriods,
          Threshold: Number((targetValue * scaleInShare).toPrecision(12)),
          ComparisonOperator: 'LessThanThreshold',
        }
      : {
          ...shared,
          AlarmName,
          EvaluationPeriods: highPeriods,
          Threshold: targetValue,
          ComparisonOperator: 'GreaterThanThreshold',
        },
  );
}
