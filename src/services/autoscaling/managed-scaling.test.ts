import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupScalingSignals } from './index.ts';
import { openGroups, type Groups } from './testing.ts';

/*
 * A group as ECS scales it in: instances are born protected, those that are free lose that once a period, and a hook
 * holds their end until ECS lets them go. CloudWatch tells each period that the reservation is below its target.
 */

const NAME = { AutoScalingGroupName: 'web' };
const PERIOD_MS = 10_000;
const PERIODS = 2;
const HOOK = { ...NAME, LifecycleHookName: 'drain' };

type Tell = (datapoints: readonly number[]) => Promise<void>;

/** Three protected instances, and what tells the group's policy that there are too many. */
async function openProvider(zones: string): Promise<{ groups: Groups; tell: Tell }> {
  const groups = openGroups();
  const sizes = { MinSize: 0, MaxSize: 3, DesiredCapacity: 3 };
  await groups.create({ ...sizes, NewInstancesProtectedFromScaleIn: true, VPCZoneIdentifier: zones });
  await groups.call('PutLifecycleHook', { ...HOOK, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
  const metric = { MetricName: 'CapacityProviderReservation', Namespace: 'AWS/ECS/ManagedScaling' };
  const { PolicyARN: policyArn = '', Alarms = [] } = await groups.call('PutScalingPolicy', {
    ...NAME,
    PolicyName: 'ecs',
    PolicyType: 'TargetTrackingScaling',
    EstimatedInstanceWarmup: 5,
    TargetTrackingConfiguration: {
      TargetValue: 100,
      CustomizedMetricSpecification: { ...metric, Statistic: 'Average', Period: PERIOD_MS / 1000 },
    },
  });
  await groups.settle(8000);
  const alarmName = Alarms.find((one) => one.AlarmName?.includes('AlarmLow'))?.AlarmName ?? '';
  const signal = groupScalingSignals(groups.store);
  const scope = { account: '123456789012', region: 'us-east-1' };
  const tell: Tell = (datapoints) =>
    signal({
      ...scope,
      policyArn,
      alarmName,
      stateValue: 'ALARM',
      datapoints,
      threshold: 100,
      atMs: groups.clock.now(),
    });
  return { groups, tell };
}

/** What ECS does each period; answers the reservation that it measures. */
async function look(groups: Groups, busy: string): Promise<number> {
  const { DesiredCapacity: desired = 0, Instances = [] } = (await groups.group()) ?? {};
  for (const { InstanceId = '', LifecycleState: state, ProtectedFromScaleIn: isProtected } of Instances) {
    if (state === 'Terminating:Wait') {
      await groups.call('CompleteLifecycleAction', { ...HOOK, InstanceId, LifecycleActionResult: 'CONTINUE' });
    }
    if (state === 'InService' && isProtected && InstanceId !== busy) {
      await groups.call('SetInstanceProtection', { ...NAME, InstanceIds: [InstanceId], ProtectedFromScaleIn: false });
    }
  }
  return 100 / desired;
}

test('of three instances two that are free go within six periods, whichever is busy and wherever they are', async () => {
  for (const [zones, index] of [
    ['subnet-a,subnet-b', 0],
    ['subnet-a,subnet-b', 1],
    ['subnet-a', 2],
  ] as const) {
    const { groups, tell } = await openProvider(zones);
    // All in one zone of two: they are to be balanced at the same time.
    await groups.call('UpdateAutoScalingGroup', { ...NAME, VPCZoneIdentifier: 'subnet-a,subnet-b' });
    const busy = (await groups.group())?.Instances?.[index]?.InstanceId ?? '';
    const points: number[] = [];
    for (let period = 1; period <= 6; period++) {
      points.push(await look(groups, busy));
      const recent = points.slice(-PERIODS);
      if (recent.length === PERIODS && recent.every((value) => value < 100)) await tell(recent);
      await groups.settle(PERIOD_MS);
    }
    const { Instances = [], DesiredCapacity } = (await groups.group()) ?? {};
    assert.deepEqual([DesiredCapacity, Instances.map((one) => one.InstanceId)], [1, [busy]], `${zones} ${index}`);
    await groups.close();
  }
});
