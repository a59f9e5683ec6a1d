import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { rangeOf, reservationOf } from './managed-scaling.ts';
import type { Amounts, GroupInstance, ScalingFacts } from './managed-scaling.ts';

const MINUTE_MS = 60_000;
const SIZE: Amounts = { cpu: 2048, memory: 4096, interfaces: 3 };
const SCALING: ScalingFacts['scaling'] = {
  status: 'ENABLED',
  targetCapacity: 100,
  minimumScalingStepSize: 1,
  maximumScalingStepSize: 10_000,
  instanceWarmupPeriod: 300,
};
const RANGE = rangeOf([SIZE]);

const task = (cpu: number): Amounts => ({ cpu, memory: 256, interfaces: 0 });
const instance = (change: Partial<GroupInstance> = {}): GroupInstance => ({
  isRegistered: true,
  isBusy: true,
  launchedAtMs: -1e9,
  ...change,
});
const facts = (change: Partial<ScalingFacts>): ScalingFacts => ({
  scaling: SCALING,
  desired: change.instances?.length ?? 0,
  instances: [],
  waiting: [],
  sizes: RANGE,
  ...change,
});
const percent = (change: Partial<ScalingFacts>) => reservationOf(facts(change), 0).percent;

test('the cases of AWS’s deep dive', () => {
  const busy = [instance(), instance()];
  assert.equal(percent({}), 100, 'nothing runs and nothing waits');
  assert.equal(percent({ waiting: [task(512)] }), 200, 'from zero');
  assert.equal(percent({ instances: busy }), 100);
  assert.equal(percent({ instances: [...busy, instance({ isBusy: false }), instance({ isBusy: false })] }), 50);
  assert.equal(percent({ instances: busy, waiting: Array.from({ length: 8 }, () => task(512)) }), 200);
  assert.equal(percent({ instances: busy, waiting: [task(4096)] }), 100, 'no instance of the group can run it');
});

test('step sizes, and what is on its way', () => {
  const waiting = Array.from({ length: 12 }, () => task(1024));
  const instances = [instance()];
  const needed = (change: Partial<ScalingFacts>, now = 0) =>
    reservationOf(facts({ instances, waiting, ...change }), now).needed;
  assert.equal(needed({}), 7);
  assert.equal(needed({ scaling: { ...SCALING, maximumScalingStepSize: 2 } }), 3);
  assert.equal(needed({ scaling: { ...SCALING, minimumScalingStepSize: 9 } }), 10);
  assert.equal(needed({ desired: 7 }), 7, 'they were asked for');
  const coming = instance({ isBusy: false, isRegistered: false, launchedAtMs: 0 });
  const started = { instances: [...instances, ...Array.from({ length: 6 }, () => coming)], desired: 7 };
  assert.equal(needed(started), 7, 'they are starting');
  assert.equal(needed(started, 301_000), 13, 'they did not come');
});

interface World {
  desired: number;
  readonly instances: { launchedAtMs: number; tasks: Amounts[] }[];
  waiting: Amounts[];
  lowMinutes: number;
}

/** Places what waits, as binpack does. */
function place(world: World, now: number, bootMs: number): void {
  world.waiting = world.waiting.filter((wanted) => {
    const room = world.instances.find(({ launchedAtMs, tasks }) => {
      const cpu = tasks.reduce((sum, one) => sum + one.cpu, wanted.cpu);
      const memory = tasks.reduce((sum, one) => sum + one.memory, wanted.memory);
      return now >= launchedAtMs + bootMs && cpu <= SIZE.cpu && memory <= SIZE.memory;
    });
    room?.tasks.push(wanted);
    return room === undefined;
  });
}

/** A minute: the metric is published, the alarms follow it, the group follows its desired capacity. */
function minute(world: World, scaling: ScalingFacts['scaling'], now: number, bootMs: number): void {
  place(world, now, bootMs);
  const instances = world.instances.map(({ launchedAtMs, tasks }) => ({
    launchedAtMs,
    isRegistered: now >= launchedAtMs + bootMs,
    isBusy: tasks.length > 0,
  }));
  const seen = { scaling, desired: world.desired, instances, waiting: world.waiting, sizes: RANGE };
  const value = reservationOf(seen, now).percent;
  const before = world.desired;
  world.lowMinutes = value < scaling.targetCapacity ? world.lowMinutes + 1 : 0;
  const wanted = Math.ceil((Math.max(1, world.desired) * value) / scaling.targetCapacity - 1e-9);
  if (value > scaling.targetCapacity) world.desired = wanted;
  else if (world.lowMinutes >= 15) world.desired = Math.min(world.desired, Math.max(0, wanted));
  const from = world.desired > before && before === 0 ? 1 : before;
  if (scaling.targetCapacity === 100) {
    assert.ok(world.desired - from <= scaling.maximumScalingStepSize, 'the step');
  }
  while (world.instances.length < world.desired) world.instances.push({ launchedAtMs: now, tasks: [] });
  while (world.instances.length > world.desired) {
    const free = world.instances.findIndex((one) => one.tasks.length === 0);
    assert.ok(free >= 0, 'scaled in below what tasks run on');
    world.instances.splice(free, 1);
  }
}

test('property: a steady load is met, in steps, without an instance too many that stays, and then nothing moves', () => {
  const world = fc.record({
    tasks: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 40 }),
    idle: fc.integer({ min: 0, max: 6 }),
    target: fc.constantFrom(100, 100, 90, 50),
    most: fc.constantFrom(1, 3, 10_000),
    bootMs: fc.constantFrom(5_000, 50_000, 200_000),
  });
  fc.assert(
    fc.property(world, ({ tasks, idle, target, most, bootMs }) => {
      const scaling = { ...SCALING, targetCapacity: target, maximumScalingStepSize: most };
      const state: World = {
        desired: idle,
        instances: Array.from({ length: idle }, () => ({ launchedAtMs: -1e9, tasks: [] })),
        waiting: tasks.map((units) => task(units * 128)),
        lowMinutes: 0,
      };
      let now = 0;
      const run = (minutes: number) => {
        for (let i = 0; i < minutes; i++, now += MINUTE_MS) minute(state, scaling, now, bootMs);
      };
      run(250);
      assert.deepEqual(state.waiting, [], 'every task has room');
      const settled = state.desired;
      const busy = state.instances.filter((one) => one.tasks.length > 0).length;
      assert.equal(settled, Math.max(0, Math.ceil((busy * 100) / target - 1e-9)), 'no more than the target asks for');
      for (let i = 0; i < 60; i++) {
        run(1);
        assert.equal(state.desired, settled, 'it swings');
      }
    }),
    { numRuns: 200 },
  );
});
