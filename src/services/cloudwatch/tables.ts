import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { AlarmConfiguration, AlarmState, StateValue } from './domain/alarm.ts';
import type { Bucket } from './domain/bucket.ts';
import type { Level } from './domain/levels.ts';
import type { Metric } from './domain/metric.ts';

export interface MetricRow extends Scope, Metric {
  readonly id: string;
  /** When a sample came last, to some minutes. */
  readonly lastMs: number;
}

/** The samples of one metric in one stretch of time: one row, so that a sample costs one small write. */
export interface BlockRow extends Scope {
  readonly metricId: string;
  readonly level: Level['name'];
  readonly startMs: number;
  /** By how many buckets after the start, and `:Unit` where there is one: `12`, `12:Percent`. */
  readonly buckets: Readonly<Record<string, Bucket>>;
}

export interface AlarmRow extends Scope, AlarmConfiguration, AlarmState {
  readonly configuredAtMs: number;
  readonly tags: Tags;
  /** The state was entered, and its actions are still to be run. */
  readonly actionsDue?: true;
  /** Set by SetAlarmState: the state stands until then. */
  readonly heldUntilMs?: number;
}

/** An alarm on the states of other alarms. */
export interface CompositeAlarmRow extends Scope, AlarmState {
  readonly name: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly rule: string;
  /** The names of the alarms in the rule. */
  readonly children: readonly string[];
  readonly configuredAtMs: number;
  readonly tags: Tags;
  /** What has been done to it since it was evaluated. */
  readonly news?: 'created' | 'updated';
  /** Set by SetAlarmState: the state stands until one of the children has another than it had then. */
  readonly heldWith?: Readonly<Record<string, StateValue>>;
}

export interface HistoryRow extends Scope {
  /** Left out: of a metric alarm. */
  readonly alarmType?: 'CompositeAlarm';
  readonly alarmName: string;
  readonly id: string;
  readonly atMs: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON */
  readonly data: string;
}

const TIME_DIGITS = 14;
const timeKey = (atMs: number) => String(atMs).padStart(TIME_DIGITS, '0');

export const metricKey = (scope: Scope, id: string) => `${scopeKey(scope)}/${id}`;
export const blockKey = (row: Omit<BlockRow, 'buckets'>) =>
  `${row.level}/${timeKey(row.startMs)}/${scopeKey(row)}/${row.metricId}`;
export const alarmKey = (scope: Scope, name: string) => `${scopeKey(scope)}/${name}`;
export const historyKey = (row: Omit<HistoryRow, 'type' | 'summary' | 'data'>) =>
  `${timeKey(row.atMs)}/${scopeKey(row)}/${row.alarmName}/${row.id}`;

export const metrics = table<MetricRow>('cloudwatch.metrics', (row) => metricKey(row, row.id), {
  scope: scopeKey,
  namespace: (row) => `${scopeKey(row)}/${row.namespace}`,
});

/** In order of time, so that what is too old stands first. */
export const blocks = table<BlockRow>('cloudwatch.blocks', blockKey);

export const alarms = table<AlarmRow>('cloudwatch.alarms', (row) => alarmKey(row, row.name), { scope: scopeKey });

export const compositeAlarms = table<CompositeAlarmRow>(
  'cloudwatch.composite-alarms',
  (row) => alarmKey(row, row.name),
  { scope: scopeKey, child: (row) => row.children.map((name) => alarmKey(row, name)) },
);

export const history = table<HistoryRow>('cloudwatch.history', historyKey, {
  scope: scopeKey,
  alarm: (row) => alarmKey(row, row.alarmName),
});
