import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, boolean, constantFrom, integer, nat, property, record } from 'fast-check';
import type { ContainerState } from '../runtime/runtime.ts';
import type { DependencyCondition, TaskSpec } from './executor.ts';
import { type DesiredStatus, planTask, type TaskPlan } from './plan-task.ts';
import type { TaskAction } from './task-action.ts';
import { type ContainerSeen, type StopCause, type TaskSeen, UNTOUCHED } from './task-seen.ts';
import { testContainer, testTask } from './testing.ts';

const CONDITIONS: readonly DependencyCondition[] = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];
const ORDER = ['PENDING', 'RUNNING', 'STOPPED'];

/** A world as simple as can be: actions work at once or fail, containers end or turn healthy when fate says so. */
class ToyWorld {
  now = 1000;
  pause: ContainerState | undefined;
  plugged = false;
  unplugged = false;
  cause: StopCause | undefined;
  accepted = false;
  readonly starts = new Map<string, number>();
  readonly containers = new Map<string, ContainerSeen>();

  seen(): TaskSeen {
    return {
      containers: this.containers,
      plugged: this.plugged,
      unplugged: this.unplugged,
      inFlight: [],
      stoppedAccepted: this.accepted,
      ...(this.pause ? { pause: this.pause } : {}),
      ...(this.cause ? { cause: this.cause } : {}),
    };
  }

  apply(action: TaskAction, fails: boolean): void {
    switch (action.do) {
      case 'create-pause':
        this.pause = this.#state('pause', {});
        return;
      case 'start-pause':
        this.pause = this.#state('pause', { status: 'running', pid: 1, startedAtMs: this.now });
        return;
      case 'stop-pause':
        this.pause = this.#state('pause', { status: 'exited', exitCode: 137 });
        return;
      case 'remove-pause':
        this.pause = undefined;
        this.plugged = false;
        return;
      case 'plug':
        this.plugged = true;
        return;
      case 'unplug':
        this.unplugged = true;
        return;
      default:
        this.#applyTo(action.container, action, fails);
    }
  }

  #applyTo(name: string, action: TaskAction, fails: boolean): void {
    const own = this.containers.get(name) ?? UNTOUCHED;
    const set = (change: Partial<ContainerSeen>) => this.containers.set(name, { ...own, ...change });
    if (fails && (action.do === 'pull' || action.do === 'create' || action.do === 'start')) {
      set({ failure: `${action.do} failed` });
    } else if (action.do === 'pull') set({ image: { id: 'i', sizeBytes: 1 } });
    else if (action.do === 'create') set({ state: this.#state(name, {}) });
    else if (action.do === 'stop') this.end(name, 143);
    else if (action.do === 'start') {
      assert.equal(this.pause?.status, 'running');
      assert.ok(this.plugged, 'started without its interface');
      this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
      set({ hasRun: true, state: this.#state(name, { status: 'running', startedAtMs: this.now, health: 'starting' }) });
    } else if (action.do === 'remove') {
      const { state: _state, ...rest } = own;
      this.containers.set(name, rest);
    }
  }

  end(name: string, exitCode: number): void {
    const own = this.containers.get(name);
    if (own?.state?.status !== 'running') return;
    const state = { ...own.state, status: 'exited', exitCode, finishedAtMs: this.now } as const;
    this.containers.set(name, { ...own, state });
  }

  heal(name: string): void {
    const own = this.containers.get(name);
    if (own?.state?.status === 'running') {
      this.containers.set(name, { ...own, state: { ...own.state, health: 'healthy' } });
    }
  }

  #state(name: string, options: Partial<ContainerState>): ContainerState {
    const base = { id: name, name, labels: {}, image: '', imageId: '', status: 'created', createdAtMs: 1 } as const;
    return { ...base, ...options };
  }
}

/** Checks what must hold for any plan, given the one before. */
function checkPlan(plan: TaskPlan, before: TaskPlan | undefined, spec: TaskSpec): void {
  if (!before || plan.containers.length === 0) return;
  assert.ok(ORDER.indexOf(plan.status) >= ORDER.indexOf(before.status), `${before.status} -> ${plan.status}`);
  for (const { name } of spec.containers) {
    const [then, now] = [before, plan].map(({ containers }) => containers.find((one) => one.name === name)?.status);
    assert.ok(ORDER.indexOf(now ?? '') >= ORDER.indexOf(then ?? ''), `${name}: ${then} -> ${now}`);
  }
}

function live(spec: TaskSpec, world: ToyWorld, desired: DesiredStatus, before: TaskPlan | undefined): TaskPlan {
  const plan = planTask(spec, world.seen(), world.now, desired);
  assert.deepEqual(planTask(spec, world.seen(), world.now, desired), plan);
  assert.ok(plan.why.length > 0);
  checkPlan(plan, before, spec);
  world.cause ??= plan.cause;
  if (plan.status === 'STOPPED') world.accepted = true;
  return plan;
}

const container = record({
  essential: boolean(),
  condition: constantFrom(...CONDITIONS),
  dependency: nat(4),
  depends: boolean(),
  startTimeoutMs: constantFrom(undefined, 50),
});
const fate = record({
  kind: constantFrom('act', 'act', 'act', 'act', 'end', 'heal', 'kill-pause', 'wait'),
  which: nat(5),
  exitCode: constantFrom(0, 1),
  fails: integer({ min: 0, max: 12 }),
});

test('a task never goes backwards, never runs a container twice, and always ends once it should', () => {
  const scenario = record({ containers: array(container, { minLength: 1, maxLength: 5 }), fates: array(fate) });
  check(
    property(scenario, ({ containers, fates }) => {
      const spec = testTask(
        containers.map(({ essential, condition, dependency, depends, startTimeoutMs }, index) =>
          testContainer(`c${index}`, {
            essential: essential || index === 0,
            // Only on those before it, so there is no circle.
            dependsOn: depends && index > 0 ? [{ container: `c${dependency % index}`, condition }] : [],
            ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }),
          }),
        ),
      );
      const world = new ToyWorld();
      let plan: TaskPlan | undefined;
      for (const { kind, which, exitCode, fails } of fates) {
        plan = live(spec, world, 'RUNNING', plan);
        world.now += 10;
        const name = `c${which % spec.containers.length}`;
        const action = plan.actions[which % Math.max(1, plan.actions.length)];
        if (kind === 'act' && action) world.apply(action, fails === 0);
        if (kind === 'end') world.end(name, exitCode);
        if (kind === 'heal') world.heal(name);
        if (kind === 'kill-pause' && world.pause && fails < 3) world.apply({ do: 'stop-pause', id: 'pause' }, false);
      }
      for (let round = 0; !plan?.done; round++) {
        assert.ok(round < 60, `does not end: ${plan?.why}`);
        plan = live(spec, world, 'STOPPED', plan);
        for (const action of plan.actions) world.apply(action, false);
      }
      assert.equal(plan.status, 'STOPPED');
      assert.equal(world.pause, undefined);
      for (const count of world.starts.values()) assert.equal(count, 1);
    }),
    { numRuns: 400 },
  );
});
