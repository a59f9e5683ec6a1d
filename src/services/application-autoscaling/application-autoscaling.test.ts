import type { Service } from '@aws-sdk/client-ecs';
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openTestService, TEST_SCOPE, type TestService } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { applicationAutoscaling, scalingSignals } from './index.ts';

const MINUTE_MS = 60_000;
const SERVICE = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/blue/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const ecs = { ServiceNamespace: 'ecs' } as const;

let service: Service;
let alarms = new Map<string, any>();
let beforeAlarm: (name: string) => Promise<void>;
let scaling: TestService<'application-autoscaling'>;

beforeEach(async () => {
  await scaling?.close();
  service = { status: 'ACTIVE', desiredCount: 2, runningCount: 2, pendingCount: 0 };
  alarms = new Map();
  beforeAlarm = async () => {};
  scaling = openTestService(
    'application-autoscaling',
    applicationAutoscaling,
    {},
    {
      calls: {
        'ecs:DescribeServices': ({ services }) => ({ services: services[0] === 'web' ? [service] : [] }),
        'ecs:UpdateService': ({ desiredCount }) => {
          service = { ...service, desiredCount, runningCount: desiredCount };
          return {};
        },
        'cloudwatch:GetMetricData': () => {
          throw new ServiceError('ValidationError', "Undefined variable 'missing'");
        },
        'cloudwatch:PutMetricAlarm': async (alarm) => {
          await beforeAlarm(alarm.AlarmName);
          alarms.set(alarm.AlarmName, alarm);
        },
        'cloudwatch:DeleteAlarms': ({ AlarmNames }) => AlarmNames.forEach((name: string) => alarms.delete(name)),
      },
    },
  );
});
after(() => scaling.close());

const refused = (code: string, message: RegExp) => ({ code, message });
const register = (MinCapacity: number, MaxCapacity: number) =>
  scaling.call('RegisterScalableTarget', { ...SERVICE, MinCapacity, MaxCapacity });
const track = (
  PolicyName: string,
  TargetValue: number,
  PredefinedMetricType = 'ECSServiceAverageCPUUtilization' as const,
) =>
  scaling.call('PutScalingPolicy', {
    ...SERVICE,
    PolicyName,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue,
      PredefinedMetricSpecification: { PredefinedMetricType },
    },
  });
async function say(policyArn: string | undefined, alarmName: string | undefined, ...datapoints: readonly number[]) {
  const signal = { policyArn: policyArn ?? '', alarmName: alarmName ?? '', threshold: 50, atMs: scaling.clock.now() };
  await scalingSignals(scaling.store)({ ...TEST_SCOPE, ...signal, stateValue: 'ALARM', datapoints });
  await scaling.reconcile();
}
const causes = async () => {
  const { ScalingActivities = [] } = await scaling.call('DescribeScalingActivities', {
    ...ecs,
    IncludeNotScaledActivities: true,
  });
  return ScalingActivities.map(({ Description, Cause, StatusCode }) => [Description, Cause, StatusCode]);
};

test('a target keeps its service within its limits', async () => {
  const { ScalableTargetARN = '' } = await register(3, 6);
  assert.match(
    ScalableTargetARN,
    /^arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target\/[0-9a-f]{28}$/,
  );
  await scaling.reconcile();
  await scaling.reconcile();
  assert.equal(service.desiredCount, 3);
  assert.deepEqual(await causes(), [['Setting desired count to 3.', 'minimum capacity was set to 3', 'Successful']]);
  await scaling.call('TagResource', { ResourceARN: ScalableTargetARN, Tags: { team: 'web' } });
  assert.deepEqual(await scaling.call('ListTagsForResource', { ResourceARN: ScalableTargetARN }), {
    Tags: { team: 'web' },
  });
  const { ScalableTargets } = await scaling.call('DescribeScalableTargets', ecs);
  assert.deepEqual(
    ScalableTargets?.map((one) => [one.MinCapacity, one.MaxCapacity]),
    [[3, 6]],
  );
});

test('what is not there, or not scaled here, is refused', async () => {
  const other = { ...SERVICE, ResourceId: 'service/blue/none', MinCapacity: 1, MaxCapacity: 2 };
  await assert.rejects(
    scaling.call('RegisterScalableTarget', other),
    refused('ValidationException', /ECS service doesn't exist/),
  );
  await assert.rejects(
    track('cpu', 50),
    refused('ObjectNotFoundException', /No scalable target registered for service namespace: ecs/),
  );
  await assert.rejects(register(3, 2), refused('ValidationException', /less than minimum/));
  const lambda = { ...SERVICE, ServiceNamespace: 'lambda' } as const;
  await assert.rejects(
    scaling.call('RegisterScalableTarget', lambda),
    refused('ValidationException', /lambda is not supported/),
  );
});

test('target tracking makes its two alarms, scales by them, and takes them along', async () => {
  await register(1, 6);
  const { Alarms = [], PolicyARN = '' } = await track('cpu', 50);
  assert.match(
    PolicyARN,
    /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]+:resource\/ecs\/service\/blue\/web:policyName\/cpu$/,
  );
  await scaling.reconcile();
  const [high, low] = Alarms.map((alarm) => alarm.AlarmName);
  assert.match(high ?? '', /^TargetTracking-service\/blue\/web-AlarmHigh-[0-9a-f-]{36}$/);
  assert.deepEqual(
    [...alarms.values()].map((one) => [one.AlarmName, one.Threshold, one.EvaluationPeriods]),
    [
      [high, 50, 3],
      [low, 45, 15],
    ],
  );
  await say(PolicyARN, high, 90, 100);
  assert.equal(service.desiredCount, 4);
  await say(PolicyARN, high, 100);
  assert.equal(service.desiredCount, 4, 'the cooldown runs');
  scaling.clock.advance(6 * MINUTE_MS);
  await say(PolicyARN, high, 500);
  assert.equal(service.desiredCount, 6);
  await say(PolicyARN, high, 900);
  const cause = `monitor alarm ${high} in state ALARM triggered policy cpu`;
  assert.deepEqual((await causes())[0], ['Attempting to scale due to alarm triggered', cause, 'Unfulfilled']);
  scaling.clock.advance(6 * MINUTE_MS);
  await say(PolicyARN, low, 10, 20);
  assert.equal(service.desiredCount, 5, 'in by steps');
  const policy = (await scaling.call('DescribeScalingPolicies', ecs)).ScalingPolicies?.[0];
  const shown = Object.keys(policy?.TargetTrackingScalingPolicyConfiguration ?? {});
  assert.deepEqual(shown, ['TargetValue', 'PredefinedMetricSpecification'], 'defaults are not shown');
  await scaling.call('DeleteScalingPolicy', { ...SERVICE, PolicyName: 'cpu' });
  await scaling.reconcile();
  assert.equal(alarms.size, 0);
});

test('the metrics of high resolution are looked at every 20 seconds', async () => {
  await register(1, 6);
  await track('fine', 50, 'ECSServiceAverageCPUUtilizationHighResolution' as never);
  await scaling.reconcile();
  assert.deepEqual(
    [...alarms.values()].map((one) => [one.MetricName, one.Period]),
    [
      ['CPUUtilization', 20],
      ['CPUUtilization', 20],
    ],
  );
});

test('two policies scale in only together', async () => {
  await register(1, 6);
  const cpu = await track('cpu', 50);
  const memory = await track('memory', 50, 'ECSServiceAverageMemoryUtilization' as never);
  await say(cpu.PolicyARN, cpu.Alarms?.[1]?.AlarmName, 10);
  assert.equal(service.desiredCount, 2);
  await say(memory.PolicyARN, memory.Alarms?.[1]?.AlarmName, 12);
  assert.equal(service.desiredCount, 1);
});

test('steps, and what is suspended', async () => {
  await register(1, 10);
  const { PolicyARN } = await scaling.call('PutScalingPolicy', {
    ...SERVICE,
    PolicyName: 'steps',
    StepScalingPolicyConfiguration: {
      AdjustmentType: 'ChangeInCapacity',
      Cooldown: 60,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
      ],
    },
  });
  await scaling.call('RegisterScalableTarget', { ...SERVICE, SuspendedState: { DynamicScalingOutSuspended: true } });
  const { ScalingPolicies } = await scaling.call('DescribeScalingPolicies', ecs);
  assert.equal(ScalingPolicies?.[0]?.StepScalingPolicyConfiguration?.Cooldown, 60);
  await say(PolicyARN, 'busy', 60);
  assert.equal(service.desiredCount, 2);
  await scaling.call('RegisterScalableTarget', { ...SERVICE, SuspendedState: { DynamicScalingOutSuspended: false } });
  await say(PolicyARN, 'busy', 60);
  assert.equal(service.desiredCount, 3);
  await say(PolicyARN, 'busy', 70, 80);
  assert.equal(service.desiredCount, 5, 'a larger step goes on from where the last one began');
  const gap = {
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [
      { MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      { MetricIntervalLowerBound: 1, ScalingAdjustment: 1 },
    ],
  } as const;
  await assert.rejects(
    scaling.call('PutScalingPolicy', {
      ...SERVICE,
      PolicyName: 'gap',
      StepScalingPolicyConfiguration: { ...gap, StepAdjustments: [...gap.StepAdjustments] },
    }),
    refused('ValidationException', /nor leave gaps/),
  );
});

test('a scheduled action sets the limits when its time comes', async () => {
  await register(1, 10);
  await scaling.call('PutScheduledAction', {
    ...SERVICE,
    ScheduledActionName: 'morning',
    Schedule: 'cron(0 9 * * ? *)',
    ScalableTargetAction: { MinCapacity: 4, MaxCapacity: 8 },
  });
  await scaling.reconcile();
  assert.equal(service.desiredCount, 2);
  scaling.clock.advance(9 * 60 * MINUTE_MS);
  await scaling.reconcile();
  await scaling.reconcile();
  assert.equal(service.desiredCount, 4);
  assert.deepEqual(
    (await causes()).toSorted((a, b) => String(a).localeCompare(String(b))),
    [
      ['Setting desired count to 4.', 'minimum capacity was set to 4', 'Successful'],
      ['Setting min capacity to 4 and max capacity to 8', 'scheduled action name morning was triggered', 'Successful'],
    ],
  );
  const { ScheduledActions } = await scaling.call('DescribeScheduledActions', ecs);
  assert.deepEqual(
    ScheduledActions?.map((one) => one.Schedule),
    ['cron(0 9 * * ? *)'],
  );
  await scaling.call('DeregisterScalableTarget', SERVICE);
  assert.deepEqual((await scaling.call('DescribeScheduledActions', ecs)).ScheduledActions, []);
});

test('an alarm that was still being made when its policy went does not stay', async () => {
  await register(1, 6);
  await track('cpu', 50);
  beforeAlarm = async (name) => {
    if (!name.includes('-AlarmLow-')) return;
    beforeAlarm = async () => {};
    await scaling.call('DeleteScalingPolicy', { ...SERVICE, PolicyName: 'cpu' });
    while (alarms.size > 0) await setImmediate();
  };
  await scaling.reconcile();
  await scaling.reconcile();
  assert.deepEqual([...alarms.keys()], []);
});

test('while a deployment goes on a service is scaled out, and not in', async () => {
  await register(1, 6);
  const { Alarms = [], PolicyARN } = await track('cpu', 50);
  const [high, low] = Alarms.map((alarm) => alarm.AlarmName);
  service = { ...service, deployments: [{ status: 'PRIMARY' }, { status: 'ACTIVE' }] };
  await say(PolicyARN, low, 10);
  assert.equal(service.desiredCount, 2);
  assert.deepEqual(await causes(), []);
  await say(PolicyARN, high, 100);
  assert.equal(service.desiredCount, 4);
  scaling.clock.advance(6 * MINUTE_MS);
  service = { ...service, deploymentController: { type: 'EXTERNAL' } };
  await say(PolicyARN, low, 10);
  assert.equal(service.desiredCount, 3, 'deployments of others are not known');
});

test('what was due while scheduled scaling was suspended is not done afterwards', async () => {
  await register(1, 10);
  const suspend = (ScheduledScalingSuspended: boolean) =>
    scaling.call('RegisterScalableTarget', { ...SERVICE, SuspendedState: { ScheduledScalingSuspended } });
  const schedule = (ScheduledActionName: string, Schedule: string, MinCapacity: number) =>
    scaling.call('PutScheduledAction', {
      ...SERVICE,
      ScheduledActionName,
      Schedule,
      ScalableTargetAction: { MinCapacity },
    });
  await schedule('once', 'at(2026-01-01T01:00:00)', 7);
  await schedule('hourly', 'cron(30 * * * ? *)', 5);
  await suspend(true);
  scaling.clock.advance(120 * MINUTE_MS);
  await scaling.reconcile();
  await suspend(false);
  await scaling.reconcile();
  assert.deepEqual([service.desiredCount, await causes()], [2, []]);
  scaling.clock.advance(30 * MINUTE_MS);
  await scaling.reconcile();
  await scaling.reconcile();
  assert.equal(service.desiredCount, 5, 'its next time has come');
});

test('a policy whose alarms CloudWatch would refuse is refused', async () => {
  await register(1, 6);
  const MetricStat = { Metric: { Namespace: 'Mine', MetricName: 'Backlog' }, Stat: 'Sum' };
  const Metrics = [
    { Id: 'm', MetricStat, ReturnData: false },
    { Id: 'e', Expression: 'm / missing' },
  ];
  const put = (PolicyName: string) =>
    scaling.call('PutScalingPolicy', {
      ...SERVICE,
      PolicyName,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 5, CustomizedMetricSpecification: { Metrics } },
    });
  await assert.rejects(put('backlog'), refused('ValidationException', /Undefined variable 'missing'/));
  await assert.rejects(put('back\nlog'), refused('ValidationException', /policyName/));
  assert.deepEqual((await scaling.call('DescribeScalingPolicies', ecs)).ScalingPolicies, []);
});
