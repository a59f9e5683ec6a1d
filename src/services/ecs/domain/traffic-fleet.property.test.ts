import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import * as fc from 'fast-check';
import type { DeploymentRow, ServiceRow } from '../tables.ts';
import { assertRests, Fleet } from './testing-fleet.ts';
import type { FleetEvent, FleetStep } from './testing-fleet.ts';
import { BEFORE_A_SHIFT } from './testing-rows.ts';
import { isStageAfter } from './lifecycle.ts';

const RUNS = Number(process.env['FLEET_RUNS'] ?? 120);
const minutes = fc.constantFrom(0, 2);
const shifts: fc.Arbitrary<DeploymentConfiguration> = fc.oneof(
  fc.record({ strategy: fc.constant('BLUE_GREEN' as const), bakeTimeInMinutes: minutes }),
  fc.record({
    strategy: fc.constant('CANARY' as const),
    bakeTimeInMinutes: minutes,
    canaryConfiguration: fc.record({
      canaryPercent: fc.constantFrom(0.1, 5, 33.3, 100),
      canaryBakeTimeInMinutes: minutes,
    }),
  }),
  fc.record({
    strategy: fc.constant('LINEAR' as const),
    linearConfiguration: fc.record({ stepPercent: fc.constantFrom(30, 33.3, 50), stepBakeTimeInMinutes: minutes }),
  }),
);
const stages = fc.constantFrom(
  'PRE_SCALE_UP' as const,
  'POST_SCALE_UP' as const,
  'POST_TEST_TRAFFIC_SHIFT' as const,
  'PRE_PRODUCTION_TRAFFIC_SHIFT' as const,
  'PRODUCTION_TRAFFIC_SHIFT' as const,
  'POST_PRODUCTION_TRAFFIC_SHIFT' as const,
);
const hooks: fc.Arbitrary<DeploymentLifecycleHook[]> = fc.array(
  fc.record({
    hookTargetArn: fc.constant('https://hooks.test'),
    lifecycleStages: fc.uniqueArray(stages, { minLength: 1, maxLength: 2 }),
    timeoutConfiguration: fc.record({
      timeoutInMinutes: fc.constantFrom(1, 5),
      action: fc.constantFrom('CONTINUE' as const, 'ROLLBACK' as const),
    }),
  }),
  { maxLength: 2 },
);

type Change =
  | { readonly event: FleetEvent; readonly at: number }
  | { readonly deploy: string }
  | { readonly count: number }
  | { readonly alarm: boolean }
  | { readonly stop: 'ROLLBACK' | 'ABORT' }
  | { readonly seconds: number }
  | { readonly rules: Fleet['rulesAnswer'] }
  | { readonly hook: Fleet['hookAnswer'] }
  | { readonly calm: true }
  /** Nothing fails for three minutes. */
  | { readonly rest: true };

const COURSE: readonly FleetEvent[] = ['advance', 'run', 'advance', 'heal', 'target-heals', 'repeat', 'reap'];
const FATES: readonly FleetEvent[] = ['exit', 'fail-start', 'sicken', 'target-sickens', 'user-stop', 'protect'];
const happening = (events: readonly FleetEvent[]) => fc.record({ event: fc.constantFrom(...events), at: fc.nat(20) });
const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 16, arbitrary: happening(COURSE) },
  { weight: 4, arbitrary: happening(FATES) },
  { weight: 6, arbitrary: fc.record({ seconds: fc.constantFrom(5, 61, 130, 400) }) },
  { weight: 2, arbitrary: fc.record({ deploy: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: fc.record({ count: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ alarm: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ stop: fc.constantFrom('ROLLBACK' as const, 'ABORT' as const) }) },
  { weight: 5, arbitrary: fc.record({ rules: fc.constantFrom('nothing' as const, 'half' as const, 'all' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ hook: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'IN_PROGRESS' as const) }),
  },
  { weight: 10, arbitrary: fc.constant({ calm: true as const }) },
  { weight: 3, arbitrary: fc.constant({ rest: true as const }) },
);
const settings = fc.record({
  shift: shifts,
  lifecycleHooks: hooks,
  hookAnswer: fc.constantFrom('SUCCEEDED' as const, 'IN_PROGRESS' as const),
  breaker: fc.boolean(),
  alarms: fc.boolean(),
  desiredCount: fc.integer({ min: 0, max: 4 }),
  isChecked: fc.boolean(),
  isBalanced: fc.boolean(),
  all: fc.array(changes, { maxLength: 70 }),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function fleetOf({ shift, lifecycleHooks, breaker, alarms, desiredCount, isChecked, isBalanced }: Settings): Fleet {
  const deploymentConfiguration: DeploymentConfiguration = {
    ...shift,
    lifecycleHooks,
    deploymentCircuitBreaker: { enable: breaker, rollback: true },
    ...(alarms && { alarms: { alarmNames: ['alarm'], enable: true, rollback: true } }),
  };
  const change = { desiredCount, deploymentConfiguration, ...BEFORE_A_SHIFT };
  const fleet: Fleet = new Fleet(change, { isChecked, isBalanced }, (of) => checkStep(fleet, of));
  return fleet;
}

/** What production traffic a deployment has by the rules as they are, in percent. */
const shareOf = ({ rules }: Fleet, { usesAlternate }: DeploymentRow) =>
  usesAlternate ? rules.production : 100 - rules.production;

const healthyOf = ({ healthy }: Pick<FleetStep, 'healthy'>, { id }: DeploymentRow) =>
  healthy.filter((task) => task.deploymentId === id).length;

/** What each kind of shift gives to the new deployment, one after the other. */
function sharesOf({ strategy, canaryConfiguration, linearConfiguration }: DeploymentConfiguration): number[] {
  if (strategy === 'CANARY') return [canaryConfiguration?.canaryPercent ?? 5, 100];
  if (strategy !== 'LINEAR') return [100];
  const step = linearConfiguration?.stepPercent ?? 10;
  return Array.from({ length: 40 }, (_, at) => Math.min(100, Math.round(step * (at + 1) * 10) / 10));
}

/** The deployments whose tasks are in a group that has traffic, or that the traffic goes back to if this one fails. */
function isServed(fleet: Fleet, { deployments, lastCompleted }: ServiceRow, one: DeploymentRow): boolean {
  const [primary] = deployments;
  const isSource = one.id === lastCompleted?.deploymentId && primary?.lifecycle !== undefined;
  const waits = primary?.rolloutState === 'IN_PROGRESS' && primary.lifecycle?.stage !== 'CLEAN_UP';
  return (shareOf(fleet, one) > 0 && fleet.service.traffic !== undefined) || (isSource && waits);
}

function checkStep(fleet: Fleet, of: FleetStep): void {
  const { step, service } = of;
  const [primary] = service.deployments;
  const stopped = new Set(step.stops.map((stop) => stop.taskArn));
  for (const isAlternate of [true, false]) {
    const side = service.deployments.filter((one) => (one.usesAlternate ?? false) === isAlternate);
    if (!side.some((one) => isServed(fleet, service, one))) continue;
    const ids = new Set(side.map((one) => one.id));
    const own = of.healthy.filter((task) => ids.has(task.deploymentId ?? ''));
    const leaving = own.filter((task) => stopped.has(task.arn)).length;
    assert.ok(leaving === 0 || own.length - leaving >= service.desiredCount, 'what has traffic keeps its tasks');
  }
  const { lifecycle } = primary ?? {};
  if (step.start > 0 && lifecycle && primary?.rolloutState === 'IN_PROGRESS') {
    assert.ok(isStageAfter(lifecycle.stage, 'PRE_SCALE_UP'), 'nothing starts before it scales up');
  }
  checkSource(fleet, of);
  if (step.next && primary) checkNext(fleet, of, primary);
  checkShare(fleet, of);
}

/** What is being replaced loses an unhealthy task only to another that has taken its place. */
function checkSource(_fleet: Fleet, { step, service, live, healthy }: FleetStep): void {
  const [primary, ...others] = service.deployments;
  const source = others.find((one) => one.id === service.lastCompleted?.deploymentId);
  const shifts = primary?.lifecycle && primary.lifecycle.stage !== 'CLEAN_UP' && primary.rolloutState === 'IN_PROGRESS';
  if (!source || !shifts) return;
  const own = live.filter((task) => task.deploymentId === source.id);
  const well = own.filter((task) => healthy.includes(task)).length;
  const ill = step.stops.filter(
    (stop) => /health checks/.test(stop.reason) && own.some((task) => task.arn === stop.taskArn),
  ).length;
  assert.ok(
    ill === 0 || own.length - ill >= service.desiredCount,
    `${ill} unhealthy of ${own.length}, ${well} are well`,
  );
}

/** A stage begins when all of the one before it is done. */
function checkNext({ now }: Fleet, { step, service, healthy }: FleetStep, primary: DeploymentRow): void {
  const { lifecycle, alarms } = primary;
  const { traffic, desiredCount } = service;
  if (!lifecycle || !step.next) return assert.fail('only a shift has stages');
  assert.deepEqual(traffic?.applied, traffic?.wanted, 'the rules are as they should be first');
  const open = lifecycle.hooks.filter(({ status }) => status === 'IN_PROGRESS');
  const isTimedOut = open.every((run) => run.expiresAtMs <= now && run.timeoutAction === 'CONTINUE');
  assert.ok(isTimedOut, 'hooks are done first');
  const hasFailed = lifecycle.hooks.some(({ status }) => status === 'FAILED');
  assert.ok(!hasFailed && !alarms?.triggered.length, 'what has failed goes no further');
  if (isStageAfter(lifecycle.stage, 'PRE_SCALE_UP')) {
    assert.equal(healthyOf({ healthy }, primary), desiredCount, 'all are there, and healthy');
  }
  const { canaryConfiguration: canary, linearConfiguration: linear } = lifecycle.configuration;
  const minutes = canary?.canaryBakeTimeInMinutes ?? linear?.stepBakeTimeInMinutes ?? 0;
  const isShiftAgain = lifecycle.stage === 'PRODUCTION_TRAFFIC_SHIFT' && step.next.shift > lifecycle.shift;
  if (isShiftAgain) assert.ok(now >= (traffic?.appliedAtMs ?? Infinity) + minutes * 60_000, 'a share is watched');
  const bakeMinutes = service.deploymentConfiguration.bakeTimeInMinutes ?? 0;
  if (lifecycle.stage === 'BAKE_TIME') assert.ok(now >= lifecycle.sinceMs + bakeMinutes * 60_000, 'it bakes');
}

/** Traffic comes to a deployment in the steps that are configured, and only while all of its tasks are healthy. */
function checkShare({ service: after }: Fleet, of: FleetStep): void {
  const { service } = of;
  const [primary] = after.deployments;
  if (!primary || !after.traffic || after.traffic.wanted === service.traffic?.wanted) return;
  const { wanted } = after.traffic;
  const own = primary.usesAlternate ? wanted : { production: 100 - wanted.production, test: 100 - wanted.test };
  if (primary.isRollback) return assert.deepEqual(own, { production: 100, test: 100 }, 'all of it comes back');
  if (own.production === 0 || !of.step.next) return;
  // With nothing that it could share the traffic with, all of it comes at once.
  const isFirst = service.deployments.length === 1;
  const shares = isFirst ? [100] : sharesOf(primary.lifecycle?.configuration ?? {});
  const share = shares[primary.lifecycle?.shift ?? 0] ?? 100;
  assert.ok(Math.abs(share - own.production) < 0.05, `${own.production} % instead of ${share} %`);
  assert.equal(own.test, 100, 'test traffic comes first');
}

/** Then what is being replaced is whole, whatever has befallen it before. */
function rest(fleet: Fleet): void {
  for (let minute = 0; minute < 3; minute++) {
    fleet.getOn();
    fleet.now += 61_000;
    fleet.settle();
  }
  const { deployments, lastCompleted, desiredCount } = fleet.service;
  const [primary, ...others] = deployments;
  const source = others.find((one) => one.id === lastCompleted?.deploymentId);
  const waits = primary?.rolloutState === 'IN_PROGRESS' && primary.lifecycle && primary.lifecycle.stage !== 'CLEAN_UP';
  if (source && waits) assert.ok(healthyOf(fleet, source) >= desiredCount, 'what is being replaced is whole');
}

function apply(fleet: Fleet, change: Change): void {
  const [primary, ...others] = fleet.service.deployments;
  if ('deploy' in change) fleet.deploy(change.deploy);
  else if ('count' in change) fleet.change({ desiredCount: change.count, steady: false });
  else if ('alarm' in change) fleet.isAlarming = change.alarm;
  else if ('seconds' in change) fleet.now += change.seconds * 1000;
  else if ('rules' in change) fleet.rulesAnswer = change.rules;
  else if ('hook' in change) fleet.hookAnswer = change.hook;
  else if ('calm' in change) fleet.getOn();
  else if ('rest' in change) rest(fleet);
  else if ('stop' in change) {
    const isOpen = primary?.rolloutState === 'IN_PROGRESS' && !primary.isRollback;
    const stops = isOpen && primary.lifecycle?.stage !== 'CLEAN_UP';
    if (stops) fleet.change({ deployments: [{ ...primary, stopRequest: change.stop }, ...others] });
  } else {
    const task = fleet.tasks[change.at % Math.max(1, fleet.tasks.length)];
    if (task) fleet.befall(change.event, task.arn);
  }
}

/** Nothing to do now; and nothing before the time at which it asked to be woken. */
function checkRest(fleet: Fleet): void {
  assertRests(fleet, ['step', 'run-hook']);
  const [primary] = fleet.service.deployments;
  if (primary?.rolloutState === 'IN_PROGRESS' && primary.lifecycle && primary.lifecycle.stage !== 'CLEAN_UP') {
    const late = primary.lifecycle.hooks.filter((run) => run.status === 'IN_PROGRESS' && run.expiresAtMs <= fleet.now);
    assert.ok(
      late.every((run) => run.timeoutAction === 'CONTINUE'),
      'nothing waits for a hook that is late',
    );
    assert.ok(!primary.stopRequest && !primary.alarms?.triggered.length, 'nothing has asked it to stop');
  }
}

function checkEnd(fleet: Fleet): void {
  const { service, live, healthy } = fleet;
  const [primary, ...others] = service.deployments;
  assert.ok(primary);
  if (service.traffic) assert.deepEqual(fleet.rules, service.traffic.wanted, 'the rules are what the row says');
  if (primary.rolloutState === 'FAILED') {
    return;
  }
  assert.deepEqual([primary.rolloutState, others], ['COMPLETED', []]);
  assert.deepEqual([live.length, healthy.length], [service.desiredCount, service.desiredCount]);
  if (service.traffic) assert.equal(shareOf(fleet, primary), 100);
}

test('property: any order of all that can happen to a shift: traffic is only with what is healthy, and it ends', () => {
  fc.assert(
    fc.property(settings, (setting) => {
      const fleet = fleetOf(setting);
      fleet.hookAnswer = setting.hookAnswer;
      fleet.deploy('new');
      for (const change of setting.all) {
        apply(fleet, change);
        fleet.settle();
        checkRest(fleet);
      }
      fleet.calmDown();
      checkEnd(fleet);
      checkRest(fleet);
    }),
    { numRuns: RUNS },
  );
});
