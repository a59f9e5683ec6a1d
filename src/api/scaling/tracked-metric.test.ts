import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customizedQuestion, labelProblem, requestQuestion, trackingAlarms } from './tracked-metric.ts';

const LABEL = 'app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff';
const ARN = 'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/cpu';
const NAMES = ['TargetTracking-web-AlarmHigh-1', 'TargetTracking-web-AlarmLow-2'];

test('three minutes above the target, a quarter of an hour below its share', () => {
  const question = { MetricName: 'CPUUtilization', Namespace: 'AWS/EC2', Statistic: 'Average', Period: 60 } as const;
  const shared = { question, targetValue: 50, scaleInShare: 0.9, policyArn: ARN };
  const shape = (alarms: ReturnType<typeof trackingAlarms>) =>
    alarms.map((one) => [one.ComparisonOperator, one.Threshold, one.EvaluationPeriods, one.MetricName]);
  assert.deepEqual(shape(trackingAlarms({ ...shared, alarms: NAMES })), [
    ['GreaterThanThreshold', 50, 3, 'CPUUtilization'],
    ['LessThanThreshold', 45, 15, 'CPUUtilization'],
  ]);
  const [high, low] = trackingAlarms({ ...shared, alarms: NAMES, highPeriods: 1, lowPeriods: 2 });
  assert.deepEqual([high?.EvaluationPeriods, low?.EvaluationPeriods], [1, 2]);
  assert.deepEqual(high?.AlarmActions, [ARN]);
});

test('requests are counted for each target of a load balancer', () => {
  assert.equal(labelProblem(LABEL), undefined);
  assert.match(labelProblem('targetgroup/web/1') ?? '', /does not name a load balancer/);
  assert.deepEqual(requestQuestion(LABEL).Dimensions, [
    { Name: 'TargetGroup', Value: 'targetgroup/web/943f017f100becff' },
    { Name: 'LoadBalancer', Value: 'app/web/50dc6c495c0c9188' },
  ]);
});

test('a customized metric is asked for by name, or by an expression over minutes', () => {
  assert.equal(customizedQuestion({ MetricName: 'Backlog', Namespace: 'Mine' }), undefined);
  const named = { MetricName: 'Backlog', Namespace: 'Mine', Statistic: 'Average' } as const;
  assert.deepEqual(customizedQuestion(named, 10), { ...named, Period: 10 });
  const MetricStat = { Metric: { MetricName: 'Backlog', Namespace: 'Mine' }, Stat: 'Sum' };
  assert.deepEqual(
    customizedQuestion({
      Metrics: [
        { Id: 'm', MetricStat },
        { Id: 'e', Expression: 'm / 2' },
      ],
    }),
    {
      Metrics: [
        { Id: 'm', MetricStat: { ...MetricStat, Period: 60 } },
        { Id: 'e', Expression: 'm / 2' },
      ],
    },
  );
});
