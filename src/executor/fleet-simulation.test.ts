import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskReport, TaskSpec } from './executor.ts';
import { FakeFleet, INSTANCE } from './testing-fleet.ts';
import type { FleetExecutor } from './fleet-executor.ts';
import { LABEL } from './labels.ts';
import { Chance, SimulatedHost } from './simulated-host.ts';
import { settle, testContainer, testTask } from './testing.ts';

const SEEDS = 40;
const STEPS = 60;

/** Tasks of a host and of its instance, which stops, boots and vanishes, under one server process after another. */
class Simulation {
  readonly #chance: Chance;
  readonly #fleet: FakeFleet;
  readonly #host: SimulatedHost;
  readonly #specs = new Map<string, TaskSpec>();
  #executor: FleetExecutor;
  #heard = 0;
  readonly #status = new Map<string, TaskReport['status']>();

  constructor(seed: number) {
    const chance = new Chance(seed);
    const hosts: SimulatedHost[] = [];
    this.#chance = chance;
    this.#fleet = new FakeFleet((clock) => {
      const host = new SimulatedHost(clock, chance);
      hosts.push(host);
      return host;
    });
    const [host] = hosts;
    assert.ok(host);
    this.#host = host;
    for (const runtime of [host, this.#fleet.here.runtime]) runtime.addImage('web:1');
    this.#fleet.boot();
    this.#executor = this.#fleet.executor();
  }

  async step(): Promise<void> {
    const chance = this.#chance;
    switch (chance.number(10)) {
      case 0:
        void this.#executor.close();
        this.#executor = this.#fleet.executor();
        break;
      case 1:
        await this.#fleet.stop();
        break;
      case 2:
      case 3:
        this.#fleet.boot();
        break;
      case 4:
        this.#fleet.here.reportErrors.push(chance.error());
        break;
      case 5:
        void this.#executor.reap(this.#known()).catch(() => {});
        break;
      case 6:
        await this.#host.strike();
        break;
      default:
        this.#add();
    }
    this.#ensure('RUNNING');
    this.#fleet.here.clock.advance(chance.number(900));
    await settle();
    this.#hear();
  }

  /** All is well again, and everything is told to stop, or goes with its instance. */
  async finish(): Promise<void> {
    this.#host.isCalm = true;
    const isTerminated = this.#chance.isOneIn(2);
    if (isTerminated) this.#fleet.terminate();
    else this.#fleet.boot();
    for (let round = 0; this.#known().size > 0 || (!isTerminated && (await this.#isLeft())); round++) {
      assert.ok(round < 400, `never ends: ${[...this.#status].join(' ')} ${this.#host.names().join(' ')}`);
      this.#ensure('STOPPED');
      if (round % 20 === 19) await this.#executor.reap(this.#known());
      this.#fleet.here.clock.advance(300);
      await settle();
      this.#hear();
    }
    const closed = this.#executor.close();
    this.#fleet.here.clock.advance(10_000);
    await closed;
    assert.ok(this.#isUnplugged(), 'an interface is plugged still');
  }

  #add(): void {
    const id = `t${this.#specs.size}`;
    const network = this.#chance.isOneIn(2) ? {} : { network: { mode: 'bridge' } as const };
    const place = this.#chance.isOneIn(4) ? {} : { instanceId: INSTANCE, ...network };
    const spec = testTask([testContainer('web', { stopTimeoutMs: 1000 })], { taskId: id, ...place });
    const { network: own } = spec;
    this.#specs.set(spec.taskArn, own.mode === 'awsvpc' ? { ...spec, network: { ...own, interfaceId: id } } : spec);
  }

  #ensure(desired: 'RUNNING' | 'STOPPED'): void {
    for (const taskArn of this.#known()) {
      const spec = this.#specs.get(taskArn);
      if (spec) this.#executor.ensure(spec, desired);
    }
  }

  #known(): ReadonlySet<string> {
    return new Set([...this.#specs.keys()].filter((taskArn) => this.#status.get(taskArn) !== 'STOPPED'));
  }

  /** As ECS does: what is STOPPED stays so, and whoever says it again is not heard. */
  #hear(): void {
    const { reports } = this.#fleet.here;
    for (; this.#heard < reports.length; this.#heard++) {
      const { taskArn = '', status = 'PENDING', containers = [] } = reports[this.#heard] ?? {};
      if (this.#status.get(taskArn) === 'STOPPED') continue;
      this.#status.set(taskArn, status);
      const spec = this.#specs.get(taskArn);
      const hasRun = containers.some((one) => one.status === 'RUNNING');
      if (spec && hasRun) {
        this.#specs.set(taskArn, { ...spec, containers: spec.containers.map((one) => ({ ...one, hasRun })) });
      }
    }
  }

  async #isLeft(): Promise<boolean> {
    const there = await this.#host.list({ [LABEL.instance]: 'abcd1234' });
    return there.length + this.#fleet.here.runtime.names().length > 0;
  }

  /** Of each interface the last that was done. */
  #isUnplugged(): boolean {
    const last = new Map(this.#fleet.here.plugs.map((plug) => [plug.split(' ')[1], plug]));
    return [...last.values()].every((plug) => plug.startsWith('unplug'));
  }
}

test('whatever becomes of an instance and of the server, every task ends and is told to, and nothing is left', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const simulation = new Simulation(seed);
      for (let step = 0; step < STEPS; step++) await simulation.step();
      await simulation.finish();
    } catch (error) {
      throw new Error(`the simulation of seed ${seed} failed`, { cause: error });
    }
  }
});
