import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ALARM = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy';
const POLICY =
  'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/service/blue/web:policyName/out';
const metric = { Namespace: 'App', MetricName: 'Jobs' };
const time = { StartTime: new Date(0), EndTime: new Date(60_000) };

/** What each operation must be allowed. */
export const CLOUDWATCH_CASES: AuthorizationCases<'cloudwatch'> = {
  DeleteAlarms: { input: { AlarmNames: ['busy'] }, resources: [ALARM] },
  DescribeAlarmHistory: { input: { AlarmName: 'busy' }, resources: [ALARM] },
  DescribeAlarms: { input: { AlarmNames: ['busy'] }, resources: [ALARM] },
  DescribeAlarmsForMetric: { input: metric, resources: ['*'] },
  DisableAlarmActions: { input: { AlarmNames: ['busy'] }, resources: [ALARM] },
  EnableAlarmActions: { input: { AlarmNames: ['busy'] }, resources: [ALARM] },
  GetMetricData: { input: { MetricDataQueries: [], ...time }, resources: ['*'] },
  GetMetricStatistics: { input: { ...metric, ...time, Period: 60 }, resources: ['*'] },
  ListMetrics: { input: {}, resources: ['*'] },
  ListTagsForResource: { input: { ResourceARN: ALARM }, resources: [ALARM] },
  PutCompositeAlarm: {
    input: { AlarmName: 'busy', AlarmRule: 'TRUE', AlarmActions: [POLICY], Tags: [{ Key: 'team', Value: 'web' }] },
    resources: [ALARM],
    conditions: { 'cloudwatch:alarmactions': [POLICY] },
    also: [{ action: 'cloudwatch:TagResource', resources: [ALARM] }],
  },
  PutMetricAlarm: {
    input: {
      AlarmName: 'busy',
      AlarmActions: [POLICY],
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Tags: [{ Key: 'team', Value: 'web' }],
    },
    resources: [ALARM],
    conditions: { 'cloudwatch:alarmactions': [POLICY] },
    also: [{ action: 'cloudwatch:TagResource', resources: [ALARM] }],
  },
  PutMetricData: {
    input: { Namespace: 'App', MetricData: [] },
    resources: ['*'],
    conditions: { 'cloudwatch:namespace': 'App' },
  },
  SetAlarmState: {
    input: { AlarmName: 'busy', StateValue: 'OK', StateReason: 'enough' },
    resources: [ALARM],
  },
  TagResource: { input: { ResourceARN: ALARM, Tags: [{ Key: 'team', Value: 'web' }] }, resources: [ALARM] },
  UntagResource: { input: { ResourceARN: ALARM, TagKeys: ['team'] }, resources: [ALARM] },
};
