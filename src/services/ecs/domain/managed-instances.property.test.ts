import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { costOf, meets } from './instance-requirements.ts';
import type { TypeFacts } from './instance-requirements.ts';
import { idleChange, idleEndMs, planLaunches } from './managed-instances.ts';
import type { Offer, WaitingTask } from './managed-instances.ts';
import { compileConstraints } from './placement/constraints.ts';
import { isEligible } from './placement/filters.ts';
import { Instance } from './placement/instance.ts';
import type { Demand } from './placement/instance.ts';
import { demand, instanceFacts } from './placement/testing-placement.ts';

const offer = (vcpus: number, gib: number, subnetId = 'subnet-a', interfaces = 3): Offer => ({
  facts: instanceFacts(
    `${vcpus}/${gib}/${subnetId}`,
    { cpu: vcpus * 1024, memory: gib * 1024, interfaces },
    { 'ecs.availability-zone': `us-east-1${subnetId.at(-1)}` },
  ),
  subnetId,
  cost: costOf({ vcpus, memoryMiB: gib * 1024 }),
});
const OFFERS = [1, 2, 4, 8, 16].flatMap((vcpus) =>
  [2, 4, 8].flatMap((ratio) =>
    ['subnet-a', 'subnet-b'].map((subnet) => offer(vcpus, vcpus * ratio, subnet, vcpus + 1)),
  ),
);
const NONE = { coming: [], subnets: new Map<string, number>() };

const waitingTasks = (count: number, changes: Partial<Demand>, kind = 'k'): WaitingTask[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${kind}${i}`, kind, demand: demand(changes) }));
const typesOf = (waiting: readonly WaitingTask[], offers = OFFERS) =>
  planLaunches({ ...NONE, waiting, offers }).map(({ offer: { facts }, tasks }) => [facts.id, tasks.length]);

test('the cheapest instance that a task fits on', () => {
  assert.deepEqual(typesOf(waitingTasks(1, { cpu: 256, memory: 512 })), [['1/2/subnet-a', 1]]);
  assert.deepEqual(typesOf(waitingTasks(1, { cpu: 256, memory: 6000 })), [['1/8/subnet-a', 1]]);
  assert.deepEqual(typesOf(waitingTasks(1, { cpu: 32_768 })), [], 'none is so large');
});

test('tasks share instances where that costs no more', () => {
  assert.deepEqual(typesOf(waitingTasks(4, { cpu: 256, memory: 512 })), [['1/2/subnet-a', 4]]);
  assert.deepEqual(typesOf(waitingTasks(2, { cpu: 1024, memory: 2048 })), [['2/4/subnet-a', 2]]);
  const alone = waitingTasks(2, { constraints: compileConstraints([], [{ type: 'distinctInstance' }]) });
  assert.deepEqual(typesOf(alone), [
    ['1/2/subnet-a', 1],
    ['1/2/subnet-b', 1],
  ]);
});

test('what is on its way is filled first', () => {
  const coming = [{ facts: instanceFacts('coming', { cpu: 1024, memory: 2048 }), tasks: [] }];
  const plan = (count: number) =>
    planLaunches({ ...NONE, coming, waiting: waitingTasks(count, { cpu: 512, memory: 512 }), offers: OFFERS });
  assert.deepEqual(plan(2), []);
  assert.deepEqual(
    plan(3).map(({ tasks }) => tasks),
    [['k2']],
  );
});

test('an idle instance leaves after its delay, and a task keeps it', () => {
  const idle = { isBusy: false, idleSinceMs: 1000 };
  assert.equal(idleChange({ isBusy: false }, 60, 1000).type, 'idle');
  assert.equal(idleChange(idle, 60, 60_999).type, 'none');
  assert.equal(idleChange(idle, 60, 61_000).type, 'leave');
  assert.equal(idleChange({ ...idle, isBusy: true }, 60, 61_000).type, 'busy');
  assert.equal(idleChange({ isBusy: true }, 0, 61_000).type, 'none');
  assert.equal(idleChange(idle, -1, 1e15).type, 'none');
  assert.equal(idleChange({ isBusy: false }, 0, 1000).type, 'leave');
  assert.equal(idleEndMs(0, undefined), 300_000);
});

test('requirements choose types', () => {
  const type = (name: string, change: Partial<TypeFacts> = {}): TypeFacts => ({
    name,
    vcpus: 2,
    memoryMiB: 8192,
    interfaces: 3,
    isBurstable: false,
    isBareMetal: false,
    isCurrent: true,
    hasLocalStorage: false,
    ...change,
  });
  const m5 = type('m5.large');
  const range = { vCpuCount: { min: 1 }, memoryMiB: { min: 1 } };
  assert.ok(meets(m5));
  assert.ok(!meets(type('t3.large', { isBurstable: true })), 'only where it is asked for');
  assert.ok(meets(type('t3.large', { isBurstable: true }), { ...range, burstablePerformance: 'included' }));
  assert.ok(!meets(m5, { ...range, burstablePerformance: 'required' }));
  assert.ok(!meets(m5, { ...range, vCpuCount: { min: 4 } }));
  assert.ok(!meets(m5, { ...range, memoryMiB: { min: 1, max: 4096 } }));
  assert.ok(!meets(m5, { ...range, memoryGiBPerVCpu: { max: 2 } }));
  assert.ok(meets(m5, { ...range, allowedInstanceTypes: ['m*.large'] }));
  assert.ok(!meets(m5, { ...range, allowedInstanceTypes: ['m5'] }));
  assert.ok(!meets(m5, { ...range, excludedInstanceTypes: ['m5.*'] }));
  assert.ok(!meets(m5, { ...range, cpuManufacturers: ['amd'] }));
  assert.ok(meets(type('m7a.large'), { ...range, cpuManufacturers: ['amd'] }));
  assert.ok(meets(type('m7gd.large'), { ...range, cpuManufacturers: ['amazon-web-services'] }));
});

const arbitraryTask = fc.record({
  cpu: fc.integer({ min: 0, max: 20_000 }),
  memory: fc.integer({ min: 4, max: 150_000 }),
  interfaces: fc.integer({ min: 0, max: 1 }),
  port: fc.option(fc.integer({ min: 80, max: 82 })),
  isDistinct: fc.boolean(),
  group: fc.constantFrom('service:a', 'service:b'),
});

test('every task that fits on some instance gets one, none is empty, and all cost no more than one for each', () => {
  fc.assert(
    fc.property(fc.array(arbitraryTask, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (kinds, times) => {
      const waiting = kinds.flatMap(({ port, isDistinct, ...needs }, kind) =>
        waitingTasks(
          times,
          {
            ...needs,
            ports: { tcp: port === null ? [] : [port], udp: [] },
            constraints: compileConstraints([], isDistinct ? [{ type: 'distinctInstance' }] : []),
          },
          `k${kind}-`,
        ),
      );
      const launches = planLaunches({ ...NONE, waiting, offers: OFFERS });
      const demands = new Map(waiting.map((task) => [task.id, task.demand]));
      const alone = (task: Demand) =>
        Math.min(...OFFERS.filter(({ facts }) => isEligible(new Instance(facts), task)).map(({ cost }) => cost));
      const fitting = waiting.filter((task) => alone(task.demand) < Infinity);
      assert.deepEqual(launches.flatMap(({ tasks }) => tasks).toSorted(), fitting.map(({ id }) => id).toSorted());
      for (const {
        offer: { facts },
        tasks,
      } of launches) {
        assert.ok(tasks.length > 0);
        const instance = new Instance(facts);
        for (const id of tasks) {
          const task = demands.get(id);
          assert.ok(task && isEligible(instance, task));
          instance.take({ ...task, id, instanceId: facts.id });
        }
      }
      const cost = launches.reduce((sum, { offer: { cost: own } }) => sum + own, 0);
      assert.ok(cost <= fitting.reduce((sum, task) => sum + alone(task.demand), 0) + 1e-6);
      // Once they are on their way, nothing more is wanted.
      const coming = launches.map(({ offer: { facts }, tasks }, i) => ({
        facts: { ...facts, id: `coming-${i}` },
        tasks,
      }));
      assert.deepEqual(planLaunches({ ...NONE, coming, waiting, offers: OFFERS }), []);
    }),
    { numRuns: 200 },
  );
});
