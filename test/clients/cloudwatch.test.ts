import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  ResourceNotFound,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/*
 * CloudWatch in both of its protocols: Debian's aws CLI speaks forms and XML, the SDK JSON.
 */

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let aws: Cli;
let sdk: CloudWatchClient;

before(async () => {
  server = await Longshore.start();
  clients = await server.clients();
  aws = cliOf(server);
  const { endpoint, region, credentials } = clients.ecs.config;
  const at = await endpoint?.();
  sdk = new CloudWatchClient({
    region: await region(),
    credentials: await credentials(),
    endpoint: `${at?.protocol}//${at?.hostname}:${at?.port}`,
    maxAttempts: 1,
  });
});
after(async () => {
  sdk?.destroy();
  await server?.remove();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const dimensions = [{ Name: 'Queue', Value: 'a&b' }];

test('what the CLI puts, the SDK reads, and the other way round', async () => {
  const data = [
    {
      MetricName: 'Jobs',
      Dimensions: dimensions,
      Values: [1, 2, 3],
      Counts: [1, 1, 2],
      Timestamp: minutesAgo(3).toISOString(),
      Unit: 'Count',
    },
  ];
  await aws('cloudwatch put-metric-data --namespace App --metric-data', JSON.stringify(data));
  // More than 10 KB: the SDK compresses it.
  const many = Array.from({ length: 500 }, (_, index) => ({
    MetricName: 'Jobs',
    Dimensions: dimensions,
    Value: index,
    Timestamp: minutesAgo(6),
  }));
  await sdk.send(new PutMetricDataCommand({ Namespace: 'App', MetricData: many }));
  const metric = { Namespace: 'App', MetricName: 'Jobs', Dimensions: dimensions };
  const { MetricDataResults } = await sdk.send(
    new GetMetricDataCommand({
      StartTime: minutesAgo(10),
      EndTime: new Date(),
      MetricDataQueries: [
        { Id: 'count', MetricStat: { Metric: metric, Period: 60, Stat: 'SampleCount' }, ReturnData: false },
        { Id: 'twice', Expression: 'count * 2' },
      ],
    }),
  );
  assert.deepEqual(MetricDataResults?.[0]?.Values, [8, 1000]);
  const time = ['--start-time', minutesAgo(5).toISOString(), '--end-time', new Date().toISOString()];
  const line = 'cloudwatch get-metric-statistics --namespace App --metric-name Jobs --period 60';
  const { Datapoints, Label } = await aws(
    `${line} --statistics Sum Maximum --dimensions Name=Queue,Value=a&b`,
    ...time,
  );
  assert.equal(Label, 'Jobs');
  assert.deepEqual(
    Datapoints.map(({ Sum, Maximum, Unit }: any) => [Sum, Maximum, Unit]),
    [[9, 3, 'Count']],
  );
  const percentiles = await aws(`${line} --extended-statistics p50 --dimensions Name=Queue,Value=a&b`, ...time);
  assert.deepEqual(percentiles.Datapoints[0].ExtendedStatistics, { p50: 2.5 });
  assert.deepEqual(await aws('cloudwatch list-metrics --namespace App'), { Metrics: [metric] });
});

test('an alarm goes off by itself, and its history tells', async () => {
  const line = 'cloudwatch put-metric-alarm --alarm-name busy --namespace App --metric-name Load --statistic Average';
  await sdk.send(
    new PutMetricDataCommand({
      Namespace: 'App',
      MetricData: [{ MetricName: 'Load', Value: 9, Timestamp: minutesAgo(1.5) }],
    }),
  );
  await aws(`${line} --period 60 --evaluation-periods 1 --threshold 5 --comparison-operator GreaterThanThreshold`);
  await aws('cloudwatch wait alarm-exists --alarm-names busy');
  const alarm = await until('the alarm went off', async () => {
    const { MetricAlarms } = await aws('cloudwatch describe-alarms --alarm-names busy');
    return MetricAlarms[0].StateValue === 'ALARM' ? MetricAlarms[0] : undefined;
  });
  assert.match(
    alarm.StateReason,
    /^Threshold Crossed: 1 out of the last 1 datapoints \[9\.0 \(.*\)\] was greater than the threshold \(5\.0\)/,
  );
  const { AlarmHistoryItems } = await aws(
    'cloudwatch describe-alarm-history --alarm-name busy --history-item-type StateUpdate',
  );
  assert.deepEqual(
    AlarmHistoryItems.map((item: any) => item.HistorySummary),
    ['Alarm updated from INSUFFICIENT_DATA to ALARM'],
  );
  const found = await aws('cloudwatch describe-alarms-for-metric --namespace App --metric-name Load');
  assert.deepEqual(
    found.MetricAlarms.map((one: any) => one.AlarmName),
    ['busy'],
  );
  await aws('cloudwatch tag-resource --tags Key=team,Value=web --resource-arn', alarm.AlarmArn);
  assert.deepEqual((await aws('cloudwatch list-tags-for-resource --resource-arn', alarm.AlarmArn)).Tags, [
    { Key: 'team', Value: 'web' },
  ]);
  await aws('cloudwatch delete-alarms --alarm-names busy');
  assert.deepEqual((await aws('cloudwatch describe-alarms')).MetricAlarms, []);
});

test('a composite alarm of the CLI, as the SDK sees it', async () => {
  await aws(
    'cloudwatch put-metric-alarm --alarm-name part --namespace App --metric-name Part --statistic Sum --period 60 --evaluation-periods 1 --threshold 5 --comparison-operator GreaterThanThreshold',
  );
  await aws('cloudwatch put-composite-alarm --alarm-name whole --alarm-rule', 'ALARM("part") OR FALSE');
  await aws('cloudwatch wait composite-alarm-exists --alarm-names whole --alarm-types CompositeAlarm');
  await aws('cloudwatch set-alarm-state --alarm-name part --state-value ALARM --state-reason test');
  const alarm = await until('the composite alarm went off', async () => {
    const asked = new DescribeAlarmsCommand({ AlarmNames: ['whole'], AlarmTypes: ['CompositeAlarm'] });
    const [one] = (await sdk.send(asked)).CompositeAlarms ?? [];
    return one?.StateValue === 'ALARM' ? one : undefined;
  });
  assert.match(alarm.StateReason ?? '', /:alarm:part transitioned to ALARM at \w+ \d\d \w+, \d{4} [\d:]{8} UTC$/);
  assert.match(
    await aws.refused('cloudwatch delete-alarms --alarm-names part'),
    /^ValidationError: Cannot delete part as there are composite alarm\(s\) depending on it\.$/,
  );
  await aws('cloudwatch delete-alarms --alarm-names whole');
  await aws('cloudwatch delete-alarms --alarm-names part');
});

test('errors, in both protocols', async () => {
  assert.equal(
    await aws.refused('cloudwatch set-alarm-state --alarm-name none --state-value OK --state-reason x'),
    'ResourceNotFound: Alarm none does not exist',
  );
  const set = new SetAlarmStateCommand({ AlarmName: 'none', StateValue: 'OK', StateReason: 'x' });
  await assert.rejects(
    sdk.send(set),
    (error) => error instanceof ResourceNotFound && /none does not exist/.test(error.message),
  );
  const action = {
    AlarmActions: ['arn:aws:sns:us-east-1:123456789012:topic'],
    EvaluationPeriods: 1,
    Threshold: 1,
    Period: 60,
  };
  const alarm = {
    AlarmName: 'a',
    Namespace: 'App',
    MetricName: 'Load',
    Statistic: 'Sum',
    ComparisonOperator: 'LessThanThreshold',
  } as const;
  await assert.rejects(
    sdk.send(new PutMetricAlarmCommand({ ...alarm, ...action })),
    /sns.* is not supported by this server/,
  );
  assert.match(await aws.refused('cloudwatch list-dashboards'), /^NotSupported: /);
  const late = JSON.stringify([{ MetricName: 'Jobs', Value: 1, Timestamp: '2020-01-01T00:00:00Z' }]);
  assert.match(
    await aws.refused('cloudwatch put-metric-data --namespace App --metric-data', late),
    /^InvalidParameterValue: .*two weeks in the past/,
  );
});

test('who may put what is theirs', async () => {
  const Statement = [
    {
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': 'Mine' } },
    },
  ];
  const user = cliOf(
    server,
    await makeUser(clients.iam, 'putter', { policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
  await user('cloudwatch put-metric-data --namespace Mine --metric-name X --value 1');
  assert.equal(await user.code('cloudwatch put-metric-data --namespace App --metric-name X --value 1'), 'AccessDenied');
  assert.equal((await sdk.send(new DescribeAlarmsCommand({}))).MetricAlarms?.length, 0);
});
