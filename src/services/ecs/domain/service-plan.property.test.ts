import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BLOCKED_EVENT, planService } from './service-plan.ts';
import type { ServiceStep } from './service-plan.ts';
import { ServiceSimulation } from './testing-service.ts';
import type { TaskEvent } from './testing-service.ts';

const RUNS = 300;
const percents = fc.oneof(
  fc.constantFrom([0, 100], [50, 100], [100, 200], [100, 150], [0, 200], [99, 100]),
  fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 101, max: 300 })),
);
const config = percents.map(([minimumHealthyPercent = 0, maximumPercent = 0]) => ({
  minimumHealthyPercent,
  maximumPercent,
}));
const desiredCount = fc.integer({ min: 0, max: 7 });

/** A thing that happens, to the n-th of the tasks that there are. */
const happening = (...events: TaskEvent[]) => fc.record({ event: fc.constantFrom(...events), at: fc.nat(20) });
const progress = fc.array(happening('run', 'heal', 'end'), { maxLength: 60 });

function happen(world: ServiceSimulation, event: TaskEvent, at: number): void {
  const task = world.tasks[at % Math.max(1, world.tasks.length)];
  if (task) world.happen(event, task.arn);
}

const isPrimary = (world: ServiceSimulation) => (task: { deploymentId?: string }) =>
  task.deploymentId === world.service.deployments[0]?.id;

/** Steady, complete, with the tasks that it should have; and it stays so. */
function assertConverged(world: ServiceSimulation): void {
  const { service, live } = world;
  assert.equal(service.deployments.length, 1, 'old deployments are gone');
  assert.deepEqual([service.deployments[0]?.rolloutState, service.steady], ['COMPLETED', true]);
  assert.equal(live.length, service.desiredCount);
  assert.ok(live.every(isPrimary(world)), 'no old task is left');
  assert.deepEqual(planService(world.observed(), world.now).actions, []);
}

test('property: a rolling update keeps its limits, and comes to its end', () => {
  const world = fc.record({ desiredCount, deploymentConfiguration: config, isChecked: fc.boolean(), progress });
  fc.assert(
    fc.property(world, ({ isChecked, progress: events, ...change }) => {
      const world = ServiceSimulation.complete(change, isChecked);
      const { minimumHealthyPercent, maximumPercent } = change.deploymentConfiguration;
      const least = Math.ceil((change.desiredCount * minimumHealthyPercent) / 100);
      const most = Math.floor((change.desiredCount * maximumPercent) / 100);
      const keepsLimits = () => {
        assert.ok(
          world.healthy.length >= least,
          `${world.healthy.length} healthy tasks, at least ${least} are promised`,
        );
        assert.ok(world.live.length <= most, `${world.live.length} tasks, at most ${most} are allowed`);
      };
      world.deploy('new');
      for (const { event, at } of events) {
        world.settle(keepsLimits);
        happen(world, event, at);
        keepsLimits();
      }
      world.calmDown(keepsLimits);
      if (world.service.desiredCount === 0 || least < most) return assertConverged(world);
      const said = world.service.events.filter((event) => event.message.endsWith(BLOCKED_EVENT));
      assert.equal(said.length, 1, 'it says once that it cannot go on');
      assert.equal(world.healthy.length, world.service.desiredCount);
      assert.deepEqual(planService(world.observed(), world.now).actions, []);
    }),
    { numRuns: RUNS },
  );
});

type Change =
  | { readonly deploy: string }
  | { readonly count: number }
  | { readonly event: TaskEvent; readonly at: number };

test('property: whatever fails and whatever is asked for, it comes to its end when the world is calm again', () => {
  const change: fc.Arbitrary<Change> = fc.oneof(
    { weight: 12, arbitrary: happening('run', 'heal', 'end', 'crash', 'sicken') },
    { weight: 1, arbitrary: fc.record({ deploy: fc.constantFrom('a', 'b') }) },
    { weight: 1, arbitrary: fc.record({ count: desiredCount }) },
  );
  // Percentages that always let something start: others may have to wait for a change.
  const free = config.filter(
    ({ minimumHealthyPercent, maximumPercent }) => minimumHealthyPercent === 0 || maximumPercent >= 200,
  );
  const world = fc.record({
    desiredCount,
    deploymentConfiguration: free,
    isChecked: fc.boolean(),
    changes: fc.array(change, { maxLength: 60 }),
  });
  fc.assert(
    fc.property(world, ({ isChecked, changes, ...row }) => {
      const world = ServiceSimulation.complete(row, isChecked);
      for (const next of changes) {
        if ('deploy' in next) world.deploy(next.deploy);
        else if ('count' in next) world.change({ desiredCount: next.count, steady: false });
        else happen(world, next.event, next.at);
        const before = world.live.length;
        world.settle(() =>
          assert.ok(world.live.length <= Math.max(before, world.limits.most), 'it starts no more than it may'),
        );
        world.now += 500;
      }
      world.calmDown();
      assertConverged(world);
    }),
    { numRuns: RUNS },
  );
});

test('property: scaling in keeps the healthy ones', () => {
  const world = fc.record({ desiredCount, sick: fc.array(fc.nat(20), { maxLength: 5 }), target: desiredCount });
  fc.assert(
    fc.property(world, ({ desiredCount, sick, target }) => {
      const world = ServiceSimulation.complete({ desiredCount });
      // Not healthy, not sick: they have not started yet.
      const waiting = new Set(sick.map((at) => world.tasks[at % Math.max(1, world.tasks.length)]?.arn));
      world.tasks = world.tasks.map((task) =>
        waiting.has(task.arn) ? { ...task, lastStatus: 'PENDING' as const } : task,
      );
      const healthy = world.healthy.length;
      world.change({ desiredCount: target });
      world.settle();
      assert.equal(world.healthy.length, Math.min(healthy, target));
      assert.equal(world.live.length, target);
    }),
  );
});

test('property: a service that is being deleted ends, whatever its tasks do', () => {
  fc.assert(
    fc.property(
      fc.record({ desiredCount, isChecked: fc.boolean(), progress }),
      ({ desiredCount, isChecked, progress: events }) => {
        const world = ServiceSimulation.complete({ desiredCount }, isChecked);
        world.deploy('new');
        for (const { event, at } of events) {
          world.settle();
          happen(world, event, at);
        }
        world.change({ status: 'DRAINING', desiredCount: 0, steady: false });
        const steps: ServiceStep[] = [];
        world.calmDown((step) => {
          steps.push(step);
          if (step.gone) assert.deepEqual(world.tasks, [], 'it is gone when its last task is');
        });
        assert.deepEqual([world.service.status, world.service.deployments, world.tasks], ['INACTIVE', [], []]);
        assert.ok(steps.every((step) => step.start === 0));
        assert.deepEqual(planService(world.observed(), world.now).actions, []);
      },
    ),
  );
});

const NETWORK = {
  subnets: ['s1', 's2', 's3'],
  securityGroups: [],
  assignPublicIp: false,
  zones: { s1: 'a', s2: 'b', s3: 'c' },
};

test('property: what is steady stays between its limits as tasks get sick, and is even over its zones in the end', () => {
  const world = fc.record({
    desiredCount,
    deploymentConfiguration: config,
    placed: fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }),
    events: fc.array(happening('run', 'heal', 'sicken', 'end'), { maxLength: 40 }),
  });
  fc.assert(
    fc.property(world, ({ placed, events, ...change }) => {
      const world = ServiceSimulation.complete({ ...change, network: NETWORK }, true);
      world.tasks = world.tasks.map((task, i) => ({ ...task, subnetId: `s${(placed[i] ?? 0) + 1}` }));
      const { least, most } = world.limits;
      for (const { event, at } of events) {
        const before = world.healthy.length;
        world.settle(() => {
          assert.ok(world.healthy.length >= Math.min(least, before), 'nothing healthy is stopped below the minimum');
          assert.ok(world.live.length <= Math.max(most, change.desiredCount), 'nothing is started above the maximum');
        });
        happen(world, event, at);
        world.now += 500;
      }
      world.calmDown();
      assertConverged(world);
      if (most === world.service.desiredCount) return;
      const counts = ['s1', 's2', 's3'].map((subnet) => world.live.filter((task) => task.subnetId === subnet).length);
      assert.ok(Math.max(...counts) - Math.min(...counts) < 2, `even over the zones: ${counts.join()}`);
    }),
    { numRuns: RUNS },
  );
});

test('property: a deployment that only fails is rolled back, and costs no more launches than its threshold', () => {
  const world = fc.record({ desiredCount: fc.integer({ min: 1, max: 30 }), sickens: fc.boolean() });
  fc.assert(
    fc.property(world, ({ desiredCount, sickens }) => {
      const deploymentCircuitBreaker = { enable: true, rollback: true };
      const world = ServiceSimulation.complete(
        { desiredCount, deploymentConfiguration: { deploymentCircuitBreaker } },
        true,
      );
      const { taskDefinitionArn } = world.service;
      world.deploy('bad');
      const bad = world.service.deployments[0]?.id;
      let failed = 0;
      for (let round = 0; round < 100 && world.service.deployments[0]?.id === bad; round++) {
        world.settle();
        const task = world.live.find((one) => one.deploymentId === bad);
        if (task && sickens) world.happen('run', task.arn);
        if (task) world.happen(sickens ? 'sicken' : 'crash', task.arn);
        if (task) failed++;
        world.settle();
        assert.ok(world.healthy.length >= desiredCount, 'the old tasks serve on');
        world.now += 60_000;
      }
      assert.equal(failed, Math.min(200, Math.max(3, Math.ceil(desiredCount / 2))));
      world.calmDown();
      assertConverged(world);
      assert.ok(world.live.every((task) => task.taskDefinitionArn === taskDefinitionArn));
    }),
    { numRuns: 100 },
  );
});
