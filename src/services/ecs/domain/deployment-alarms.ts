import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { DeploymentAlarmsRow } from '../tables.ts';

/**
 * What a deployment's alarms say. Those that were in ALARM when it was first looked at say nothing of this deployment,
 * which may be the one that mends what they warn of: then none is watched. The bake time is as long as the slowest alarm
 * takes to go off.
 * @param beneath the metric alarms that the composite ones go by
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export function alarmsSeen(
  before: DeploymentAlarmsRow | undefined,
  metricAlarms: readonly MetricAlarm[],
  compositeAlarms: readonly CompositeAlarm[],
  beneath: readonly MetricAlarm[] = [],
): DeploymentAlarmsRow {
  const triggered = [...metricAlarms, ...compositeAlarms]
    .filter((alarm) => alarm.StateValue === 'ALARM')
    .map((alarm) => alarm.AlarmName ?? '');
  if (!before && triggered.length > 0) return { isIgnored: true, triggered: [], bakeMs: 0 };
  const times = [...metricAlarms, ...beneath].map((alarm) => (alarm.EvaluationPeriods ?? 1) * periodOf(alarm) * 1000);
  return { triggered, bakeMs: Math.max(0, ...times) };
}

/** In seconds: of an alarm on an expression, that of the metrics in it. */
function periodOf({ Period, Metrics = [] }: MetricAlarm): number {
  const periods = Metrics.flatMap((query) => query.MetricStat?.Period ?? query.Period ?? []);
  return Period ?? (periods.length > 0 ? Math.max(...periods) : 60);
}
