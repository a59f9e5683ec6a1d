import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../kernel/ids.ts';
import { openGroups, type Groups } from './testing.ts';

const RUNS = 5;
const STEPS = 6;
const MAX = 6;
const NAME = { AutoScalingGroupName: 'web' };

type Roll = (below: number) => number;

function dice(seed: number): Roll {
  const ids = seededIds(seed);
  return (below) => ids.bytes(4).readUInt32LE() % below;
}

interface Pool {
  readonly MinSize: number;
  readonly MaxGroupPreparedCapacity: number;
}

/** One thing that somebody, or the world, does; answers the pool as it is asked for then. */
async function disturb(groups: Groups, pool: Pool, roll: Roll): Promise<Pool> {
  const { Instances: pooled = [] } = await groups.call('DescribeWarmPool', NAME);
  const serving = (await groups.group())?.Instances ?? [];
  const all = [...serving, ...pooled];
  const id = all[roll(Math.max(1, all.length))]?.InstanceId;
  switch (roll(5)) {
    case 0: {
      const MinSize = roll(3);
      const next = { MinSize, MaxGroupPreparedCapacity: roll(2) === 0 ? -1 : MinSize + roll(MAX) };
      await groups.call('PutWarmPool', { ...NAME, ...next });
      return next;
    }
    case 1:
      if (id) groups.ec2.end(id);
      return pool;
    case 2:
      if (serving.some((one) => one.InstanceId === id))
        await groups.call('TerminateInstanceInAutoScalingGroup', {
          InstanceId: id,
          ShouldDecrementDesiredCapacity: false,
        });
      return pool;
    default:
      await groups.call('SetDesiredCapacity', { ...NAME, DesiredCapacity: roll(MAX + 1) });
      return pool;
  }
}

test('whatever happens, a group and its warm pool come to their sizes, and no other instance is left', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const roll = dice(seed);
    const groups = openGroups();
    const [PoolState, other] = roll(2) === 0 ? (['Stopped', 'stopped'] as const) : (['Running', 'running'] as const);
    await groups.create({ MinSize: 0, MaxSize: MAX, DesiredCapacity: roll(MAX + 1) });
    const InstanceReusePolicy = { ReuseOnScaleIn: roll(2) === 0 };
    let pool: Pool = { MinSize: roll(3), MaxGroupPreparedCapacity: -1 };
    await groups.call('PutWarmPool', { ...NAME, ...pool, PoolState, InstanceReusePolicy });
    for (let step = 0; step < STEPS; step++) {
      // Two things at once, and passes between them, whatever they were about to do.
      pool = await disturb(groups, pool, roll);
      await groups.settle(roll(3) * 500);
      pool = await disturb(groups, pool, roll);
      await groups.settle(8000);
      const label = `seed ${seed}, step ${step}`;
      const group = await groups.group();
      const desired = group?.DesiredCapacity ?? 0;
      assert.deepEqual(
        group?.Instances?.map((one) => one.LifecycleState),
        Array.from({ length: desired }, () => 'InService'),
        label,
      );
      const most = pool.MaxGroupPreparedCapacity < 0 ? MAX : pool.MaxGroupPreparedCapacity;
      const { Instances: pooled = [] } = await groups.call('DescribeWarmPool', NAME);
      assert.deepEqual(
        pooled.map((one) => one.LifecycleState),
        Array.from({ length: Math.max(pool.MinSize, most - desired, 0) }, () => `Warmed:${PoolState}`),
        label,
      );
      const ids = new Set(pooled.map((one) => one.InstanceId));
      const live = [...groups.ec2.instances.values()].filter(({ State }) => State?.Name !== 'terminated');
      assert.equal(live.length, desired + pooled.length, label);
      for (const { InstanceId, State } of live) {
        assert.equal(State?.Name, ids.has(InstanceId) ? other : 'running', label);
      }
    }
    await groups.close();
  }
});
