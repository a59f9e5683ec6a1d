import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  DescribeScalingActivitiesCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { StepAdjustment } from '@aws-sdk/client-application-auto-scaling';
import { DeleteAlarmsCommand, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site, SiteOptions } from './harness/site.ts';
import { until } from './harness/until.ts';

/*
 * What services scale by is measured, not made up: containers that burn CPU, requests that come, a time that passes.
 * Periods are the shortest that AWS has for each metric: 20 seconds of a service's CPU, a minute of a load balancer.
 */

const IMAGE = `longshore-test-scaling-${process.pid}:v1`;
/** So long a task keeps a CPU busy: three periods that count, one that has begun, and some time to come into service. */
const BURN_SECONDS = 110;
const BURN = `timeout ${BURN_SECONDS} sh -c 'while :; do :; done' &
exec /entry`;
const HIGH_RESOLUTION = { metricConfigurations: [{ metricNames: ['CPUUtilization'], resolutionSeconds: 20 }] };
const WITHIN_MS = 200_000;

let server: Longshore;
const sites = new Map<string, Site>();

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  const deploy = async (name: string, more: Partial<SiteOptions> = {}) =>
    sites.set(name, await deploySite(server, { name, image: IMAGE, count: 1, ...more }));
  await Promise.all([deploy('visited'), deploy('timed', { monitoring: HIGH_RESOLUTION })]);
  const container = { entryPoint: ['/bin/sh', '-c'], command: [BURN] };
  await deploy('busy', { container, monitoring: HIGH_RESOLUTION });
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

function siteOf(name: string): Site {
  const site = sites.get(name);
  assert.ok(site);
  return site;
}

const scaled = (site: Site) =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${site.name}/${site.name}`,
  }) as const;

async function register(site: Site, MinCapacity: number, MaxCapacity: number): Promise<void> {
  await site.clients.autoscaling.send(new RegisterScalableTargetCommand({ ...scaled(site), MinCapacity, MaxCapacity }));
}

const cpuOf = ({ name }: Site) => ({
  Namespace: 'AWS/ECS',
  MetricName: 'CPUUtilization',
  Dimensions: [
    { Name: 'ClusterName', Value: name },
    { Name: 'ServiceName', Value: name },
  ],
  Statistic: 'Average' as const,
  Period: 20,
});

const requestsOf = ({ parts: { targetGroupArn: arn } }: Site) => ({
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'RequestCountPerTarget',
  Dimensions: [{ Name: 'TargetGroup', Value: arn.slice(arn.indexOf('targetgroup/')) }],
  Statistic: 'Sum' as const,
  Period: 60,
});

/** A step policy, and the alarm that triggers it. */
async function stepBy(
  site: Site,
  PolicyName: string,
  ScalingAdjustment: number,
  alarm: Partial<PutMetricAlarmCommandInput>,
) {
  const bound =
    alarm.ComparisonOperator === 'LessThanThreshold' ? 'MetricIntervalUpperBound' : 'MetricIntervalLowerBound';
  const step: StepAdjustment = { ScalingAdjustment, [bound]: 0 };
  const { PolicyARN = '' } = await site.clients.autoscaling.send(
    new PutScalingPolicyCommand({
      ...scaled(site),
      PolicyName,
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity', Cooldown: 0, StepAdjustments: [step] },
    }),
  );
  await site.clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `${site.name}-${PolicyName}`,
      AlarmActions: [PolicyARN],
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      ...alarm,
    }),
  );
}

async function runs(site: Site, count: number): Promise<void> {
  await until(
    `${site.name} runs ${count} tasks`,
    async () => {
      const { desiredCount, runningCount } = await site.service();
      return desiredCount === count && runningCount === count;
    },
    WITHIN_MS,
  ).catch(async (error: unknown) => {
    const { MetricAlarms = [] } = await site.clients.cloudwatch.send(new DescribeAlarmsCommand({}));
    const alarms = MetricAlarms.map((one) => `${one.AlarmName}: ${one.StateValue}, ${one.StateReason}`);
    throw new Error(`${String(error)} ${alarms.join('; ')}`, { cause: error });
  });
}

/** What was scaled, the oldest first: description, cause and status. */
async function activities(site: Site): Promise<string[][]> {
  const { ScalingActivities = [] } = await site.clients.autoscaling.send(
    new DescribeScalingActivitiesCommand(scaled(site)),
  );
  return ScalingActivities.map((one) => [one.Description ?? '', one.Cause ?? '', one.StatusCode ?? '']).toReversed();
}

/** Until the last activity has ended. */
async function settled(site: Site): Promise<string[][]> {
  return until('the activities have ended', async () => {
    const all = await activities(site);
    return all.every(([, , status]) => status === 'Successful') && all;
  });
}

describe('service auto scaling', { concurrency: true }, () => {
  test('by the CPU that containers really burn: out by target tracking', async () => {
    const site = siteOf('busy');
    await register(site, 1, 2);
    const { Alarms = [] } = await site.clients.autoscaling.send(
      new PutScalingPolicyCommand({
        ...scaled(site),
        PolicyName: 'cpu',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 60,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilizationHighResolution' },
          DisableScaleIn: true,
        },
      }),
    );
    await runs(site, 2);
    const high = Alarms[0]?.AlarmName;
    assert.deepEqual(await settled(site), [
      ['Setting desired count to 2.', `monitor alarm ${high} in state ALARM triggered policy cpu`, 'Successful'],
    ]);
    const { events = [], deployments } = await site.service();
    assert.equal(deployments?.length, 1);
    const said = events.map((event) => event.message ?? '');
    const started = said.filter((message) =>
      /^\(service busy\) has started 1 tasks: \(task [0-9a-f]{32}\)\.$/.test(message),
    );
    assert.equal(started.length, 2);
  });

  test('by the requests that come to each target: out by a step', async () => {
    const site = siteOf('visited');
    await site.steady();
    await register(site, 1, 2);
    await stepBy(site, 'out', 1, { ...requestsOf(site), Threshold: 20 });
    for (let n = 0; n < 100; n++) assert.equal((await site.get('/healthz')).status, 200);
    await runs(site, 2);
    assert.deepEqual(await settled(site), [
      ['Setting desired count to 2.', 'monitor alarm visited-out in state ALARM triggered policy out', 'Successful'],
    ]);
  });

  test('by the time, at a second; and in by steps, as little CPU is used and few requests come', async () => {
    const site = siteOf('timed');
    await site.steady();
    await register(site, 0, 5);
    const at = new Date(Date.now() + 3000).toISOString().slice(0, 19);
    await site.clients.autoscaling.send(
      new PutScheduledActionCommand({
        ...scaled(site),
        ScheduledActionName: 'opening',
        Schedule: `at(${at})`,
        ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 4 },
      }),
    );
    await runs(site, 3);
    assert.deepEqual(await settled(site), [
      ['Setting min capacity to 3 and max capacity to 4', 'scheduled action name opening was triggered', 'Successful'],
      ['Setting desired count to 3.', 'minimum capacity was set to 3', 'Successful'],
    ]);
    const below = { ComparisonOperator: 'LessThanThreshold' } as const;
    // One after the other: an alarm that stays acts again each period.
    await register(site, 2, 4);
    await stepBy(site, 'few', -1, { ...requestsOf(site), ...below, Threshold: 20 });
    await runs(site, 2);
    await site.clients.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['timed-few'] }));
    await register(site, 1, 4);
    await stepBy(site, 'calm', -1, { ...cpuOf(site), ...below, Threshold: 10 });
    await runs(site, 1);
    const inward = (await activities(site)).slice(2);
    assert.deepEqual(
      inward.map(([description, cause]) => [description, cause]),
      [
        ['Setting desired count to 2.', 'monitor alarm timed-few in state ALARM triggered policy few'],
        ['Setting desired count to 1.', 'monitor alarm timed-calm in state ALARM triggered policy calm'],
      ],
    );
    const { events = [] } = await site.service();
    const stopped = /^\(service timed\) has stopped [12] running tasks: (\(task [0-9a-f]{32}\)(, )?)+\.$/;
    const times = events.filter((event) => stopped.test(event.message ?? '')).length;
    assert.ok(times > 0, events.map((event) => event.message).join('\n'));
  });
});
