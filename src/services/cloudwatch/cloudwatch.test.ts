import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openTestService, TEST_SCOPE, type TestService } from '../../api/testing.ts';
import { cloudwatch, metricSink, type AlarmSignal } from './index.ts';
import { blocks } from './tables.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const jobs = { Namespace: 'App', MetricName: 'Jobs' };
const POLICY =
  'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/service/blue/web:policyName/out';

let signals: AlarmSignal[] = [];
let cw: TestService<'cloudwatch'>;
beforeEach(async () => {
  await cw?.close();
  signals = [];
  cw = openTestService('cloudwatch', cloudwatch, { signalScalingPolicy: async (signal) => void signals.push(signal) });
});
after(() => cw.close());

const put = (MetricName: string, Value: number, agoMs = 0, more: object = {}) =>
  cw.call('PutMetricData', {
    Namespace: 'App',
    MetricData: [{ MetricName, Value, Timestamp: new Date(cw.clock.now() - agoMs), ...more }],
  });
const at = (agoMs: number) => new Date(cw.clock.now() - agoMs);
const refused = (code: string, message: RegExp) => ({ code, message });

test('what was put is answered, as statistics, percentiles and by dimension', async () => {
  for (const value of [1, 2, 3, 10]) await put('Jobs', value, 2 * MINUTE_MS, { Unit: 'Count' });
  const time = { StartTime: at(5 * MINUTE_MS), EndTime: at(0), Period: 60 };
  const { Datapoints = [], Label } = await cw.call('GetMetricStatistics', {
    ...jobs,
    ...time,
    Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'],
    ExtendedStatistics: ['p50'],
  });
  assert.equal(Label, 'Jobs');
  assert.deepEqual(Datapoints, [
    {
      Timestamp: at(2 * MINUTE_MS),
      Sum: 16,
      Average: 4,
      Minimum: 1,
      Maximum: 10,
      SampleCount: 4,
      Unit: 'Count',
      ExtendedStatistics: { p50: 2.5 },
    },
  ]);
  await put('Jobs', 7, 0, { Dimensions: [{ Name: 'Queue', Value: 'a' }] });
  const found = await cw.call('ListMetrics', { Namespace: 'App', Dimensions: [{ Name: 'Queue' }] });
  assert.deepEqual(found.Metrics, [{ ...jobs, Dimensions: [{ Name: 'Queue', Value: 'a' }] }]);
  assert.equal((await cw.call('ListMetrics', { RecentlyActive: 'PT3H' })).Metrics?.length, 2);
});

test('data that does not fit is refused', async () => {
  await assert.rejects(put('Jobs', 1, 15 * DAY_MS), refused('InvalidParameterValueException', /two weeks in the past/));
  await assert.rejects(put('Jobs', Number.NaN), refused('InvalidParameterValueException', /is invalid/));
  await assert.rejects(put('Jobs', 1, 0, { Unit: 'Loaves' }), refused('ValidationException', /enum value set/));
  await assert.rejects(
    cw.call('PutMetricData', { Namespace: 'App', MetricData: [] }),
    refused('MissingRequiredParameterException', /MetricData is required/),
  );
  const Dimensions = Array.from({ length: 31 }, (_, index) => ({ Name: `d${index}`, Value: 'v' }));
  await assert.rejects(put('Jobs', 1, 0, { Dimensions }), refused('InvalidParameterValueException', /than 30/));
});

test('metric math, in pages', async () => {
  for (const [minutes, value] of [
    [3, 10],
    [2, 20],
    [1, 30],
  ] as const) {
    await put('Jobs', value, minutes * MINUTE_MS);
    await put('Workers', 10, minutes * MINUTE_MS);
  }
  const stat = (MetricName: string) => ({ Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Average' });
  const question = {
    MetricDataQueries: [
      { Id: 'jobs', MetricStat: stat('Jobs'), ReturnData: false },
      { Id: 'workers', MetricStat: stat('Workers'), ReturnData: false },
      { Id: 'each', Expression: 'jobs / workers', Label: 'Jobs for each worker' },
    ],
    StartTime: at(5 * MINUTE_MS),
    EndTime: at(0),
  };
  const { MetricDataResults } = await cw.call('GetMetricData', question);
  assert.deepEqual(MetricDataResults, [
    {
      Id: 'each',
      Label: 'Jobs for each worker',
      Timestamps: [1, 2, 3].map((minutes) => at(minutes * MINUTE_MS)),
      Values: [3, 2, 1],
      StatusCode: 'Complete',
      Messages: [],
    },
  ]);
  const first = await cw.call('GetMetricData', { ...question, MaxDatapoints: 2 });
  assert.deepEqual(
    [first.MetricDataResults?.[0]?.StatusCode, first.MetricDataResults?.[0]?.Values],
    ['PartialData', [3, 2]],
  );
  const second = await cw.call('GetMetricData', { ...question, MaxDatapoints: 2, NextToken: first.NextToken });
  assert.deepEqual(second.MetricDataResults?.[0]?.Values, [1]);
  assert.equal(second.NextToken, undefined);
});

for (const [days, left, sum] of [
  [0, ['m', 's'], 10],
  [16, ['f'], 10],
  [70, ['h'], 10],
  [500, [], 0],
] as const) {
  test(`what is ${days} days old is kept in larger parts, and goes at last`, async () => {
    for (let minutes = 0; minutes < 10; minutes++) await put('Jobs', 1, minutes * MINUTE_MS, { StorageResolution: 1 });
    const began = cw.clock.now();
    cw.clock.advance(days * DAY_MS);
    // Once for each level.
    for (let pass = 0; pass < 3; pass++) await cw.reconcile();
    const rows = await cw.store.read((tx) => tx.list(blocks));
    assert.deepEqual([...new Set(rows.map((row) => row.level))], left);
    const { Datapoints = [] } = await cw.call('GetMetricStatistics', {
      ...jobs,
      StartTime: new Date(began - DAY_MS),
      EndTime: new Date(began + DAY_MS),
      Period: 3600,
      Statistics: ['Sum'],
    });
    assert.equal(
      Datapoints.reduce((all, point) => all + (point.Sum ?? 0), 0),
      sum,
    );
  });
}

const alarm = {
  AlarmName: 'busy',
  ...jobs,
  Statistic: 'Average' as const,
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold' as const,
};
const seen = async () => (await cw.call('DescribeAlarms', { AlarmNames: ['busy'] })).MetricAlarms?.[0];

test('an alarm goes its way, and signals its scaling policy as long as it lasts', async () => {
  await cw.call('PutMetricAlarm', { ...alarm, AlarmActions: [POLICY] });
  assert.equal((await seen())?.StateReason, 'Unchecked: Initial alarm creation');
  await put('Jobs', 8, 2 * MINUTE_MS);
  await put('Jobs', 9, MINUTE_MS);
  await cw.reconcile();
  const now = await seen();
  assert.equal(now?.StateValue, 'ALARM');
  assert.equal(
    now?.StateReason,
    'Threshold Crossed: 2 out of the last 2 datapoints [9.0 (31/12/25 23:59:00), 8.0 (31/12/25 23:58:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).',
  );
  assert.match(now?.StateReasonData ?? '', /"recentDatapoints":\[8\.0,9\.0\],"threshold":5\.0/);
  assert.deepEqual(
    signals.map(({ stateValue, datapoints }) => [stateValue, datapoints]),
    [['ALARM', [8, 9]]],
  );
  await put('Jobs', 9);
  cw.clock.advance(MINUTE_MS + 2000);
  await cw.reconcile();
  assert.equal(signals.length, 2);
  await cw.call('DisableAlarmActions', { AlarmNames: ['busy'] });
  cw.clock.advance(10 * MINUTE_MS);
  await cw.reconcile();
  assert.equal((await seen())?.StateReason, 'Insufficient Data: 2 datapoints were unknown.');
  assert.equal(signals.length, 2);
  const { AlarmHistoryItems } = await cw.call('DescribeAlarmHistory', {
    AlarmName: 'busy',
    HistoryItemType: 'StateUpdate',
  });
  assert.deepEqual(
    AlarmHistoryItems?.map((item) => item.HistorySummary),
    ['Alarm updated from ALARM to INSUFFICIENT_DATA', 'Alarm updated from INSUFFICIENT_DATA to ALARM'],
  );
});

test('an alarm that lasts signals once a minute; of a capacity provider, once a period', async () => {
  const sink = metricSink(cw.store, cw.clock);
  const quick = { Period: 10, EvaluationPeriods: 1, AlarmActions: [POLICY] };
  await cw.call('PutMetricAlarm', { ...alarm, ...quick });
  await cw.call('PutMetricAlarm', { ...alarm, ...quick, AlarmName: 'free', Namespace: 'AWS/ECS/ManagedScaling' });
  for (let period = 0; period < 6; period++) {
    await put('Jobs', 9, 0, { StorageResolution: 1 });
    const measured = { name: 'Jobs', dimensions: {}, value: 9, isHighResolution: true };
    await sink.put(TEST_SCOPE, 'AWS/ECS/ManagedScaling', [measured]);
    cw.clock.advance(10_000);
    await cw.reconcile();
  }
  const times = (name: string) => signals.filter(({ alarmName }) => alarmName === name).length;
  assert.deepEqual([times('busy'), times('free')], [1, 6]);
});

test('a state that is set stands until the next evaluation', async () => {
  await cw.call('PutMetricAlarm', { ...alarm, TreatMissingData: 'notBreaching', AlarmActions: [POLICY] });
  await cw.reconcile();
  assert.equal((await seen())?.StateValue, 'OK');
  const data = JSON.stringify({ recentDatapoints: [12] });
  const set = { AlarmName: 'busy', StateValue: 'ALARM' as const, StateReason: 'a test', StateReasonData: data };
  await cw.call('SetAlarmState', set);
  await cw.reconcile();
  assert.deepEqual([(await seen())?.StateValue, signals.map((signal) => signal.datapoints)], ['ALARM', [[12]]]);
  cw.clock.advance(MINUTE_MS + 2000);
  await cw.reconcile();
  assert.equal((await seen())?.StateValue, 'OK');
  assert.match(
    (await seen())?.StateReason ?? '',
    /no datapoints were received for 2 periods and 2 missing datapoints were treated as \[NonBreaching\]\.$/,
  );
});

test('alarms are changed, found by metric, tagged and deleted', async () => {
  await cw.call('PutMetricAlarm', { ...alarm, Tags: [{ Key: 'team', Value: 'web' }] });
  await cw.call('PutMetricAlarm', { ...alarm, Threshold: 7 });
  const found = await cw.call('DescribeAlarmsForMetric', jobs);
  assert.deepEqual(
    found.MetricAlarms?.map((one) => one.Threshold),
    [7],
  );
  const ResourceARN = `arn:aws:cloudwatch:${TEST_SCOPE.region}:${TEST_SCOPE.account}:alarm:busy`;
  assert.deepEqual(await cw.call('ListTagsForResource', { ResourceARN }), { Tags: [{ Key: 'team', Value: 'web' }] });
  const sns = 'arn:aws:sns:us-east-1:123456789012:topic';
  await assert.rejects(
    cw.call('PutMetricAlarm', { ...alarm, AlarmActions: [sns] }),
    refused('ValidationException', /sns.*is not supported/),
  );
  const single = [
    { Id: 'e', Expression: 'SUM(m)' },
    { Id: 'm', ReturnData: false, MetricStat: { Metric: jobs, Period: 60, Stat: 'Sum' } },
  ];
  const { AlarmName, EvaluationPeriods, Threshold, ComparisonOperator } = alarm;
  const math = { AlarmName, EvaluationPeriods, Threshold, ComparisonOperator };
  await assert.rejects(
    cw.call('PutMetricAlarm', { ...math, Metrics: single }),
    refused('ValidationException', /single value/),
  );
  await cw.call('DeleteAlarms', { AlarmNames: ['busy', 'none'] });
  assert.equal(await seen(), undefined);
});

test('the house’s own measurements', async () => {
  const sink = metricSink(cw.store, cw.clock);
  const dimensions = { ServiceName: 'web', ClusterName: 'blue' };
  await sink.put(TEST_SCOPE, 'AWS/ECS', [
    { name: 'CPUUtilization', dimensions, value: 40, unit: 'Percent' },
    { name: 'CPUUtilization', dimensions, value: { count: 2, sum: 60, min: 20, max: 40 }, unit: 'Percent' },
  ]);
  const { Datapoints } = await cw.call('GetMetricStatistics', {
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
    Dimensions: [
      { Name: 'ClusterName', Value: 'blue' },
      { Name: 'ServiceName', Value: 'web' },
    ],
    StartTime: at(MINUTE_MS),
    EndTime: at(-MINUTE_MS),
    Period: 60,
    Statistics: ['Average'],
  });
  assert.equal(Datapoints?.[0]?.Average, 100 / 3);
});

test('an alarm on an expression whose branches are of two kinds is evaluated with samples and without', async () => {
  const stat = { Metric: jobs, Stat: 'Sum', Period: 60 };
  await cw.call('PutMetricAlarm', {
    AlarmName: 'many',
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    Metrics: [
      { Id: 'm1', MetricStat: stat, ReturnData: false },
      { Id: 'e1', Expression: 'IF(AVG(m1) > 3, 1, m1)' },
    ],
  });
  await put('Jobs', 9);
  cw.clock.advance(MINUTE_MS + 2000);
  await cw.reconcile();
  const { MetricAlarms: [alarm] = [] } = await cw.call('DescribeAlarms', {});
  assert.equal(alarm?.StateValue, 'ALARM');
});
