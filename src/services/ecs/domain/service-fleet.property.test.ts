import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { ServiceRow } from '../tables.ts';
import { breakerThreshold, nextLaunchAt } from './failure-throttle.ts';
import { BLOCKED_EVENT } from './service-plan.ts';
import { assertRests, Fleet } from './testing-fleet.ts';
import type { FleetEvent, FleetStep } from './testing-fleet.ts';

const RUNS = Number(process.env['FLEET_RUNS'] ?? 150);

const percents: fc.Arbitrary<DeploymentConfiguration> = fc
  .oneof(
    fc.constantFrom([0, 100], [50, 100], [100, 200], [100, 110], [100, 150], [0, 200], [99, 100], [66, 133]),
    fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 101, max: 300 })),
  )
  .map(([minimumHealthyPercent = 0, maximumPercent = 0]) => ({ minimumHealthyPercent, maximumPercent }));
const configurations: fc.Arbitrary<DeploymentConfiguration> = fc
  .record({
    percents,
    breaker: fc.option(
      fc.record({
        enable: fc.constant(true),
        rollback: fc.boolean(),
        resetOnHealthyTask: fc.boolean(),
        thresholdConfiguration: fc.option(
          fc.record({
            type: fc.constantFrom('COUNT' as const, 'BOUNDED_PERCENT' as const),
            value: fc.integer({ min: 1, max: 9 }),
          }),
          { nil: undefined },
        ),
      }),
    ),
    alarms: fc.option(
      fc.record({ alarmNames: fc.constant(['alarm']), enable: fc.constant(true), rollback: fc.boolean() }),
    ),
    bakeTimeInMinutes: fc.constantFrom(undefined, 0, 3),
  })
  .map(({ percents: between, breaker, alarms, bakeTimeInMinutes }) => ({
    ...between,
    ...(breaker && { deploymentCircuitBreaker: breaker }),
    ...(alarms && { alarms }),
    ...(bakeTimeInMinutes !== undefined && { bakeTimeInMinutes }),
  })) as fc.Arbitrary<DeploymentConfiguration>;
const desiredCount = fc.integer({ min: 0, max: 7 });

const FATES: readonly FleetEvent[] = [
  'exit',
  'fail-start',
  'exit-unseen',
  'sicken',
  'target-sickens',
  'user-stop',
  'spot-stop',
];
const COURSE: readonly FleetEvent[] = [
  'advance',
  'advance',
  'run',
  'heal',
  'target-heals',
  'repeat',
  'overtake',
  'reap',
];

type Change =
  | { readonly event: FleetEvent; readonly at: number }
  | { readonly event: FleetEvent; readonly to: 'new' | 'old' | 'all' }
  | { readonly calm: true }
  /** Every new task fails as soon as it is there, so often. */
  | { readonly crashes: number }
  | { readonly deploy: string }
  | { readonly count: number }
  | { readonly percents: DeploymentConfiguration }
  | { readonly alarm: boolean }
  | { readonly stop: 'ROLLBACK' | 'ABORT' }
  | { readonly seconds: number }
  | { readonly lost: number };

const happening = (events: readonly FleetEvent[]) => fc.record({ event: fc.constantFrom(...events), at: fc.nat(20) });
const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 16, arbitrary: happening(COURSE) },
  { weight: 6, arbitrary: happening(FATES) },
  { weight: 4, arbitrary: happening(['protect', 'protect', 'protect', 'unprotect']) },
  { weight: 12, arbitrary: fc.constant({ calm: true as const }) },
  { weight: 3, arbitrary: fc.record({ crashes: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      event: fc.constantFrom(...FATES, 'advance' as const, 'run' as const, 'protect' as const),
      to: fc.constantFrom('new' as const, 'new' as const, 'old' as const, 'all' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ seconds: fc.constantFrom(1, 5, 30, 61, 180, 400) }) },
  { weight: 3, arbitrary: fc.record({ deploy: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 3, arbitrary: fc.record({ count: desiredCount }) },
  { weight: 1, arbitrary: fc.record({ percents }) },
  { weight: 1, arbitrary: fc.record({ alarm: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ stop: fc.constantFrom('ROLLBACK' as const, 'ABORT' as const) }) },
  { weight: 3, arbitrary: fc.record({ lost: desiredCount }) },
);

const settings = fc.record({
  desiredCount,
  deploymentConfiguration: configurations,
  healthCheckGracePeriodSeconds: fc.constantFrom(0, 0, 45),
  availabilityZoneRebalancing: fc.constantFrom('ENABLED' as const, 'DISABLED' as const),
  isChecked: fc.boolean(),
  isBalanced: fc.boolean(),
  placed: fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }),
  all: fc.array(changes, { maxLength: 60, size: 'max' }),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function fleetOf({ isChecked, isBalanced, placed, all: _all, ...change }: Settings): Fleet {
  const fleet: Fleet = new Fleet(change, { isChecked, isBalanced }, (of) => checkStep(fleet, of));
  fleet.tasks = fleet.tasks.map((task, at) => ({ ...task, subnetId: `s${(placed[at] ?? 0) + 1}` }));
  return fleet;
}

/** As AWS words it: the minimum is rounded up, the maximum down. */
function limitsOf({ desiredCount, deploymentConfiguration }: ServiceRow): { least: number; most: number } {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = deploymentConfiguration;
  return {
    least: Math.ceil((desiredCount * minimumHealthyPercent) / 100),
    most: Math.floor((desiredCount * maximumPercent) / 100),
  };
}

/** What must hold of every step, whatever has happened before it. */
function checkStep(fleet: Fleet, { step, service, live, healthy }: FleetStep): void {
  const { now } = fleet;
  const [primary] = service.deployments;
  assert.ok(primary);
  const { least, most } = limitsOf(service);
  const stopped = new Map(step.stops.map((stop) => [stop.taskArn, stop.reason]));
  const sick = new Set(step.stops.filter((stop) => /health checks/.test(stop.reason)).map((stop) => stop.taskArn));
  assert.ok(fleet.live.length <= Math.max(most, live.length), 'it starts no more than the maximum');
  if (step.start > 0) assert.ok(fleet.live.length <= most, 'it starts nothing above the maximum');
  const leaving = healthy.filter((task) => stopped.has(task.arn));
  const floor = primary.rolloutState === 'COMPLETED' ? service.desiredCount : least;
  if (leaving.length > 0) {
    assert.ok(
      healthy.length - leaving.length >= floor,
      `${healthy.length} healthy tasks, ${leaving.length} leave, ${floor} stay at least`,
    );
  }
  for (const task of live) {
    const isProtected = (task.protectedUntilMs ?? 0) > now;
    assert.ok(!stopped.has(task.arn) || !isProtected || sick.has(task.arn), 'what is protected stays');
    const isOld = task.deploymentId !== primary.id;
    const isKept = primary.rolloutState === 'FAILED' && isOld && !sick.has(task.arn);
    assert.ok(!stopped.has(task.arn) || !isKept, 'a failed deployment takes no old task');
  }
  assert.ok(step.start === 0 || primary.rolloutState !== 'FAILED', 'a failed deployment starts nothing');
  assert.ok(step.start === 0 || nextLaunchAt(primary) <= now, 'launches wait after failures');
  assert.ok(step.start === 0 || step.failures.length === 0, 'failures are counted before anything is launched');
  checkSick(fleet, { step, service, live, healthy });
  checkOutcome(fleet, { step, service, live, healthy });
}

/** What is unhealthy counts after its grace period, and once; in a completed deployment another takes its place first. */
function checkSick({ now, counted }: Fleet, { step, service, live, healthy }: FleetStep): void {
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  for (const arn of [...step.failures, ...step.sick.map((one) => one.taskArn)]) {
    assert.ok(!counted.has(arn), 'each failure is counted once');
    counted.add(arn);
  }
  for (const { taskArn } of step.sick) {
    const task = live.find((one) => one.arn === taskArn);
    assert.ok((task?.startedAtMs ?? Infinity) + graceMs <= now, 'its grace period is over');
  }
  const [primary] = service.deployments;
  if (primary?.rolloutState !== 'COMPLETED') return;
  const own = live.filter((task) => task.deploymentId === primary.id);
  const leaving = step.stops.filter(
    (stop) => /health checks/.test(stop.reason) && own.some((task) => task.arn === stop.taskArn),
  ).length;
  const well = healthy.filter((task) => task.deploymentId === primary.id).length;
  const ill = own.filter((task) => counted.has(task.arn) && !healthy.includes(task)).length;
  const hasRoom = limitsOf(service).most > live.length;
  const spare = Math.max(0, well + ill - service.desiredCount);
  assert.ok(leaving <= spare + (hasRoom ? 0 : 1), 'an unhealthy task waits for its replacement');
}

/** What a step says of its deployment must be so. */
function checkOutcome(fleet: Fleet, { step, service, live, healthy }: FleetStep): void {
  const [primary] = service.deployments;
  const { deploymentCircuitBreaker: breaker, bakeTimeInMinutes = 0, alarms } = service.deploymentConfiguration;
  const isWhole =
    live.length === service.desiredCount &&
    healthy.length === live.length &&
    live.every((task) => task.deploymentId === primary?.id);
  assert.ok(!step.steady || isWhole, 'it is steady when all of its tasks are healthy, and new');
  if (step.rollout === 'completed') {
    assert.ok(isWhole, 'it is complete when all of its tasks are healthy, and new');
    assert.equal(primary?.alarms?.triggered.length ?? 0, 0, 'no alarm went off');
    const bakeMs = Math.max(bakeTimeInMinutes * 60_000, primary?.alarms?.bakeMs ?? 0);
    const since = fleet.now - (primary?.bakeFromMs ?? fleet.now);
    assert.ok(primary?.isRollback || since >= bakeMs, 'it has baked');
    assert.equal(fleet.service.lastCompleted?.deploymentId, primary?.id, 'a later one goes back to it');
  }
  if (step.recovered.length > 0 && breaker?.resetOnHealthyTask !== false && !step.failure) {
    assert.equal(fleet.service.deployments[0]?.failedTasks, step.failed, 'what was before a healthy task is forgotten');
  }
  if (step.failure === 'breaker') {
    const failed = (primary?.failedTasks ?? 0) + step.failed;
    assert.ok(breaker?.enable && failed >= breakerThreshold(service.desiredCount, breaker), 'the threshold is reached');
  }
  if (step.failure === 'alarms') assert.ok(alarms?.enable && primary?.alarms?.triggered.length, 'an alarm went off');
  if (!step.failure) return;
  const [next] = fleet.service.deployments;
  assert.ok(!primary?.isRollback || next?.id === primary.id, 'a rollback is not rolled back');
  assert.ok(step.failure !== 'abort-requested' || next?.id === primary?.id, 'an abort brings nothing back');
  const goesBack = step.failure === 'alarms' ? alarms?.rollback : step.failure !== 'breaker' || breaker?.rollback;
  const canGoBack = goesBack && step.failure !== 'abort-requested' && !primary?.isRollback && service.lastCompleted;
  assert.equal(
    next?.isRollback === true && next.id !== primary?.id,
    Boolean(canGoBack),
    'it goes back where it should',
  );
  if (next?.isRollback) assert.equal(next.taskDefinitionArn, service.lastCompleted?.taskDefinitionArn);
}

function crash(fleet: Fleet, times: number): void {
  for (let time = 0; time < times; time++) {
    for (const event of ['advance', 'fail-start'] as const) befallAll(fleet, { event, to: 'new' });
    fleet.settle();
    fleet.now += 61_000;
    fleet.settle();
  }
}

function befallAll(fleet: Fleet, { event, to }: { readonly event: FleetEvent; readonly to: 'new' | 'old' | 'all' }) {
  const primary = fleet.service.deployments[0]?.id;
  for (const { arn, deploymentId } of fleet.tasks) {
    const isNew = deploymentId === primary;
    if (to === 'all' || isNew === (to === 'new')) fleet.befall(event, arn);
  }
}

function apply(fleet: Fleet, change: Change): void {
  const [primary, ...others] = fleet.service.deployments;
  if ('deploy' in change) fleet.deploy(change.deploy);
  else if ('calm' in change) fleet.getOn();
  else if ('crashes' in change) crash(fleet, change.crashes);
  else if ('to' in change) befallAll(fleet, change);
  else if ('count' in change) fleet.change({ desiredCount: change.count, steady: false });
  else if ('lost' in change) fleet.lose(() => fleet.change({ desiredCount: change.lost, steady: false }));
  else if ('alarm' in change) fleet.isAlarming = change.alarm;
  else if ('seconds' in change) fleet.now += change.seconds * 1000;
  else if ('percents' in change) {
    const deploymentConfiguration = { ...fleet.service.deploymentConfiguration, ...change.percents };
    fleet.change({ deploymentConfiguration, steady: false });
  } else if ('stop' in change) {
    const isOpen = primary?.rolloutState === 'IN_PROGRESS' && !primary.isRollback;
    if (isOpen) fleet.change({ deployments: [{ ...primary, stopRequest: change.stop }, ...others] });
  } else {
    const task = fleet.tasks[change.at % Math.max(1, fleet.tasks.length)];
    if (task) fleet.befall(change.event, task.arn);
  }
}

/** Nothing to do now; and nothing before the time at which it asked to be woken. */
function checkRest(fleet: Fleet): void {
  assertRests(fleet, ['step']);
  const { service, live } = fleet;
  const [primary] = service.deployments;
  const known = new Set(service.deployments.map((one) => one.id));
  assert.ok(
    live.every((task) => known.has(task.deploymentId ?? '')),
    'no deployment is forgotten while it has tasks',
  );
  if (primary?.rolloutState === 'IN_PROGRESS') {
    const { deploymentCircuitBreaker: breaker } = service.deploymentConfiguration;
    const threshold = breaker?.enable ? breakerThreshold(service.desiredCount, breaker) : Infinity;
    assert.ok(primary.failedTasks < threshold, 'the circuit breaker has not been reached');
    assert.ok(!primary.stopRequest && !primary.alarms?.triggered.length, 'nothing has asked it to stop');
  }
}

/** Complete with just its tasks; or failed, and then with those that it left; or blocked by its percentages. */
function checkEnd(fleet: Fleet): void {
  const { service, live, healthy } = fleet;
  const [primary, ...others] = service.deployments;
  assert.ok(primary);
  assert.equal(healthy.length, live.length, 'whatever is left is healthy');
  if (primary.rolloutState === 'FAILED') return;
  if (primary.rolloutState === 'IN_PROGRESS') {
    const { least, most } = limitsOf(service);
    const said = service.events.filter((event) => event.atMs >= primary.createdAtMs);
    assert.ok(
      least >= most && said.some((event) => event.message.endsWith(BLOCKED_EVENT)),
      'it says why it cannot go on',
    );
    return;
  }
  assert.deepEqual([primary.rolloutState, service.steady, others], ['COMPLETED', true, []]);
  assert.equal(live.length, service.desiredCount);
  assert.ok(live.every((task) => task.deploymentId === primary.id));
}

test('property: any order of all that can happen: every step keeps its limits, and the service comes to rest', () => {
  fc.assert(
    fc.property(settings, (setting) => {
      const fleet = fleetOf(setting);
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
