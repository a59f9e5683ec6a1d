import type { Service } from '../../api/service.ts';
import type { CloudWatchPorts } from './operation.ts';
import {
  DescribeAlarmHistory,
  DisableAlarmActions,
  EnableAlarmActions,
  SetAlarmState,
} from './operations/alarm-state.ts';
import { DescribeAlarmsForMetric, PutMetricAlarm } from './operations/alarms.ts';
import { PutCompositeAlarm } from './operations/composite-alarms.ts';
import { DeleteAlarms } from './operations/delete-alarms.ts';
import { DescribeAlarms } from './operations/describe-alarms.ts';
import { ListMetrics } from './operations/list-metrics.ts';
import { GetMetricData, PutMetricData } from './operations/metric-data.ts';
import { GetMetricStatistics } from './operations/metric-statistics.ts';
import { ListTagsForResource, TagResource, UntagResource, tagsOfArn } from './operations/tags.ts';
import { alarmReconciler } from './reconcilers/alarm.ts';
import { compositeAlarmReconciler } from './reconcilers/composite-alarm.ts';
import { retentionReconciler } from './reconcilers/retention.ts';
import { alarms, blocks, compositeAlarms, history, metrics } from './tables.ts';

export { metricSink } from './metric-sink.ts';
export type { AlarmSignal, CloudWatchPorts } from './operation.ts';

/** Amazon CloudWatch: metrics, alarms on them, and composite alarms. */
export const cloudwatch: Service<CloudWatchPorts> = {
  name: 'cloudwatch',
  principal: 'monitoring.amazonaws.com',
  operations: {
    DeleteAlarms,
    DescribeAlarmHistory,
    DescribeAlarms,
    DescribeAlarmsForMetric,
    DisableAlarmActions,
    EnableAlarmActions,
    GetMetricData,
    GetMetricStatistics,
    ListMetrics,
    ListTagsForResource,
    PutCompositeAlarm,
    PutMetricAlarm,
    PutMetricData,
    SetAlarmState,
    TagResource,
    UntagResource,
  },
  tables: [metrics, blocks, alarms, compositeAlarms, history],
  reconcilers: (env) => [alarmReconciler(env), compositeAlarmReconciler(env), retentionReconciler(env)],
  resourceTags: tagsOfArn,
};
