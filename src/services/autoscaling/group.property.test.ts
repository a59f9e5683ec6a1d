import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../kernel/ids.ts';
import { groupScalingSignals } from './index.ts';
import { openGroups, ZONES, type Groups } from './testing.ts';

const RUNS = 12;
const STEPS = 10;
const NAME = { AutoScalingGroupName: 'web' };

function dice(seed: number): (below: number) => number {
  const ids = seededIds(seed);
  return (below) => ids.bytes(4).readUInt32LE() % below;
}

interface Member {
  readonly id: string;
  readonly zone: string;
  readonly isProtected: boolean;
}

async function membersOf(groups: Groups): Promise<readonly Member[]> {
  const { Instances = [] } = (await groups.group()) ?? {};
  return Instances.map(
    ({ InstanceId: id = '', AvailabilityZone: zone = '', ProtectedFromScaleIn: isProtected = false }) => ({
      id,
      zone,
      isProtected,
    }),
  );
}

/** One thing that somebody, or the world, does to the group. */
async function disturb(groups: Groups, roll: (below: number) => number): Promise<void> {
  const members = await membersOf(groups);
  const one = members[roll(Math.max(1, members.length))];
  switch (roll(7)) {
    case 0:
    case 1: {
      const MinSize = roll(3);
      const MaxSize = MinSize + 1 + roll(6);
      const DesiredCapacity = MinSize + roll(MaxSize - MinSize + 1);
      await groups.call('UpdateAutoScalingGroup', { ...NAME, MinSize, MaxSize, DesiredCapacity });
      return;
    }
    case 2:
      if (one) groups.ec2.end(one.id, roll(2) === 0 ? 'terminated' : 'stopped');
      return;
    case 3:
      if (one && !one.isProtected) {
        await groups.call('TerminateInstanceInAutoScalingGroup', {
          InstanceId: one.id,
          ShouldDecrementDesiredCapacity: false,
        });
      }
      return;
    case 4:
      if (one) groups.ec2.notices.set(one.id, groups.clock.now());
      return;
    case 5:
      if (one) await groups.call('SetInstanceHealth', { InstanceId: one.id, HealthStatus: 'Unhealthy' });
      return;
    default:
      if (one) {
        await groups.call('SetInstanceProtection', {
          ...NAME,
          InstanceIds: [one.id],
          ProtectedFromScaleIn: roll(2) === 0,
        });
      }
  }
}

test('whatever happens, a group comes to its desired capacity, even over its zones, and takes no protected instance to shrink', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const roll = dice(seed);
    const groups = openGroups();
    await groups.create({ MinSize: 0, MaxSize: 6, DesiredCapacity: roll(7), CapacityRebalance: seed % 2 === 0 });
    await groups.settle(2000);
    for (let step = 0; step < STEPS; step++) {
      const before = (await membersOf(groups)).filter(({ isProtected }) => isProtected);
      await disturb(groups, roll);
      await groups.settle(4000);
      const label = `seed ${seed}, step ${step}`;
      const group = await groups.group();
      const members = await membersOf(groups);
      const kept = members.filter(({ isProtected }) => isProtected).length;
      const { DesiredCapacity: desired = 0, MinSize: min = 0, MaxSize: max = 0 } = group ?? {};
      assert.ok(desired >= min && desired <= max, label);
      assert.equal(members.length, Math.max(desired, kept), label);
      assert.equal(groups.ec2.running.length, members.length, `${label}: nothing else runs`);
      if (kept === 0) {
        const counts = ZONES.map((zone) => members.filter((one) => one.zone === zone).length);
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${label}: ${counts.join(', ')}`);
      }
      const shrunk = (await groups.activities()).filter(({ Cause }) => Cause?.includes('shrinking the capacity'));
      for (const { id } of before) {
        assert.equal(
          shrunk.some(({ Description }) => Description?.endsWith(id)),
          false,
          `${label}: ${id} was protected`,
        );
      }
    }
    await groups.close();
  }
});

test('target tracking comes to rest under a steady load', async () => {
  for (const load of [40, 90, 130, 210, 333]) {
    const groups = openGroups();
    await groups.create({ MaxSize: 12, DefaultInstanceWarmup: 60 });
    await groups.settle(1000);
    const { PolicyARN: policyArn = '', Alarms = [] } = await groups.call('PutScalingPolicy', {
      ...NAME,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      },
    });
    const signal = groupScalingSignals(groups.store);
    const history: number[] = [];
    const points: number[] = [];
    for (let minute = 0; minute < 45; minute++) {
      points.push(load / Math.max(1, groups.ec2.running.length));
      for (const { AlarmName: alarmName = '' } of Alarms) {
        const isHigh = alarmName.includes('AlarmHigh');
        const recent = points.slice(isHigh ? -3 : -15);
        const isDue = recent.length === (isHigh ? 3 : 15) && recent.every((one) => (isHigh ? one > 50 : one < 45));
        await signal({
          account: '123456789012',
          region: 'us-east-1',
          policyArn,
          alarmName,
          stateValue: isDue ? 'ALARM' : 'OK',
          datapoints: recent,
          threshold: isHigh ? 50 : 45,
          atMs: groups.clock.now(),
        });
      }
      await groups.settle(1000);
      groups.clock.advance(59_000);
      history.push((await groups.group())?.DesiredCapacity ?? 0);
    }
    const last = history.slice(-15);
    assert.equal(new Set(last).size, 1, `load ${load}: ${history.join(' ')}`);
    assert.ok(load / (last[0] ?? 0) <= 50, `load ${load}: ${history.join(' ')}`);
    await groups.close();
  }
});
