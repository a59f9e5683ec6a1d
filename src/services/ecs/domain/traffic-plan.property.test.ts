import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import * as fc from 'fast-check';
import type { DeploymentRow } from '../tables.ts';
import { planService } from './service-plan.ts';
import { ServiceSimulation } from './testing-service.ts';
import type { TaskEvent } from './testing-service.ts';
import { deploymentRow } from './testing-rows.ts';
import { percentOf, shiftsOf } from './traffic-shift.ts';

const RUNS = 300;

const loadBalancers = [
  {
    targetGroupArn: 'blue',
    containerName: 'web',
    containerPort: 80,
    advancedConfiguration: { alternateTargetGroupArn: 'green', productionListenerRule: 'rule', roleArn: 'role' },
  },
];

const minutes = fc.constantFrom(0, 2, 20);
const strategy: fc.Arbitrary<DeploymentConfiguration> = fc.oneof(
  fc.record({ strategy: fc.constant('BLUE_GREEN' as const), bakeTimeInMinutes: minutes }),
  fc.record({
    strategy: fc.constant('CANARY' as const),
    canaryConfiguration: fc.record({
      canaryPercent: fc.integer({ min: 1, max: 1000 }).map((tenths) => tenths / 10),
      canaryBakeTimeInMinutes: minutes,
    }),
  }),
  fc.record({
    strategy: fc.constant('LINEAR' as const),
    linearConfiguration: fc.record({ stepPercent: fc.integer({ min: 20, max: 100 }), stepBakeTimeInMinutes: minutes }),
  }),
);

type Change =
  | { readonly event: TaskEvent; readonly at: number }
  | { readonly deploy: string }
  | { readonly count: number }
  | { readonly stop: true }
  | { readonly shift: true }
  | { readonly calm: true }
  | { readonly minutes: number };

const happening = (...events: TaskEvent[]) => fc.record({ event: fc.constantFrom(...events), at: fc.nat(20) });
const settings = fc.record({
  configuration: strategy,
  desiredCount: fc.integer({ min: 0, max: 4 }),
  breaker: fc.boolean(),
});

function shiftingWorld({
  configuration,
  desiredCount,
  breaker,
}: typeof settings extends fc.Arbitrary<infer T> ? T : never) {
  const deploymentCircuitBreaker = { enable: breaker, rollback: true };
  const deploymentConfiguration = { ...configuration, deploymentCircuitBreaker };
  const old: DeploymentRow = deploymentRow('old', { rolloutState: 'COMPLETED', loadBalancers });
  const lastCompleted = { ...old, deploymentId: old.id };
  return ServiceSimulation.complete(
    { desiredCount, deploymentConfiguration, loadBalancers, deployments: [old], lastCompleted },
    true,
  );
}

/** The tasks of a deployment that are healthy now. */
const healthyOf = (world: ServiceSimulation, id: string) =>
  world.healthy.filter((task) => task.deploymentId === id).length;

/** Production traffic that the rules, as they are now, give to a deployment. */
function shareOf({ service: { traffic } }: ServiceSimulation, deployment: DeploymentRow): number {
  return traffic?.applied ? percentOf(deployment, 'production', { wanted: traffic.applied }) : 0;
}

/** What must hold of each pass, compared with what was before it. */
function watch(world: ServiceSimulation): () => void {
  const before = world.service.deployments.map((one) => ({
    deployment: one,
    healthy: healthyOf(world, one.id),
    share: shareOf(world, one),
  }));
  const wanted = world.service.traffic?.wanted.production;
  return () => {
    const { deployments, traffic, desiredCount } = world.service;
    for (const { deployment, healthy, share } of before) {
      if (share === 0) continue;
      const now = healthyOf(world, deployment.id);
      assert.ok(now >= Math.min(healthy, desiredCount), 'what has traffic keeps its tasks');
    }
    if (!traffic || traffic.wanted.production === wanted) return;
    const [primary] = deployments;
    const steps = primary?.lifecycle ? shiftsOf(primary.lifecycle.configuration) : [];
    const percent = primary ? percentOf(primary, 'production', traffic) : 0;
    const isBack = percent === 0 || primary?.isRollback === true;
    assert.ok(isBack || steps.includes(percent), `${percent} % is one of ${steps.join()}`);
    assert.ok(
      isBack || (primary && healthyOf(world, primary.id) === desiredCount),
      'all healthy before it gets traffic',
    );
  };
}

/** @param isReached the load balancer answers: its rules change as soon as they should */
function passAll(world: ServiceSimulation, isReached = true): void {
  for (let passes = 0; passes < 100; passes++) {
    const check = watch(world);
    const isDone = !world.pass() && !(isReached && world.shift());
    check();
    if (isDone) return;
  }
  assert.fail('It takes step after step and does not settle.');
}

/** For three minutes nothing fails: then what is being replaced is whole again, too. */
function calm(world: ServiceSimulation): void {
  for (let minute = 0; minute < 3; minute++) {
    for (const { arn } of world.tasks) for (const event of ['run', 'heal'] as const) world.happen(event, arn);
    world.now += 60_000;
    passAll(world, false);
  }
  const { deployments, lastCompleted, desiredCount } = world.service;
  const source = deployments.find((one) => one.id === lastCompleted?.deploymentId);
  const isBeside = source && source !== deployments[0] && deployments[0]?.rolloutState === 'IN_PROGRESS';
  if (isBeside) assert.ok(healthyOf(world, source.id) >= desiredCount, 'what is being replaced is whole');
}

function apply(world: ServiceSimulation, change: Change): void {
  const [primary, ...others] = world.service.deployments;
  if ('deploy' in change) world.deploy(change.deploy);
  else if ('count' in change) world.change({ desiredCount: change.count, steady: false });
  else if ('shift' in change) world.shift();
  else if ('calm' in change) calm(world);
  else if ('minutes' in change) world.now += change.minutes * 60_000;
  else if ('stop' in change) {
    const isOpen = primary?.rolloutState === 'IN_PROGRESS' && !primary.isRollback;
    const stops = isOpen && primary.lifecycle?.stage !== 'CLEAN_UP';
    if (stops) world.change({ deployments: [{ ...primary, stopRequest: 'ROLLBACK' }, ...others] });
  } else {
    const task = world.tasks[change.at % Math.max(1, world.tasks.length)];
    if (task) world.happen(change.event, task.arn);
  }
}

function assertEnded(world: ServiceSimulation): void {
  const { deployments, traffic, desiredCount } = world.service;
  const [primary] = deployments;
  assert.equal(deployments.length, 1, 'no other deployment is left');
  assert.ok(primary && primary.rolloutState === 'COMPLETED', 'it is complete, or rolled back');
  assert.equal(world.live.length, desiredCount);
  assert.equal(healthyOf(world, primary.id), desiredCount);
  if (traffic) assert.equal(percentOf(primary, 'production', traffic), 100);
  assert.deepEqual(planService(world.observed(), world.now).actions, []);
}

test('property: what has traffic keeps its tasks, what gets it is healthy, and every path comes to its end', () => {
  const changes: fc.Arbitrary<Change> = fc.oneof(
    { weight: 14, arbitrary: happening('run', 'heal', 'end', 'run', 'heal', 'crash', 'sicken') },
    { weight: 3, arbitrary: fc.record({ minutes: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ deploy: fc.constantFrom('a', 'b') }) },
    { weight: 1, arbitrary: fc.record({ count: fc.integer({ min: 0, max: 4 }) }) },
    { weight: 2, arbitrary: fc.constant({ stop: true as const }) },
    { weight: 4, arbitrary: fc.constant({ shift: true as const }) },
    { weight: 3, arbitrary: fc.constant({ calm: true as const }) },
  );
  fc.assert(
    fc.property(settings, fc.array(changes, { maxLength: 80 }), (setting, all) => {
      const world = shiftingWorld(setting);
      world.deploy('new');
      for (const change of all) {
        apply(world, change);
        passAll(world, false);
      }
      world.calmDown();
      assertEnded(world);
    }),
    { numRuns: RUNS },
  );
});

test('property: nothing fails: traffic moves in the steps that are configured, and the new revision has it', () => {
  fc.assert(
    fc.property(settings, (setting) => {
      const world = shiftingWorld(setting);
      const seen: number[] = [];
      world.deploy('new');
      const id = world.service.deployments[0]?.id;
      for (let round = 0; round < 160; round++) {
        passAll(world);
        const { traffic, deployments } = world.service;
        const own = deployments.find((one) => one.id === id);
        const percent = own && traffic ? percentOf(own, 'production', traffic) : 0;
        if (seen.at(-1) !== percent) seen.push(percent);
        for (const { arn } of world.tasks)
          for (const event of ['run', 'heal', 'end'] as const) world.happen(event, arn);
        world.now += 60_000;
      }
      assertEnded(world);
      assert.equal(world.service.deployments[0]?.id, id);
      const steps = [0, ...shiftsOf(setting.configuration)];
      assert.ok(seen.every((percent) => steps.includes(percent)));
      assert.deepEqual(
        seen,
        seen.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: RUNS },
  );
});
