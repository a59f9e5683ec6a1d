import type { AlarmConfiguration, ComparisonOperator, StateValue } from './alarm.ts';

/** One period of an alarm's metric; without a value where no sample came. */
export interface Datapoint {
  readonly atMs: number;
  readonly value?: number;
  readonly sampleCount?: number;
}

type Rules = Pick<
  AlarmConfiguration,
  'comparison' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'missingData'
>;

/** What an evaluation says. */
export interface Verdict {
  readonly state: StateValue;
  /** The datapoints that counted, newest first. */
  readonly evaluated: readonly Datapoint[];
  /** How many missing datapoints were taken as breaching or as not. */
  readonly filled: number;
}

/** So many more periods than it evaluates an alarm looks back, in case the latest have not come yet. */
const EXTRA_PERIODS = 2;

export const rangePeriods = (alarm: Pick<Rules, 'evaluationPeriods'>) => alarm.evaluationPeriods + EXTRA_PERIODS;

/**
 * What state an alarm is in by the datapoints of its evaluation range, oldest first; undefined: the state it has.
 * The most recent N datapoints that are there count; only where there are fewer, the missing ones matter.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(rules: Rules, range: readonly Datapoint[]): Verdict | undefined {
  const { evaluationPeriods, datapointsToAlarm, missingData = 'missing' } = rules;
  const there = range.filter((point) => point.value !== undefined).slice(-evaluationPeriods);
  const breaching = there.filter((point) => breaches(rules, point.value ?? 0)).length;
  const lacking = evaluationPeriods - there.length;
  const filled = missingData === 'breaching' || missingData === 'notBreaching' ? lacking : 0;
  const verdict = (state: StateValue): Verdict => ({ state, evaluated: there.toReversed(), filled });
  const effective = missingData === 'breaching' ? breaching + lacking : breaching;
  if (effective >= datapointsToAlarm) return verdict('ALARM');
  if (lacking === 0 || filled > 0 || breaching < there.length) return verdict('OK');
  if (missingData === 'ignore') return undefined;
  if (there.length === 0) return { ...verdict('INSUFFICIENT_DATA'), evaluated: [] };
  // All that is there breaches: enough, if it began long enough ago.
  const first = range.findIndex((point) => point.value !== undefined);
  return range.length - first >= datapointsToAlarm ? verdict('ALARM') : undefined;
}

export function breaches({ comparison, threshold }: Pick<Rules, 'comparison' | 'threshold'>, value: number): boolean {
  return COMPARE[comparison](value, threshold);
}

const COMPARE: Readonly<Record<ComparisonOperator, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Alarms look at whole periods only: the end of the latest one before `now`. Long periods end at any full minute. */
export function lastEndMs(periodMs: number, now: number): number {
  const stepMs = evaluationStepMs(periodMs);
  return now - (now % stepMs);
}

/** How often an alarm is evaluated. */
export function evaluationStepMs(periodMs: number): number {
  return Math.min(60_000, Math.max(10_000, periodMs));
}
