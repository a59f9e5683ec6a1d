import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskReport, TaskSpec } from './executor.ts';
import { FakeWorld } from './fake-world.ts';
import { LABEL } from './labels.ts';
import type { LocalExecutor } from './local-executor.ts';
import { Chance, SimulatedHost } from './simulated-host.ts';
import { settle, testContainer, testTask } from './testing.ts';

const SEEDS = 40;
const STEPS = 40;
const healthCheck = { command: ['CMD', 'x'], intervalMs: 10, timeoutMs: 10, retries: 1, startPeriodMs: 0 };

/** Up to four containers, with what a task definition can say of them. */
function drawTask(chance: Chance): TaskSpec {
  const mode = chance.pick(['awsvpc', 'awsvpc', 'bridge', 'host'] as const);
  const containers = Array.from({ length: 1 + chance.number(4) }, (_, index) => {
    const other = `c${chance.number(Math.max(1, index))}`;
    const condition = chance.pick(['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'] as const);
    return testContainer(`c${index}`, {
      pullReference: 'app:1',
      essential: index === 0 || chance.isOneIn(3),
      stopTimeoutMs: 2000,
      healthCheck,
      dependsOn: index > 0 && chance.isOneIn(2) ? [{ container: other, condition }] : [],
      volumesFrom: index > 0 && chance.isOneIn(3) ? [{ container: other, readOnly: false }] : [],
      mounts: chance.isOneIn(2) ? [{ volume: 'v', path: '/v', readOnly: false }] : [],
      secrets: chance.isOneIn(3) ? [{ name: 'SECRET', valueFrom: 's' }] : [],
      startTimeoutMs: 10_000,
      ports: [{ containerPort: 80, protocol: 'tcp' }],
      links: mode === 'bridge' && index > 0 && chance.isOneIn(3) ? [{ container: other }] : [],
      ...(chance.isOneIn(2) ? { restart: { ignoredExitCodes: [0], attemptPeriodMs: 500 } } : {}),
      ...(chance.isOneIn(2)
        ? { logs: { account: '1', region: 'r', group: 'g', stream: `s${index}`, createGroup: false } }
        : {}),
    });
  });
  const network = mode === 'awsvpc' ? {} : { network: { mode } };
  return testTask(containers, { volumes: [{ kind: 'task', name: 'v' }], memoryBytes: 1, ...network });
}

/** A control plane that keeps what it hears, and one process after another that works for it. */
class Simulation {
  readonly chance: Chance;
  readonly host: SimulatedHost;
  readonly world: FakeWorld;
  desired: 'RUNNING' | 'STOPPED' = 'RUNNING';
  #spec: TaskSpec;
  #executor: LocalExecutor;
  #status: TaskReport['status'] = 'PENDING';

  constructor(seed: number) {
    this.chance = new Chance(seed);
    const hosts: SimulatedHost[] = [];
    this.world = new FakeWorld((clock) => {
      const host = new SimulatedHost(clock, this.chance);
      hosts.push(host);
      return host;
    });
    const [host] = hosts;
    assert.ok(host);
    this.host = host;
    const ending = { exitCode: this.chance.number(2), exitAfterMs: 100 + this.chance.number(4000) };
    this.host.addImage('app:1', { digest: 'sha256:app', program: this.chance.isOneIn(3) ? ending : {} });
    this.#spec = drawTask(this.chance);
    this.#executor = this.#process();
  }

  /** A process ends anywhere, and the next one begins. */
  restart(): void {
    void this.#executor.close();
    this.#executor = this.#process();
  }

  ensure(): void {
    if (this.#status !== 'STOPPED') this.#executor.ensure(this.#spec, this.desired);
  }

  async step(): Promise<void> {
    const what = this.chance.number(20);
    if (what < 5) await this.host.strike();
    else if (what === 5) this.restart();
    else if (what === 6) this.world.plugErrors.push(this.chance.error());
    else if (what === 7) this.world.cgroups.errors.push(this.chance.error());
    this.ensure();
    this.world.clock.advance(this.chance.number(600));
    await settle();
  }

  /** What fails no more: the task comes to its end, and what a process left behind is reaped. */
  async finish(): Promise<void> {
    this.host.isCalm = true;
    this.world.plugErrors.splice(0);
    this.world.cgroups.errors.splice(0);
    this.desired = 'STOPPED';
    for (let round = 0; !(await this.#isOver()); round++) {
      assert.ok(round < 400, `never ends: ${this.#status} ${this.host.names().join(' ')}`);
      this.ensure();
      if (this.#status === 'STOPPED' && round % 50 === 49) await this.#executor.reap(new Set());
      this.world.clock.advance(250);
      await settle();
    }
    const closed = this.#executor.close();
    this.world.clock.advance(10_000);
    await closed;
  }

  #process(): LocalExecutor {
    return this.world.executor({ report: async (report) => this.#accept(report) });
  }

  #accept(report: TaskReport): void {
    if (!this.host.isCalm && this.chance.isOneIn(8)) throw new Error('simulated: the store is away');
    if (this.#status === 'STOPPED') assert.equal(report.status, 'STOPPED', 'a task came back');
    this.#status = report.status;
    // As ECS does from its row.
    const containers = this.#spec.containers.map((container) => {
      const said = report.containers.find(({ name }) => name === container.name);
      const hasRun = container.hasRun || said?.status === 'RUNNING' || said?.exitCode !== undefined;
      assert.ok((said?.restartCount ?? 0) >= (container.restartCount ?? 0), 'restarts are forgotten');
      return { ...container, ...(hasRun ? { hasRun } : {}), restartCount: said?.restartCount ?? 0 };
    });
    this.#spec = { ...this.#spec, containers };
  }

  async #isOver(): Promise<boolean> {
    const { plugs, cgroups, networkFiles } = this.world;
    const volumes = await this.host.listVolumes({ [LABEL.instance]: 'abcd1234' });
    const left = this.host.names().length + volumes.length + cgroups.groups.size + networkFiles.tasks.size;
    return this.#status === 'STOPPED' && left === 0 && !plugs.at(-1)?.startsWith('plug');
  }

  checkRuns(): void {
    const restarts = this.#spec.containers.some(({ restart }) => restart);
    if (restarts) return;
    for (const [id, count] of this.host.runs) assert.equal(count, 1, `container ${id} ran ${count} times`);
  }
}

test('whatever fails, and wherever a process ends, nothing of a task is left and nothing runs twice', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const simulation = new Simulation(seed);
      const stopAt = simulation.chance.number(2 * STEPS);
      for (let step = 0; step < STEPS; step++) {
        if (step === stopAt) simulation.desired = 'STOPPED';
        await simulation.step();
      }
      await simulation.finish();
      simulation.checkRuns();
    } catch (error) {
      throw new Error(`the simulation of seed ${seed} failed`, { cause: error });
    }
  }
});
