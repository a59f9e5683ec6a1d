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

interface Machine {
  readonly launchedAtMs: number;
  readonly size: Amounts;
  tasks: Amounts[];
}

/** A group and what is to run on it. */
interface World {
  readonly scaling: ScalingFacts['scaling'];
  /** Of the instance types that are launched in turn. */
  readonly types: readonly Amounts[];
  readonly least: number;
  readonly most: number;
  readonly bootMs: number;
  readonly machines: Machine[];
  desired: number;
  launched: number;
  waiting: Amounts[];
  lowMinutes: number;
  now: number;
}

/** Places what waits, as binpack does. */
function place(world: World): void {
  const { now, bootMs } = world;
  world.waiting = world.waiting.filter((wanted) => {
    const room = world.machines.find(({ launchedAtMs, size, tasks }) => {
      const cpu = tasks.reduce((sum, one) => sum + one.cpu, wanted.cpu);
      const memory = tasks.reduce((sum, one) => sum + one.memory, wanted.memory);
      return now >= launchedAtMs + bootMs && cpu <= size.cpu && memory <= size.memory;
    });
    room?.tasks.push(wanted);
    return room === undefined;
  });
}

/** A minute: the metric is published, the alarms follow it, the group follows its desired capacity. */
function minute(world: World): void {
  const { scaling, now, bootMs, least, most } = world;
  place(world);
  const instances = world.machines.map(({ launchedAtMs, tasks }) => ({
    launchedAtMs,
    isRegistered: now >= launchedAtMs + bootMs,
    isBusy: tasks.length > 0,
  }));
  const seen = { scaling, desired: world.desired, instances, waiting: world.waiting, sizes: rangeOf(world.types) };
  const value = reservationOf(seen, now).percent;
  const before = world.desired;
  world.lowMinutes = value < scaling.targetCapacity ? world.lowMinutes + 1 : 0;
  const wanted = Math.ceil((Math.max(1, world.desired) * value) / scaling.targetCapacity - 1e-9);
  if (value > scaling.targetCapacity) world.desired = Math.min(most, wanted);
  else if (world.lowMinutes >= 15) world.desired = Math.max(least, Math.min(world.desired, wanted));
  const from = world.desired > before && before === 0 ? 1 : before;
  if (scaling.targetCapacity === 100) {
    assert.ok(world.desired - from <= scaling.maximumScalingStepSize, 'the step');
  }
  resize(world);
  world.now += MINUTE_MS;
}

function resize(world: World): void {
  const { machines, types } = world;
  while (machines.length < world.desired) {
    machines.push({ launchedAtMs: world.now, size: types[world.launched++ % types.length] ?? SIZE, tasks: [] });
  }
  while (machines.length > world.desired) {
    const free = machines.findIndex((one) => one.tasks.length === 0);
    assert.ok(free >= 0, 'scaled in below what tasks run on');
    machines.splice(free, 1);
  }
}

const group = fc
  .record({
    tasks: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 40 }),
    types: fc.constantFrom([SIZE], [SIZE, { ...SIZE, cpu: 8192, memory: 16_384 }], [SIZE, { ...SIZE, memory: 1024 }]),
    idle: fc.integer({ min: 0, max: 30 }),
    least: fc.constantFrom(0, 0, 1, 4),
    most: fc.constantFrom(8, 100),
    target: fc.constantFrom(100, 100, 90, 50, 10),
    step: fc.constantFrom([1, 1], [1, 3], [1, 10_000], [3, 5], [7, 10_000]),
    warmUpSeconds: fc.constantFrom(0, 30, 300, 3600),
    bootMs: fc.constantFrom(5_000, 50_000, 200_000),
  })
  .map(({ tasks, types, idle, least, most, target, step: [low = 1, high = 1], warmUpSeconds, bootMs }): World => {
    const desired = Math.min(most, Math.max(least, idle));
    return {
      scaling: {
        ...SCALING,
        targetCapacity: target,
        minimumScalingStepSize: low,
        maximumScalingStepSize: high,
        instanceWarmupPeriod: warmUpSeconds,
      },
      types,
      least,
      most,
      bootMs,
      machines: Array.from({ length: desired }, (_, index) => ({
        launchedAtMs: -1e9,
        size: types[index % types.length] ?? SIZE,
        tasks: [],
      })),
      desired,
      launched: desired,
      waiting: tasks.map((units) => task(units * 128)),
      lowMinutes: 0,
      now: 0,
    };
  });

test('property: a steady load is met, in steps, without an instance too many that stays, and then nothing moves', () => {
  fc.assert(
    fc.property(group, fc.array(fc.nat(1000), { maxLength: 60 }), (world, turnover) => {
      for (let i = 0; i < 250; i++) minute(world);
      const { least, most, scaling } = world;
      const settled = world.desired;
      assert.ok(world.waiting.length === 0 || settled === most, 'every task has room');
      const busy = world.machines.filter((one) => one.tasks.length > 0).length;
      const wanted = Math.ceil((busy * 100) / scaling.targetCapacity - 1e-9);
      if (world.waiting.length === 0) {
        assert.equal(settled, Math.min(most, Math.max(least, wanted)), 'no more than the target asks for');
      }
      for (let i = 0; i < 60; i++) {
        minute(world);
        assert.equal(world.desired, settled, 'it swings');
      }
      for (const which of turnover) {
        replaceTask(world, which);
        const before = world.desired;
        minute(world);
        assert.ok(world.desired <= before, 'it grows, and there is as much to run as before');
      }
    }),
    { numRuns: 300 },
  );
});

/** A task ends, and another one like it begins: it finds the room that was left. */
function replaceTask(world: World, which: number): void {
  const busy = world.machines.filter((one) => one.tasks.length > 0);
  const machine = busy[which % Math.max(1, busy.length)];
  const ended = machine?.tasks.shift();
  if (ended && world.waiting.length === 0) world.waiting.push(ended);
}
