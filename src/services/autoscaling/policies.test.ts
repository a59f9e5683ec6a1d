import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { groupScalingSignals } from './index.ts';
import { openGroups, type Groups } from './testing.ts';
import { policies } from './tables.ts';

const NAME = { AutoScalingGroupName: 'web' };

async function signal(
  groups: Groups,
  policyArn: string,
  alarmName: string,
  datapoints: readonly number[],
  threshold = 100,
) {
  await groupScalingSignals(groups.store)({
    account: '123456789012',
    region: 'us-east-1',
    policyArn,
    alarmName,
    stateValue: 'ALARM',
    datapoints,
    threshold,
    atMs: groups.clock.now(),
  });
  await groups.settle();
}

const desired = async (groups: Groups) => (await groups.group())?.DesiredCapacity;

test('ECS managed scaling: the alarms of its metric, out by what it says, in once it is below', async () => {
  const groups = openGroups();
  await groups.create({ DefaultInstanceWarmup: 0 });
  await groups.settle();
  const { PolicyARN: arn = '', Alarms = [] } = await groups.call('PutScalingPolicy', {
    ...NAME,
    PolicyName: 'ECSManagedAutoScalingPolicy-1',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      TargetValue: 100,
      CustomizedMetricSpecification: {
        Namespace: 'AWS/ECS/ManagedScaling',
        MetricName: 'CapacityProviderReservation',
        Dimensions: [{ Name: 'ClusterName', Value: 'blue' }],
        Statistic: 'Average',
      },
    },
  });
  assert.match(
    arn,
    /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[^:]+:autoScalingGroupName\/web:policyName\/ECS/,
  );
  await groups.settle();
  const [high = '', low = ''] = Alarms.map(({ AlarmName = '' }) => AlarmName);
  assert.deepEqual([...groups.ec2.alarms.keys()], [high, low]);
  const { EvaluationPeriods, Threshold } = groups.ec2.alarms.get(high) as {
    EvaluationPeriods: number;
    Threshold: number;
  };
  assert.deepEqual([EvaluationPeriods, Threshold], [1, 100]);
  await signal(groups, arn, high, [300]);
  assert.equal(await desired(groups), 3);
  const [last] = await groups.activities();
  assert.match(
    last?.Cause ?? '',
    /a monitor alarm TargetTracking-web-AlarmHigh-\S+ in state ALARM triggered policy ECSManagedAutoScalingPolicy-1 changing the desired capacity from 1 to 3\./,
  );
  groups.clock.advance(300_000);
  await signal(groups, arn, low, [67, 67]);
  assert.equal(await desired(groups), 3, '67 % of three are more than two');
  await signal(groups, arn, low, [66, 66]);
  assert.equal(await desired(groups), 2);
  await groups.call('DeletePolicy', { ...NAME, PolicyName: 'ECSManagedAutoScalingPolicy-1' });
  await groups.settle();
  assert.equal(groups.ec2.alarms.size, 0);
  await groups.close();
});

test('step and simple policies, executed and by alarm, with the cooldown', async () => {
  const groups = openGroups();
  await groups.create({ DefaultInstanceWarmup: 0 });
  await groups.settle();
  const { PolicyARN: step = '' } = await groups.call('PutScalingPolicy', {
    ...NAME,
    PolicyName: 'steps',
    PolicyType: 'StepScaling',
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 2 },
    ],
  });
  await signal(groups, step, 'busy', [95], 80);
  assert.equal(await desired(groups), 3);
  const { PolicyARN: simple = '' } = await groups.call('PutScalingPolicy', {
    ...NAME,
    PolicyName: 'one-more',
    AdjustmentType: 'ChangeInCapacity',
    ScalingAdjustment: 1,
    Cooldown: 60,
  });
  await signal(groups, simple, 'busy', [95], 80);
  assert.equal(await desired(groups), 3, 'the cooldown of the last activity runs');
  await groups.call('ExecutePolicy', { ...NAME, PolicyName: 'one-more' });
  await groups.settle();
  assert.equal(await desired(groups), 4);
  await assert.rejects(
    groups.call('ExecutePolicy', { ...NAME, PolicyName: 'one-more', HonorCooldown: true }),
    (error) => error instanceof ServiceError && error.code === 'ScalingActivityInProgressFault',
  );
  groups.clock.advance(61_000);
  await signal(groups, simple, 'busy', [95], 80);
  assert.equal(await desired(groups), 5);
  await assert.rejects(
    groups.call('PutScalingPolicy', { ...NAME, PolicyName: 'p', PolicyType: 'PredictiveScaling' }),
    /Predictive scaling is not supported/,
  );
  await groups.close();
});

test('scheduled actions: once and by cron, in a time zone', async () => {
  const groups = openGroups();
  await groups.create();
  const at = (text: string) => new Date(text);
  await groups.call('PutScheduledUpdateGroupAction', {
    ...NAME,
    ScheduledActionName: 'once',
    StartTime: at('2026-01-01T00:01:00Z'),
    DesiredCapacity: 3,
  });
  await groups.call('PutScheduledUpdateGroupAction', {
    ...NAME,
    ScheduledActionName: 'morning',
    Recurrence: '0 8 * * MON-FRI',
    TimeZone: 'Europe/Berlin',
    MinSize: 2,
    MaxSize: 4,
    DesiredCapacity: 4,
  });
  const { ScheduledUpdateGroupActions: both = [] } = await groups.call('DescribeScheduledActions', NAME);
  // The first of January 2026 is a Thursday; Berlin is an hour ahead.
  const morning = both.find(({ ScheduledActionName }) => ScheduledActionName === 'morning');
  assert.deepEqual(morning?.StartTime, at('2026-01-01T07:00:00Z'));
  await groups.settle(62_000);
  assert.equal(await desired(groups), 3);
  const { ScheduledUpdateGroupActions: left = [] } = await groups.call('DescribeScheduledActions', NAME);
  assert.deepEqual(
    left.map(({ ScheduledActionName }) => ScheduledActionName),
    ['morning'],
  );
  groups.clock.advance(7 * 3_600_000);
  await groups.settle();
  const group = await groups.group();
  assert.deepEqual([group?.MinSize, group?.MaxSize, group?.DesiredCapacity], [2, 4, 4]);
  assert.match(
    (await groups.activities())[0]?.Cause ?? '',
    /a scheduled action update of AutoScalingGroup constraints to min: 2, max: 4, desired: 4/,
  );
  await groups.close();
});

test('mixed instances: On-Demand as the base and the percentage say, the rest spot; another type where one has no room', async () => {
  const groups = openGroups();
  await groups.create({
    DesiredCapacity: 5,
    LaunchTemplate: undefined,
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateName: 'web', Version: '1' },
        Overrides: [{ InstanceType: 't3.small' }, { InstanceType: 't3.medium' }],
      },
      InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 50 },
    },
  });
  await groups.settle();
  const isSpot = ({ InstanceMarketOptions: market }: RunInstancesRequest) => market?.MarketType === 'spot';
  const spot = () => groups.ec2.requests.filter(isSpot).length;
  assert.equal(spot(), 2);
  assert.ok(groups.ec2.requests.every(({ InstanceType }) => InstanceType === 't3.small'));
  // Interrupted, as every other end of an instance: another one takes its place, on Spot too.
  const index = groups.ec2.requests.findIndex(isSpot);
  groups.ec2.end([...groups.ec2.instances.keys()][index] ?? '');
  await groups.settle(30_000);
  assert.deepEqual([groups.ec2.running.length, spot()], [5, 3]);
  await groups.close();
});

test('launch configurations, metrics and tags', async () => {
  const groups = openGroups();
  await groups.call('CreateLaunchConfiguration', {
    LaunchConfigurationName: 'old',
    ImageId: 'ami-1',
    InstanceType: 't3.micro',
    SecurityGroups: ['sg-1'],
    IamInstanceProfile: 'app',
  });
  const others = { LaunchConfigurationName: 'others', ImageId: 'ami-1', InstanceType: 't3.micro' };
  await assert.rejects(
    groups.call('CreateLaunchConfiguration', { ...others, IamInstanceProfile: 'administrators' }),
    { code: 'AccessDeniedException' },
    'who names a profile hands its role over',
  );
  await groups.create({
    LaunchTemplate: undefined,
    LaunchConfigurationName: 'old',
    VPCZoneIdentifier: undefined,
    AvailabilityZones: ['us-east-1b'],
  });
  await groups.call('EnableMetricsCollection', { ...NAME, Granularity: '1Minute', Metrics: ['GroupDesiredCapacity'] });
  await groups.call('CreateOrUpdateTags', {
    Tags: [{ ResourceId: 'web', Key: 'AmazonECSManaged', PropagateAtLaunch: true }],
  });
  await groups.settle();
  const [request] = groups.ec2.requests;
  assert.deepEqual(
    [request?.ImageId, request?.SecurityGroupIds, request?.IamInstanceProfile, request?.Placement],
    ['ami-1', ['sg-1'], { Name: 'app' }, { AvailabilityZone: 'us-east-1b' }],
  );
  assert.equal((await groups.group())?.Instances?.[0]?.LaunchConfigurationName, 'old');
  assert.deepEqual(groups.measured[0], {
    namespace: 'AWS/AutoScaling',
    all: [{ name: 'GroupDesiredCapacity', dimensions: { AutoScalingGroupName: 'web' }, value: 1 }],
  });
  const { Tags } = await groups.call('DescribeTags', { Filters: [{ Name: 'key', Values: ['AmazonECSManaged'] }] });
  assert.equal(Tags?.[0]?.PropagateAtLaunch, true);
  await assert.rejects(
    groups.call('DeleteLaunchConfiguration', { LaunchConfigurationName: 'old' }),
    (error) => error instanceof ServiceError && error.code === 'ResourceInUseFault',
  );
  await groups.close();
});

test('a customized metric that CloudWatch cannot answer makes no policy', async () => {
  const groups = openGroups();
  await groups.create();
  const put = (CustomizedMetricSpecification: object) =>
    groups.call('PutScalingPolicy', {
      ...NAME,
      PolicyName: 'backlog',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: { TargetValue: 5, CustomizedMetricSpecification },
    });
  const MetricStat = { Metric: { Namespace: 'Mine', MetricName: 'Backlog' }, Stat: 'Sum' };
  const Metrics = [
    { Id: 'm', MetricStat },
    { Id: 'e', Expression: 'm / 2' },
  ];
  const refused = (message: RegExp) => ({ code: 'ValidationError', message });
  await assert.rejects(put({ Metrics }), refused(/^Exactly one time series/));
  await assert.rejects(put({ Namespace: 'Mine' }), refused(/^MetricName, Namespace and Statistic/));
  assert.deepEqual((await groups.call('DescribePolicies', NAME)).ScalingPolicies, []);
  await put({ Metrics: [{ Id: 'm', MetricStat }] });
  await groups.settle();
  assert.equal(groups.ec2.alarms.size, 2);
  await groups.close();
});

test('alarms of an earlier version with names that CloudWatch refuses are made by others', async () => {
  const groups = openGroups();
  const { calls, alarms } = groups.ec2;
  const put = calls['cloudwatch:PutMetricAlarm'];
  calls['cloudwatch:PutMetricAlarm'] = (input, scope) => {
    if (input.AlarmName.length > 255) throw new ServiceError('ValidationError', 'alarmName');
    return put?.(input, scope);
  };
  await groups.create();
  const { Alarms = [] } = await groups.call('PutScalingPolicy', {
    ...NAME,
    PolicyName: 'half',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      TargetValue: 50,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    },
  });
  const names = Alarms.map(({ AlarmName = '' }) => AlarmName.replace('-web-', `-${'w'.repeat(255)}-`));
  await groups.store.write(async (tx) => {
    const [row] = await tx.list(policies);
    if (row) await tx.put(policies, { ...row, alarms: names });
  });
  await groups.settle();
  const { ScalingPolicies: [policy] = [] } = await groups.call('DescribePolicies', NAME);
  assert.deepEqual(
    [...alarms.keys()],
    policy?.Alarms?.map(({ AlarmName }) => AlarmName),
  );
  assert.deepEqual(
    [...alarms.keys()].map((name) => name.slice(-36)),
    names.map((name) => name.slice(-36)),
  );
  await groups.close();
});
