import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, boolean, integer, property, record } from 'fast-check';
import type { DaemonFacts, DaemonInstance, DaemonTask } from './facts.ts';
import { batchSize, isServed, planDaemon } from './plan.ts';
import type { DaemonStep } from './plan.ts';
import { isEnded } from './records.ts';
import type { DaemonDeploymentRow, DaemonRow } from './tables.ts';

const PROVIDER = 'provider';
const SCOPE = { account: '123456789012', region: 'us-east-1' };

/** A capacity provider with so many instances, which replaces each that drains by a new one. */
class Fleet {
  now = 1_000_000;
  daemon: DaemonRow;
  deployment: DaemonDeploymentRow;
  readonly instances = new Map<string, DaemonInstance>();
  readonly tasks = new Map<string, DaemonTask>();
  /** Revisions whose tasks fail. */
  readonly broken = new Set<string>();
  readonly critical: ReadonlySet<string>;
  readonly drained: string[][] = [];
  #made = 0;
  #started = 0;

  constructor(count: number, drainPercent: number, isCritical: boolean, bakeTimeInMinutes: number) {
    const configuration = { drainPercent, bakeTimeInMinutes, alarmNames: [] };
    const times = { createdAtMs: this.now, updatedAtMs: this.now };
    const own = { ...SCOPE, arn: 'daemon', name: 'agent', clusterArn: 'cluster' };
    const rest = { capacityProviders: [PROVIDER], configuration, deploymentArn: 'd/1', tags: {}, ...times };
    this.daemon = { ...own, status: 'ACTIVE', ...rest };
    this.critical = new Set(isCritical ? ['r/1', 'r/2'] : []);
    for (let i = 0; i < count; i++) this.launch();
    this.now += 1000;
    this.deployment = this.roll('r/1');
  }

  /** A new deployment; without a revision it takes the daemon away. */
  roll(targetRevisionArn?: string): DaemonDeploymentRow {
    const target = targetRevisionArn === undefined ? {} : { targetRevisionArn };
    const of = { ...SCOPE, arn: `d/${(this.#made += 1)}`, daemonArn: 'daemon', clusterArn: 'cluster' };
    const { configuration } = this.daemon;
    const counts = { sourceRevisionArns: [], failureCount: 0, threshold: 3, createdAtMs: this.now };
    this.deployment = { ...of, ...target, ...counts, status: 'PENDING', configuration };
    return this.deployment;
  }

  launch(): void {
    const arn = `i/${(this.#made += 1)}`;
    const state = { isDraining: false, agentConnected: true, isAwaiting: true };
    this.instances.set(arn, { arn, provider: PROVIDER, registeredAtMs: this.now, ...state });
  }

  facts(): DaemonFacts {
    const failures = [...this.tasks.values()].filter(
      (task) => task.state === 'failed' && !task.isExcused && task.deploymentArn === this.deployment.arn,
    );
    const { daemon, deployment, critical } = this;
    return { daemon, deployment, critical, instances: [...this.instances.values()], tasks: this.tasks, failures };
  }

  /** One pass of the reconciler. */
  pass(): DaemonStep {
    const facts = this.facts();
    const impaired = [...this.tasks.values()].filter((task) => task.state === 'failed').map((task) => task.instanceArn);
    const step = planDaemon(facts, this.now);
    const batch = step.drain.filter((arn) => !impaired.includes(arn));
    assert.ok(batch.length <= batchSize(this.instances.size, this.daemon.configuration.drainPercent));
    this.#started += step.start.length;
    for (const arn of step.start) {
      assert.ok(!this.tasks.has(arn), 'there is one task at most on an instance');
      const revisionArn = step.revisionArn ?? '';
      const of = { arn: `t/${arn}`, instanceArn: arn, revisionArn, deploymentArn: this.deployment.arn };
      this.tasks.set(arn, { ...of, state: 'starting', isExcused: false, createdAtMs: this.now });
    }
    if (step.drain.length > 0) this.drained.push([...step.drain]);
    for (const arn of step.drain) this.#change(arn, { isDraining: true });
    for (const failed of step.failures) {
      const task = [...this.tasks.values()].find((one) => one.arn === failed);
      if (task) this.tasks.set(task.instanceArn, { ...task, isExcused: true });
    }
    if (step.deployment) this.deployment = step.deployment;
    const { stableRevisionArn } = step;
    if (stableRevisionArn) this.daemon = { ...this.daemon, stableRevisionArn };
    return step;
  }

  /** Tasks run or fail, instances are admitted, those that drain are replaced. */
  world(): void {
    this.now += 1000;
    const before = [...this.instances.values()];
    for (const instance of before) {
      if (instance.isDraining) {
        this.instances.delete(instance.arn);
        this.tasks.delete(instance.arn);
        this.launch();
        continue;
      }
      const task = this.tasks.get(instance.arn);
      if (task?.state === 'starting') {
        this.tasks.set(instance.arn, { ...task, state: this.broken.has(task.revisionArn) ? 'failed' : 'running' });
      }
      if (instance.isAwaiting && isServed(this.facts(), instance)) this.#change(instance.arn, { isAwaiting: false });
    }
  }

  /** Passes until one has nothing to do: few, as nothing else changes. */
  passes(): DaemonStep {
    for (let i = 0; i < 6; i++) {
      const step = this.pass();
      if (step.start.length + step.drain.length + step.failures.length === 0 && !step.deployment) return step;
    }
    return assert.fail(`it is never content: ${JSON.stringify(this.deployment)}`);
  }

  /** Until its deployment has ended and there is nothing to do. */
  settle(): void {
    for (let i = 0; i < 2000; i++) {
      const started = this.#started;
      const drained = this.drained.length;
      const step = this.passes();
      const isIdle = started === this.#started && drained === this.drained.length;
      if (isIdle && (isEnded(this.deployment) || step.isGone)) return;
      this.now = Math.max(this.now, step.wakeAt ?? 0);
      this.world();
    }
    assert.fail(`it did not settle: ${JSON.stringify(this.deployment)}`);
  }

  revisions(): string[] {
    return [...this.instances.keys()].map((arn) => this.tasks.get(arn)?.revisionArn ?? '');
  }

  #change(arn: string, change: Partial<DaemonInstance>): void {
    const instance = this.instances.get(arn);
    if (instance) this.instances.set(arn, { ...instance, ...change });
  }
}

const fleets = record({
  count: integer({ min: 0, max: 30 }),
  drainPercent: integer({ min: 0, max: 100 }),
  isCritical: boolean(),
  bake: integer({ min: 0, max: 3 }),
});

test('each instance gets exactly one task of the wanted revision, and then nothing more is done', () => {
  check(
    property(fleets, ({ count, drainPercent, isCritical, bake }) => {
      const fleet = new Fleet(count, drainPercent, isCritical, bake);
      fleet.settle();
      assert.equal(fleet.deployment.status, 'SUCCESSFUL');
      fleet.launch();
      fleet.settle();
      fleet.roll('r/2');
      fleet.settle();
      assert.equal(fleet.deployment.status, 'SUCCESSFUL');
      assert.deepEqual(fleet.revisions(), Array(count + 1).fill('r/2'));
      assert.ok([...fleet.instances.values()].every((instance) => !instance.isAwaiting));
      const before = fleet.drained.length;
      assert.deepEqual([fleet.pass().start, fleet.pass().drain], [[], []]);
      assert.equal(fleet.drained.length, before);
    }),
    { numRuns: 60 },
  );
});

test('a revision whose tasks fail is rolled back to the one before', () => {
  check(
    property(fleets, ({ count, drainPercent, isCritical, bake }) => {
      const fleet = new Fleet(count + 7, drainPercent, isCritical, bake);
      fleet.settle();
      fleet.broken.add('r/2');
      fleet.roll('r/2');
      fleet.settle();
      assert.equal(fleet.deployment.status, 'ROLLBACK_SUCCESSFUL');
      assert.equal(fleet.deployment.failure, 'breaker');
      assert.ok(fleet.deployment.failureCount >= fleet.deployment.threshold);
      assert.deepEqual(new Set(fleet.revisions()), new Set(['r/1']));
    }),
    { numRuns: 60 },
  );
});

test('a daemon that is deleted leaves with the instances of its tasks', () => {
  check(
    property(fleets, ({ count, drainPercent, isCritical, bake }) => {
      const fleet = new Fleet(count, drainPercent, isCritical, bake);
      fleet.settle();
      fleet.daemon = { ...fleet.daemon, status: 'DELETE_IN_PROGRESS' };
      fleet.roll();
      fleet.settle();
      assert.deepEqual(new Set(fleet.revisions()), new Set(count > 0 ? [''] : []));
      assert.equal(fleet.pass().isGone, true);
    }),
    { numRuns: 60 },
  );
});

test('an instance whose critical task ends is drained at once, one without a critical task is left', () => {
  for (const isCritical of [true, false]) {
    const fleet = new Fleet(4, 25, isCritical, 0);
    fleet.settle();
    const [victim = ''] = fleet.instances.keys();
    const task = fleet.tasks.get(victim);
    assert.ok(task);
    fleet.tasks.set(victim, { ...task, state: 'failed' });
    assert.deepEqual(fleet.pass().drain, isCritical ? [victim] : []);
    fleet.world();
    fleet.settle();
    assert.equal(fleet.instances.has(victim), !isCritical);
  }
});

test('a first deployment that fails has nothing to go back to', () => {
  const fleet = new Fleet(4, 25, true, 0);
  fleet.broken.add('r/1');
  fleet.settle();
  assert.equal(fleet.deployment.status, 'STOPPED');
  assert.match(fleet.deployment.statusReason ?? '', /no daemon revision to roll back to/);
  fleet.world();
  assert.ok([...fleet.instances.values()].every((instance) => !instance.isAwaiting));
});

test('after its deployment each failure in a row makes the next try wait twice as long, until one runs', () => {
  const fleet = new Fleet(1, 25, true, 0);
  fleet.settle();
  fleet.broken.add('r/1');
  const [victim = ''] = fleet.instances.keys();
  const task = fleet.tasks.get(victim);
  assert.ok(task);
  fleet.tasks.set(victim, { ...task, state: 'failed' });
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    fleet.passes();
    fleet.world();
    const wakeAt = fleet.pass().wakeAt ?? fleet.now;
    waits.push(wakeAt - fleet.now + 1000);
    fleet.now = wakeAt;
    if (i === 8) fleet.broken.clear();
    fleet.passes();
    fleet.world();
  }
  assert.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
  );
  fleet.passes();
  assert.equal(fleet.deployment.late, undefined);
});
