import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';

/** An alarm whose metric nobody puts: it is OK until a test sets its state. Answers its name. */
export async function putQuietAlarm(cloudwatch: CloudWatchClient, AlarmName: string): Promise<string> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Test',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 10,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  return AlarmName;
}
