import assert from 'node:assert/strict';
import type { ContainerState } from '../runtime/runtime.ts';
import type { TaskContainer, TaskSpec } from './executor.ts';
import { hasEnded } from './restart-policy.ts';
import { hasStarted } from './start-order.ts';
import type { TaskAction } from './task-action.ts';
import { type ContainerSeen, type StopCause, type TaskSeen, UNTOUCHED } from './task-seen.ts';
import { NOTHING_SEEN } from './testing.ts';
import { dependenciesOf, hasPause, interfaceOf } from './task-network.ts';
import { volumesOf } from './task-volumes.ts';

/**
 * A world as simple as can be, for properties of plans: actions work at once or fail, containers end or turn healthy when
 * fate says so. It asserts that no action comes before what it needs.
 */
export class ToyWorld {
  now = 1000;
  cause: StopCause | undefined;
  accepted = false;
  /** How often each container was started, the first time included. */
  readonly starts = new Map<string, number>();
  readonly containers = new Map<string, ContainerSeen>();
  readonly #spec: TaskSpec;
  readonly #volumes = new Set<string>();
  #pause: ContainerState | undefined;
  #marks: Pick<TaskSeen, 'plugged' | 'unplugged' | 'cgroup' | 'hasSecrets' | 'volumesRemoved' | 'cgroupRemoved'> =
    NOTHING_SEEN;

  constructor(spec: TaskSpec) {
    this.#spec = spec;
  }

  seen(): TaskSeen {
    return {
      ...NOTHING_SEEN,
      ...this.#marks,
      containers: new Map(this.containers),
      volumes: this.#volumes,
      stoppedAccepted: this.accepted,
      ...(this.#pause ? { pause: this.#pause } : {}),
      ...(this.cause ? { cause: this.cause } : {}),
    };
  }

  /** Nothing of the task is there. */
  get isEmpty(): boolean {
    return this.#pause === undefined && this.#volumes.size === 0 && this.#marks.cgroup === undefined;
  }

  apply(action: TaskAction, fails: boolean): void {
    if (action.do === 'create-volume') this.#volumes.add(action.volume);
    else if ('container' in action) this.#applyTo(this.#find(action.container), action, fails);
    else this.#applyToTask(action);
  }

  end(name: string, exitCode: number): void {
    const own = this.containers.get(name);
    if (own?.state?.status !== 'running') return;
    const state = { ...own.state, status: 'exited', exitCode, finishedAtMs: this.now } as const;
    this.containers.set(name, { ...own, state });
  }

  heal(name: string): void {
    const own = this.containers.get(name);
    if (own?.state?.status !== 'running') return;
    this.containers.set(name, { ...own, state: { ...own.state, health: 'healthy' } });
  }

  fail(name: string, failure: string): void {
    const own = this.containers.get(name) ?? UNTOUCHED;
    this.containers.set(name, { failure, ...own });
  }

  vanish(name: string): void {
    const own = this.containers.get(name);
    if (!own) return;
    const { state: _state, ...rest } = own;
    this.containers.set(name, rest);
  }

  killPause(): void {
    if (this.#pause?.status === 'running') this.#pause = stateOf('pause', { status: 'exited', exitCode: 137 });
  }

  #applyToTask(action: TaskAction): void {
    const isPlug = action.do === 'plug' || action.do === 'unplug';
    assert.ok(!isPlug || interfaceOf(this.#spec), 'there is no interface to plug');
    switch (action.do) {
      case 'create-pause':
        assert.ok(hasPause(this.#spec), 'a pause container that nobody needs');
        assert.ok(this.#marks.cgroup, 'the pause container goes into the control group');
        this.#pause = stateOf('pause', {});
        return;
      case 'start-pause':
        this.#pause = stateOf('pause', { status: 'running', pid: 1, startedAtMs: this.now });
        return;
      case 'stop-pause':
        return this.killPause();
      case 'remove-pause':
        this.#pause = undefined;
        this.#marks = { ...this.#marks, plugged: false };
        return;
      case 'remove-volumes':
        this.#volumes.clear();
        this.#marks = { ...this.#marks, volumesRemoved: true };
        return;
      case 'remove-cgroup': {
        const { cgroup: _cgroup, ...rest } = this.#marks;
        this.#marks = { ...rest, cgroupRemoved: true };
        return;
      }
      default:
        this.#marks = { ...this.#marks, ...MARKS[action.do] };
    }
  }

  #applyTo(container: TaskContainer, action: TaskAction, fails: boolean): void {
    const { name } = container;
    const own = this.containers.get(name) ?? UNTOUCHED;
    const set = (change: Partial<ContainerSeen>) => this.containers.set(name, { ...own, ...change });
    if (fails && ['pull', 'create', 'start', 'restart'].includes(action.do)) set({ failure: `${action.do} failed` });
    else if (action.do === 'pull') set({ image: { id: 'i', sizeBytes: 1 } });
    else if (action.do === 'create') {
      this.#checkCreate(container);
      set({ state: stateOf(name, {}) });
    } else if (action.do === 'stop') {
      this.#checkStop(name);
      this.end(name, 143);
    } else if (action.do === 'start' || action.do === 'restart') {
      this.#checkStart(container, own, action.do);
      this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
      const state = stateOf(name, { status: 'running', startedAtMs: this.now, health: 'starting' });
      set({ hasRun: true, state, restarts: (this.starts.get(name) ?? 1) - 1 });
    } else if (action.do === 'remove') this.vanish(name);
  }

  #checkCreate(container: TaskContainer): void {
    for (const source of [...container.volumesFrom, ...(container.links ?? [])]) {
      assert.ok(this.containers.get(source.container)?.state, `${container.name} created before its source`);
    }
    for (const { name } of volumesOf(this.#spec, container)) assert.ok(this.#volumes.has(name), `no volume ${name}`);
    assert.ok(container.secrets.length === 0 || this.#marks.hasSecrets, 'created without its secrets');
  }

  #checkStart(container: TaskContainer, own: ContainerSeen, kind: 'start' | 'restart'): void {
    assert.equal(this.cause, undefined, 'started after the stop began');
    if (hasPause(this.#spec)) assert.equal(this.#pause?.status, 'running');
    if (kind === 'restart') {
      const { restart } = container;
      const { exitCode = -1, startedAtMs = 0, finishedAtMs = 0 } = own.state ?? {};
      assert.ok(restart && !restart.ignoredExitCodes.includes(exitCode), 'restarted against its policy');
      assert.ok(finishedAtMs - startedAtMs >= restart.attemptPeriodMs, 'restarted too soon');
      return;
    }
    assert.ok(!hasStarted(own), 'started twice');
    if (interfaceOf(this.#spec)) assert.ok(this.#marks.plugged, 'started without its interface');
    for (const dependency of dependenciesOf(container)) {
      const other = this.#find(dependency.container);
      const seen = this.containers.get(other.name) ?? UNTOUCHED;
      assert.ok(hasStarted(seen), `${container.name} started before ${other.name}`);
      const isOver = dependency.condition === 'COMPLETE' || dependency.condition === 'SUCCESS';
      if (isOver) assert.ok(hasEnded(other, seen), `${container.name} started before ${other.name} was over`);
      if (dependency.condition === 'HEALTHY') assert.equal(seen.state?.health, 'healthy');
    }
  }

  #checkStop(name: string): void {
    for (const other of this.#spec.containers) {
      const isRunning = this.containers.get(other.name)?.state?.status === 'running';
      const needs = dependenciesOf(other).some(({ container }) => container === name);
      assert.ok(!isRunning || !needs, `${name} stopped before ${other.name}, which depends on it`);
    }
  }

  #find(name: string): TaskContainer {
    const found = this.#spec.containers.find((container) => container.name === name);
    assert.ok(found);
    return found;
  }
}

/** What a step of the task as a whole changes, where that is all. */
const MARKS: Readonly<Record<string, Partial<TaskSeen>>> = {
  plug: { plugged: true },
  unplug: { unplugged: true },
  'ensure-cgroup': { cgroup: { parent: '/task' } },
  'resolve-secrets': { hasSecrets: true },
};

function stateOf(name: string, options: Partial<ContainerState>): ContainerState {
  return { id: name, name, labels: {}, image: '', imageId: '', status: 'created', createdAtMs: 1, ...options };
}
