import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { parseArn, type Scope } from '../../../kernel/arn.ts';
import { constraint, invalid, invalidCombination, invalidValue, missing, notSupported } from '../errors.ts';
import type { AlarmConfiguration, ComparisonOperator, MetricQuery, MissingData } from './alarm.ts';
import { metricFrom } from './metric.ts';
import { periodFrom, queriesFrom } from './query-input.ts';
import { parseStatistic } from './statistic.ts';
import { checkUnit } from './units.ts';

const COMPARISONS: readonly string[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] satisfies readonly ComparisonOperator[];
const ANOMALY = ['LessThanLowerOrGreaterThanUpperThreshold', 'LessThanLowerThreshold', 'GreaterThanUpperThreshold'];
const MISSING_DATA: readonly string[] = [
  'missing',
  'ignore',
  'breaching',
  'notBreaching',
] satisfies readonly MissingData[];
const UNSUPPORTED = [
  'ThresholdMetricId',
  'EvaluationWindow',
  'WarmUpConfiguration',
  'EvaluationCriteria',
  'EvaluationInterval',
  'ActionConfiguration',
] as const satisfies readonly (keyof PutMetricAlarmInput)[];
const MOST_ACTIONS = 5;
const MOST_QUERIES = 10;
const WEEK_MS = 7 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export function alarmFrom(input: PutMetricAlarmInput, scope: Scope): AlarmConfiguration {
  const refused = UNSUPPORTED.find((name) => input[name] !== undefined);
  if (refused) throw notSupported(refused);
  const question = questionFrom(input);
  const { EvaluationPeriods, DatapointsToAlarm, Threshold, AlarmDescription } = input;
  const evaluationPeriods = checkPeriods(EvaluationPeriods, question.periodMs);
  const datapointsToAlarm = DatapointsToAlarm ?? evaluationPeriods;
  if (datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods) {
    throw invalid('DatapointsToAlarm must be at least 1 and less than or equal to EvaluationPeriods.');
  }
  if (Threshold === undefined) throw missing('Threshold');
  if (AlarmDescription !== undefined && AlarmDescription.length > 1024) {
    throw constraint(AlarmDescription, 'alarmDescription', 'have length less than or equal to 1024');
  }
  return {
    name: checkAlarmName(input.AlarmName),
    ...(AlarmDescription !== undefined && { description: AlarmDescription }),
    actionsEnabled: input.ActionsEnabled ?? true,
    okActions: checkActions(input.OKActions, scope),
    alarmActions: checkActions(input.AlarmActions, scope),
    insufficientDataActions: checkActions(input.InsufficientDataActions, scope),
    ...question,
    evaluationPeriods,
    datapointsToAlarm,
    datapointsGiven: DatapointsToAlarm !== undefined,
    threshold: Threshold,
    comparison: checkComparison(input.ComparisonOperator),
    ...missingDataFrom(input.TreatMissingData),
    ...lowSamplesFrom(input),
  };
}

export function checkAlarmName(name: string | undefined): string {
  if (name === undefined || name.length < 1 || name.length > 255) {
    throw constraint(name ?? '', 'alarmName', 'have length between 1 and 255');
  }
  return name;
}

type Question = Pick<AlarmConfiguration, 'queries' | 'isSingleMetric' | 'periodMs'>;

function questionFrom(input: PutMetricAlarmInput): Question {
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions, Period, Unit } = input;
  const singles = { MetricName, Namespace, Statistic, ExtendedStatistic, Period, Unit };
  if (!Metrics) return singleQuestion(input);
  const also = Object.entries(singles).find(([, value]) => value !== undefined)?.[0];
  if (also !== undefined || (Dimensions?.length ?? 0) > 0) {
    throw invalidCombination(`When Metrics is specified, ${also ?? 'Dimensions'} must not be.`);
  }
  const queries = queriesFrom(Metrics, MOST_QUERIES);
  if (queries.filter((query) => query.returnData).length !== 1) {
    throw invalid('Exactly one element of the metrics list should return data.');
  }
  const periods = queries.flatMap(({ stat, periodMs }) => stat?.periodMs ?? periodMs ?? []);
  if (periods.length === 0) throw missing('Period');
  return { queries, isSingleMetric: false, periodMs: checkAlarmPeriod(Math.max(...periods)) };
}

function singleQuestion(input: PutMetricAlarmInput): Question {
  const { MetricName, Namespace, Statistic, ExtendedStatistic } = input;
  if (MetricName === undefined) throw missing('MetricName');
  if (Namespace === undefined) throw missing('Namespace');
  if (Statistic !== undefined && ExtendedStatistic !== undefined) {
    throw invalidCombination('The parameters Statistic and ExtendedStatistic are mutually exclusive.');
  }
  const statistic = Statistic ?? ExtendedStatistic;
  if (statistic === undefined) throw missing('Statistic');
  if ((typeof parseStatistic(statistic) === 'string') !== (Statistic !== undefined)) {
    throw invalidValue(`The value ${statistic} for parameter Statistic is not supported.`);
  }
  const periodMs = checkAlarmPeriod(periodFrom(input.Period));
  const unit = checkUnit(input.Unit);
  const query: MetricQuery = {
    id: 'm1',
    returnData: true,
    stat: { metric: metricFrom(input), periodMs, statistic, ...(unit !== undefined && { unit }) },
  };
  return { queries: [query], isSingleMetric: true, periodMs };
}

function checkAlarmPeriod(periodMs: number): number {
  if (periodMs < 10_000) throw invalidValue('The parameter Period must be 10, 20, 30 or a multiple of 60.');
  return periodMs;
}

function checkPeriods(count: number | undefined, periodMs: number): number {
  if (count === undefined) throw missing('EvaluationPeriods');
  if (count < 1) throw constraint(count, 'evaluationPeriods', 'have value greater than or equal to 1');
  if (count * periodMs > (periodMs >= 3_600_000 ? WEEK_MS : DAY_MS)) {
    throw invalid('Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).');
  }
  return count;
}

function checkComparison(comparison: string | undefined): ComparisonOperator {
  if (comparison !== undefined && ANOMALY.includes(comparison)) throw notSupported(`ComparisonOperator ${comparison}`);
  if (comparison === undefined || !COMPARISONS.includes(comparison)) {
    throw constraint(comparison ?? '', 'comparisonOperator', `satisfy enum value set: [${COMPARISONS.join(', ')}]`);
  }
  return comparison as ComparisonOperator;
}

function missingDataFrom(text: string | undefined): Pick<AlarmConfiguration, 'missingData'> {
  if (text === undefined) return {};
  if (!MISSING_DATA.includes(text)) {
    throw invalid(`Unsupported treat missing data value. Supported values are [${MISSING_DATA.join(', ')}]`);
  }
  return { missingData: text as MissingData };
}

function lowSamplesFrom(input: PutMetricAlarmInput): Pick<AlarmConfiguration, 'lowSamples'> {
  const text = input.EvaluateLowSampleCountPercentile;
  if (text === undefined) return {};
  if (input.ExtendedStatistic === undefined) {
    throw invalidCombination('EvaluateLowSampleCountPercentile is only for alarms on percentiles.');
  }
  if (text !== 'evaluate' && text !== 'ignore') {
    throw constraint(text, 'evaluateLowSampleCountPercentile', 'satisfy enum value set: [evaluate, ignore]');
  }
  if (text === 'ignore') throw notSupported('EvaluateLowSampleCountPercentile ignore');
  return { lowSamples: text };
}

/** Scaling policies of this region are all that an alarm can act on here. */
function checkActions(actions: readonly string[] = [], scope: Scope): readonly string[] {
  if (actions.length > MOST_ACTIONS) {
    throw constraint(actions.join(', '), 'alarmActions', `have length less than or equal to ${MOST_ACTIONS}`);
  }
  for (const action of actions) {
    const arn = parseArn(action);
    if (!arn) throw invalid(`Invalid arn syntax: ${action}`);
    if (!isScalingPolicy(action)) throw notSupported(`The alarm action ${action}`);
    if (arn.region !== scope.region || arn.account !== scope.account) {
      throw invalid(`Invalid region or account of the action ${action}: it must be the alarm's.`);
    }
  }
  return [...actions];
}

/**
 * One of Application Auto Scaling, e.g. `arn:aws:autoscaling:eu-central-1:1:scalingPolicy:ID:resource/ecs/service/c/s:policyName/n`,
 * or of EC2 Auto Scaling, with `autoScalingGroupName/g` in the place of the resource.
 */
export function isScalingPolicy(action: string): boolean {
  const arn = parseArn(action);
  return (
    arn?.service === 'autoscaling' &&
    /^scalingPolicy:[^:]+:(resource|autoScalingGroupName)\/.+:policyName\/.+$/.test(arn.resource)
  );
}
