import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Arbitrary,
  array,
  assert as check,
  boolean,
  constantFrom,
  integer,
  nat,
  property,
  record,
} from 'fast-check';
import type { DependencyCondition, TaskContainer, TaskSpec } from './executor.ts';
import { type DesiredStatus, planTask, type TaskPlan } from './plan-task.ts';
import { hasEnded } from './restart-policy.ts';
import { hasStarted } from './start-order.ts';
import { UNTOUCHED } from './task-seen.ts';
import { testContainer, testTask } from './testing.ts';
import { ToyWorld } from './testing-toy-world.ts';

const CONDITIONS: readonly DependencyCondition[] = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];
const ORDER = ['PENDING', 'RUNNING', 'STOPPED'];

/** Checks what must hold for any plan, given the one before. */
function checkPlan(plan: TaskPlan, before: TaskPlan | undefined, spec: TaskSpec, world: ToyWorld): void {
  assert.ok(plan.why.length > 0);
  checkCause(plan, spec, world);
  if (!before || plan.containers.length === 0) return;
  assert.ok(ORDER.indexOf(plan.status) >= ORDER.indexOf(before.status), `${before.status} -> ${plan.status}`);
  for (const { name } of spec.containers) {
    const [then, now] = [before, plan].map(({ containers }) => containers.find((one) => one.name === name));
    assert.ok(
      ORDER.indexOf(now?.status ?? '') >= ORDER.indexOf(then?.status ?? ''),
      `${name}: ${then?.status} -> ${now?.status}`,
    );
    assert.ok((now?.restartCount ?? 0) >= (then?.restartCount ?? 0));
  }
}

/** An essential container that has ended, or cannot start, stops the task; one that is to start again does not. */
function checkCause(plan: TaskPlan, spec: TaskSpec, world: ToyWorld): void {
  if (world.accepted) return;
  const own = (container: TaskContainer) => world.containers.get(container.name) ?? UNTOUCHED;
  const isLost = spec.containers.some(
    (container) =>
      container.essential &&
      (hasStarted(own(container)) ? hasEnded(container, own(container)) : own(container).failure !== undefined),
  );
  if (isLost) assert.ok(plan.cause, 'an essential container is lost, and the task goes on');
}

function live(spec: TaskSpec, world: ToyWorld, desired: DesiredStatus, before: TaskPlan | undefined): TaskPlan {
  const plan = planTask(spec, world.seen(), world.now, desired);
  assert.deepEqual(planTask(spec, world.seen(), world.now, desired), plan);
  checkPlan(plan, before, spec, world);
  world.cause ??= plan.cause;
  for (const [name, reason] of plan.failures) world.fail(name, reason);
  if (plan.status === 'STOPPED') world.accepted = true;
  return plan;
}

const container = record({
  essential: boolean(),
  condition: constantFrom(...CONDITIONS),
  dependency: nat(4),
  depends: boolean(),
  volumesFrom: boolean(),
  startTimeoutMs: constantFrom(undefined, 50),
  restart: constantFrom(undefined, undefined, 0, 20, 60),
  ignored: constantFrom(0, 1, 7),
  mounts: boolean(),
  secrets: boolean(),
  links: boolean(),
});
const fate = record({
  kind: constantFrom('act', 'act', 'act all', 'act all', 'end', 'end', 'heal', 'vanish', 'kill-pause', 'wait'),
  which: nat(5),
  exitCode: constantFrom(0, 1),
  fails: integer({ min: 0, max: 40 }),
});
const scenario = record({
  containers: array(container, { minLength: 1, maxLength: 5 }),
  fates: array(fate, { minLength: 10, maxLength: 60, size: 'max' }),
  /** Whether the task is told to stop, or its essential container ends. */
  isTold: boolean(),
  mode: constantFrom('awsvpc', 'awsvpc', 'bridge', 'host', 'none'),
  pidMode: constantFrom(undefined, undefined, 'task'),
});
type Scenario = typeof scenario extends Arbitrary<infer T> ? T : never;

function definition({ containers, mode, pidMode }: Scenario): TaskSpec {
  return testTask(
    containers.map((one, index) => {
      // Only on those before it, so there is no circle.
      const other = `c${one.dependency % Math.max(1, index)}`;
      return testContainer(`c${index}`, {
        essential: one.essential || index === 0,
        dependsOn: one.depends && index > 0 ? [{ container: other, condition: one.condition }] : [],
        volumesFrom: one.volumesFrom && index > 0 ? [{ container: other, readOnly: true }] : [],
        mounts: one.mounts ? [{ volume: 'v', path: '/v', readOnly: false }] : [],
        links: one.links && mode === 'bridge' && index > 0 ? [{ container: other }] : [],
        secrets: one.secrets ? [{ name: 'S', valueFrom: 's' }] : [],
        ...(one.startTimeoutMs === undefined ? {} : { startTimeoutMs: one.startTimeoutMs }),
        ...(one.restart === undefined
          ? {}
          : { restart: { ignoredExitCodes: [one.ignored], attemptPeriodMs: one.restart } }),
      });
    }),
    {
      volumes: [{ kind: 'task', name: 'v' }],
      ...(mode === 'awsvpc' ? {} : { network: { mode } }),
      ...(pidMode === undefined ? {} : { pidMode }),
    },
  );
}

test('a task never goes backwards, keeps to its order and policies, and leaves nothing at its end', () => {
  check(
    property(scenario, (drawn) => {
      const { fates, isTold } = drawn;
      const spec = definition(drawn);
      const world = new ToyWorld(spec);
      let plan: TaskPlan | undefined;
      for (const { kind, which, exitCode, fails } of fates) {
        plan = live(spec, world, 'RUNNING', plan);
        world.now += 10;
        const name = `c${which % spec.containers.length}`;
        const action = plan.actions[which % Math.max(1, plan.actions.length)];
        if (kind === 'act' && action) world.apply(action, fails === 0);
        if (kind === 'act all') for (const one of plan.actions) world.apply(one, fails === 0);
        if (kind === 'end') world.end(name, exitCode);
        if (kind === 'heal') world.heal(name);
        if (kind === 'vanish' && fails < 2 && plan.status === 'RUNNING') world.vanish(name);
        if (kind === 'kill-pause' && fails < 3) world.killPause();
      }
      for (let round = 0; !plan?.done; round++) {
        assert.ok(round < 100, `does not end: ${plan?.why}`);
        plan = live(spec, world, isTold ? 'STOPPED' : 'RUNNING', plan);
        for (const action of plan.actions) world.apply(action, false);
        world.now += 30;
        // As soon as the first one, which is essential, can end for good, it does.
        const ignored = spec.containers[0]?.restart?.ignoredExitCodes[0];
        if (!isTold) for (const { name } of spec.containers) world.heal(name);
        if (!isTold) world.end('c0', ignored ?? 0);
      }
      assert.equal(plan.status, 'STOPPED');
      assert.ok(world.isEmpty, 'something is left');
      for (const { name, restart } of spec.containers) {
        if (!restart) assert.ok((world.starts.get(name) ?? 0) <= 1, `${name} ran twice`);
      }
    }),
    { numRuns: 600 },
  );
});
