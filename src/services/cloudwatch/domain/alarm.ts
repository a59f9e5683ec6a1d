import type { Metric } from './metric.ts';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type ComparisonOperator =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** One of the metrics or expressions that a question is made of. */
export interface MetricQuery {
  readonly id: string;
  readonly label?: string;
  readonly returnData: boolean;
  readonly stat?: {
    readonly metric: Metric;
    readonly periodMs: number;
    readonly statistic: string;
    readonly unit?: string;
  };
  readonly expression?: string;
  /** Of an expression, where it was given. */
  readonly periodMs?: number;
}

/** What somebody asked for with PutMetricAlarm. */
export interface AlarmConfiguration {
  readonly name: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  /** One metric: the question has the id `m1`; several: as they were given. */
  readonly queries: readonly MetricQuery[];
  readonly isSingleMetric: boolean;
  readonly periodMs: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  /** Whether the caller gave it: only then it is shown. */
  readonly datapointsGiven: boolean;
  readonly threshold: number;
  readonly comparison: ComparisonOperator;
  /** Left out: `missing`. */
  readonly missingData?: MissingData;
  readonly lowSamples?: 'evaluate';
}

export interface AlarmState {
  readonly stateValue: StateValue;
  readonly stateReason: string;
  /** JSON */
  readonly stateReasonData?: string;
  readonly stateUpdatedAtMs: number;
  readonly stateTransitionedAtMs?: number;
}

/** The actions that an alarm runs on its way into a state. */
export function actionsFor(alarm: AlarmConfiguration, state: StateValue): readonly string[] {
  if (state === 'OK') return alarm.okActions;
  return state === 'ALARM' ? alarm.alarmActions : alarm.insufficientDataActions;
}
