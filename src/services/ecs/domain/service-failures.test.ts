import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceRow } from '../tables.ts';
import { breakerThreshold, nextLaunchAt } from './failure-throttle.ts';
import { planService } from './service-plan.ts';
import { deploymentRow } from './testing-rows.ts';
import { ServiceSimulation } from './testing-service.ts';

const breaker = (rollback: boolean): Partial<ServiceRow> => ({
  deploymentConfiguration: {
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback },
  },
});

/** Lets every task of the primary deployment crash as soon as it is started, `times` times. Answers when each was started. */
function crashLoop(world: ServiceSimulation, times: number): number[] {
  const startedAt: number[] = [];
  for (let rounds = 0; startedAt.length < times && rounds < 1000; rounds++) {
    world.settle((step) => {
      if (step.start > 0) startedAt.push(world.now);
    });
    const primary = world.service.deployments[0];
    const started = world.live.filter((task) => task.deploymentId === primary?.id);
    for (const { arn } of started) world.happen('crash', arn);
    if (started.length > 0) continue;
    const { wakeAt } = planService(world.observed(), world.now);
    if (wakeAt === undefined) break;
    world.now = wakeAt;
  }
  return startedAt;
}

const messages = (world: ServiceSimulation) => world.service.events.map((event) => event.message);

test('launches that fail wait: 1 s, doubling to 60 s', () => {
  const at = crashLoop(new ServiceSimulation({ desiredCount: 1 }), 10);
  const waits = at.slice(1).map((ms, i) => (ms - (at[i] ?? 0)) / 1000);
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.equal(nextLaunchAt(deploymentRow('d')), 0);
  assert.equal(nextLaunchAt(deploymentRow('d', { failedTasks: 5000, lastFailureAtMs: 1 })), 60_001);
});

test('a failure is counted once', () => {
  const world = new ServiceSimulation({ desiredCount: 3 });
  world.settle();
  for (const { arn } of world.tasks.slice(0, 2)) world.happen('crash', arn);
  world.settle();
  assert.equal(world.service.deployments[0]?.failedTasks, 2);
  world.now += 10_000;
  world.settle();
  assert.equal(world.service.deployments[0]?.failedTasks, 2);
  assert.equal(world.live.length, 3);
  world.calmDown();
  assert.equal(world.service.deployments[0]?.failedTasks, 0, 'a completed deployment starts from none');
});

test('tasks that have served for a minute did not fail to start: however many end, they are replaced at once', () => {
  const world = new ServiceSimulation({ desiredCount: 3 });
  world.calmDown();
  world.now += 60_000;
  for (const { arn } of world.live) world.happen('crash', arn);
  const begins = world.now;
  world.settle();
  assert.equal(world.live.length, 3);
  assert.equal(world.now, begins);
  assert.equal(world.service.deployments[0]?.failedTasks, 0);
});

test('a crash now and then is replaced at once, a crash loop of a completed deployment is not', () => {
  const world = new ServiceSimulation({ desiredCount: 1 });
  world.calmDown();
  const crash = () => {
    for (const { arn } of world.live) world.happen('crash', arn);
    world.settle();
    const { wakeAt } = planService(world.observed(), world.now);
    const waitMs = Math.max(0, (wakeAt ?? world.now) - world.now);
    world.now += waitMs;
    world.settle();
    for (const { arn } of world.live) world.happen('run', arn);
    world.settle();
    return waitMs;
  };
  assert.deepEqual([crash(), crash(), crash()], [0, 1000, 2000], 'the first had served for a minute');
  world.now += 300_000;
  assert.deepEqual([crash(), crash(), crash()], [0, 1000, 2000], 'it had served, and then it loops again');
});

test('the circuit breaker trips at half the desired count, 3 at least and 200 at most', () => {
  const thresholds = [0, 1, 5, 6, 7, 10, 25, 400, 5000].map((count) => breakerThreshold(count));
  assert.deepEqual(thresholds, [3, 3, 3, 3, 4, 5, 13, 200, 200]);
});

test('its threshold can be a count, or a share without bounds', () => {
  const at = (type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT', value: number, count: number) =>
    breakerThreshold(count, { enable: true, rollback: true, thresholdConfiguration: { type, value } });
  assert.deepEqual([at('COUNT', 1, 100), at('COUNT', 7, 1)], [1, 7]);
  assert.deepEqual([at('BOUNDED_PERCENT', 10, 10), at('BOUNDED_PERCENT', 100, 5000)], [3, 200]);
  assert.deepEqual([at('UNBOUNDED_PERCENT', 10, 10), at('UNBOUNDED_PERCENT', 100, 5000)], [1, 5000]);
});

test('tasks that never ran wait longer and longer, up to 27 minutes', () => {
  const waitS = (failedTasks: number) =>
    nextLaunchAt(deploymentRow('d', { failedTasks, startFailures: failedTasks, lastFailureAtMs: 0 })) / 1000;
  assert.deepEqual([1, 2, 7, 11, 12, 5000].map(waitS), [1, 2, 64, 1024, 1620, 1620]);
});

/** Crashes two tasks of the new deployment, lets the third be healthy, crashes two more. Answers whether it failed. */
function failsAround(resetOnHealthyTask: boolean): boolean {
  const deploymentCircuitBreaker = { enable: true, rollback: true, resetOnHealthyTask };
  const world = ServiceSimulation.complete(
    { desiredCount: 2, deploymentConfiguration: { deploymentCircuitBreaker } },
    true,
  );
  world.deploy('new');
  const own = () => world.live.filter((task) => task.deploymentId !== 'old');
  world.settle();
  for (const { arn } of own()) world.happen('crash', arn);
  for (let round = 0; round < 3; round++) {
    world.settle();
    world.now += 60_000;
  }
  world.settle();
  const [well, other] = own();
  world.happen('run', well?.arn ?? '');
  world.happen('heal', well?.arn ?? '');
  world.settle();
  world.happen('crash', other?.arn ?? '');
  world.settle();
  return world.service.deployments.some((one) => one.rolloutState === 'FAILED');
}

test('a task that gets healthy lets the failures before it be forgotten, unless that is turned off', () => {
  assert.equal(failsAround(true), false);
  assert.equal(failsAround(false), true);
});

test('without rollback a failed deployment launches nothing any more', () => {
  const world = ServiceSimulation.complete({ desiredCount: 1, ...breaker(false) });
  world.deploy('bad');
  assert.equal(crashLoop(world, 100).length, 3);
  const [primary, ...others] = world.service.deployments;
  assert.deepEqual(
    [primary?.rolloutState, primary?.rolloutStateReason, primary?.failedTasks, others.length],
    ['FAILED', 'ECS deployment circuit breaker: tasks failed to start.', 3, 1],
  );
  assert.match(
    messages(world)[0] ?? '',
    /^\(service web\) \(deployment ecs-svc\/\d+\) deployment failed: tasks failed/,
  );
  assert.deepEqual(planService(world.observed(), world.now + 3_600_000).actions, []);
  assert.equal(world.healthy.length, 1, 'the old task serves on');
  world.deploy('good');
  world.calmDown();
  assert.equal(world.service.deployments[0]?.rolloutState, 'COMPLETED');
});

test('with rollback the last completed deployment is deployed again', () => {
  const world = ServiceSimulation.complete({ desiredCount: 2, ...breaker(true) });
  const before = world.service.taskDefinitionArn;
  world.deploy('bad');
  while (world.service.deployments.length === 2) crashLoop(world, 1);
  const [primary, failed] = world.service.deployments;
  assert.deepEqual(
    [primary?.status, primary?.rolloutState, failed?.status, failed?.rolloutState],
    ['PRIMARY', 'IN_PROGRESS', 'ACTIVE', 'FAILED'],
  );
  assert.match(primary?.rolloutStateReason ?? '', /^ECS deployment circuit breaker: rolling back to/);
  assert.deepEqual([world.service.taskDefinitionArn, primary?.taskDefinitionArn], [before, before]);
  assert.ok(world.healthy.length >= 2, 'what was healthy stayed');
  world.calmDown();
  assert.deepEqual(
    world.service.deployments.map((one) => one.rolloutState),
    ['COMPLETED'],
  );
  assert.ok(world.live.every((task) => task.taskDefinitionArn === before));
});

test('a rollback that fails as well is not rolled back again', () => {
  const world = ServiceSimulation.complete({ desiredCount: 1, ...breaker(true) });
  world.deploy('bad');
  for (let i = 0; i < 20; i++) crashLoop(world, 5);
  assert.deepEqual(
    world.service.deployments.map((one) => one.rolloutState),
    ['FAILED', 'FAILED', 'COMPLETED'],
  );
  assert.deepEqual(planService(world.observed(), world.now + 3_600_000).actions, []);
});

test('with nothing to go back to, a first deployment just fails', () => {
  const world = new ServiceSimulation({ desiredCount: 1, ...breaker(true) });
  assert.equal(crashLoop(world, 100).length, 3);
  assert.equal(world.service.deployments[0]?.rolloutState, 'FAILED');
});

test('old tasks that get sick are not the new deployment’s failures', () => {
  const world = ServiceSimulation.complete({ desiredCount: 4, ...breaker(true) }, true);
  world.deploy('new');
  world.settle();
  const old = world.live.filter((task) => task.deploymentId === 'old');
  for (const { arn } of old) {
    world.happen('sicken', arn);
    world.settle();
  }
  assert.equal(world.service.deployments[0]?.failedTasks, 0);
  assert.match(messages(world).join('\n'), /\(task t1\) failed container health checks\./);
  const mine = world.live.filter((task) => task.deploymentId !== 'old');
  for (const { arn } of mine.slice(0, 3)) {
    world.happen('run', arn);
    world.happen('sicken', arn);
  }
  world.settle();
  assert.equal(world.service.deployments[1]?.rolloutState, 'FAILED');
});
