import type {
  AlarmHistoryItem,
  CompositeAlarm,
  Metric as MetricShape,
  MetricAlarm,
  MetricDataQuery,
  StandardUnit,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import type { MetricQuery } from './domain/alarm.ts';
import type { Metric } from './domain/metric.ts';
import type { AlarmRow, CompositeAlarmRow, HistoryRow } from './tables.ts';

export const alarmArn = (scope: Scope, name: string) => formatArn('cloudwatch', scope, `alarm:${name}`);

const dimensionsView = ({ dimensions }: Metric) => dimensions.map(([Name, Value]) => ({ Name, Value }));

export function metricView(metric: Metric): MetricShape {
  return { Namespace: metric.namespace, MetricName: metric.name, Dimensions: dimensionsView(metric) };
}

function queryView({ id, label, returnData, stat, expression, periodMs }: MetricQuery): MetricDataQuery {
  return {
    Id: id,
    ...(stat && {
      MetricStat: {
        Metric: metricView(stat.metric),
        Period: stat.periodMs / 1000,
        Stat: stat.statistic,
        ...(stat.unit !== undefined && { Unit: stat.unit as StandardUnit }),
      },
    }),
    ...(expression !== undefined && { Expression: expression }),
    ...(label !== undefined && { Label: label }),
    ReturnData: returnData,
    ...(periodMs !== undefined && { Period: periodMs / 1000 }),
  };
}

export function alarmView(row: AlarmRow): MetricAlarm {
  return {
    AlarmName: row.name,
    AlarmArn: alarmArn(row, row.name),
    ...(row.description !== undefined && { AlarmDescription: row.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(row.configuredAtMs),
    ActionsEnabled: row.actionsEnabled,
    OKActions: [...row.okActions],
    AlarmActions: [...row.alarmActions],
    InsufficientDataActions: [...row.insufficientDataActions],
    StateValue: row.stateValue,
    StateReason: row.stateReason,
    ...(row.stateReasonData !== undefined && { StateReasonData: row.stateReasonData }),
    StateUpdatedTimestamp: new Date(row.stateUpdatedAtMs),
    ...questionView(row),
    EvaluationPeriods: row.evaluationPeriods,
    ...(row.datapointsGiven && { DatapointsToAlarm: row.datapointsToAlarm }),
    Threshold: row.threshold,
    ComparisonOperator: row.comparison,
    ...(row.missingData !== undefined && { TreatMissingData: row.missingData }),
    ...(row.lowSamples !== undefined && { EvaluateLowSampleCountPercentile: row.lowSamples }),
    ...(row.stateTransitionedAtMs !== undefined && {
      StateTransitionedTimestamp: new Date(row.stateTransitionedAtMs),
    }),
  };
}

export function compositeView(row: CompositeAlarmRow): CompositeAlarm {
  return {
    AlarmName: row.name,
    AlarmArn: alarmArn(row, row.name),
    ...(row.description !== undefined && { AlarmDescription: row.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(row.configuredAtMs),
    AlarmRule: row.rule,
    ActionsEnabled: row.actionsEnabled,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    StateValue: row.stateValue,
    StateReason: row.stateReason,
    ...(row.stateReasonData !== undefined && { StateReasonData: row.stateReasonData }),
    StateUpdatedTimestamp: new Date(row.stateUpdatedAtMs),
    ...(row.stateTransitionedAtMs !== undefined && {
      StateTransitionedTimestamp: new Date(row.stateTransitionedAtMs),
    }),
  };
}

function questionView(row: AlarmRow): Partial<MetricAlarm> {
  const stat = row.isSingleMetric ? row.queries[0]?.stat : undefined;
  if (!stat) return { Dimensions: [], Metrics: row.queries.map(queryView) };
  return {
    MetricName: stat.metric.name,
    Namespace: stat.metric.namespace,
    ...(stat.statistic.startsWith('p')
      ? { ExtendedStatistic: stat.statistic }
      : { Statistic: stat.statistic as Statistic }),
    Dimensions: dimensionsView(stat.metric),
    Period: row.periodMs / 1000,
    ...(stat.unit !== undefined && { Unit: stat.unit as StandardUnit }),
  };
}

export function historyView(row: HistoryRow): AlarmHistoryItem {
  return {
    AlarmName: row.alarmName,
    AlarmType: row.alarmType ?? 'MetricAlarm',
    Timestamp: new Date(row.atMs),
    HistoryItemType: row.type,
    HistorySummary: row.summary,
    HistoryData: row.data,
  };
}
