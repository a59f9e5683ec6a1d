import assert from 'node:assert/strict';
import type { FakeClock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import type { ContainerEvent, ContainerSpec, VolumeSpec } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';

/** Chance from a seed: the same seed, the same fate. */
export class Chance {
  readonly #ids: ReturnType<typeof seededIds>;

  constructor(seed: number) {
    this.#ids = seededIds(seed);
  }

  /** 0 to `below` - 1 */
  number(below: number): number {
    return this.#ids.bytes(2).readUInt16BE() % below;
  }

  isOneIn(count: number): boolean {
    return this.number(count) === 0;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.number(values.length)];
    assert.ok(value !== undefined);
    return value;
  }

  error(): RuntimeError {
    // Refusals end the task, so they are rare.
    const kind = this.pick(['temporary', 'temporary', 'temporary', 'temporary', 'gone', 'rejected'] as const);
    return new RuntimeError(kind, `simulated: ${kind}`);
  }
}

/** An engine whose calls fail, whose answers are lost and whose events do not come, as long as `isCalm` is false. */
export class SimulatedHost extends FakeRuntime {
  isCalm = false;
  /** How often each container, by its id, began to run. */
  readonly runs = new Map<string, number>();
  readonly #chance: Chance;

  constructor(clock: FakeClock, chance: Chance) {
    super({ clock });
    this.#chance = chance;
  }

  /** Fails before or after `step`, which is done in the second case: the answer is lost. */
  async #chancy<T>(step: () => Promise<T>): Promise<T> {
    if (!this.isCalm && this.#chance.isOneIn(12)) throw this.#chance.error();
    const answer = await step();
    if (!this.isCalm && this.#chance.isOneIn(16)) throw new RuntimeError('temporary', 'simulated: the answer is lost');
    return answer;
  }

  override async pull(...args: Parameters<FakeRuntime['pull']>): ReturnType<FakeRuntime['pull']> {
    return this.#chancy(() => super.pull(...args));
  }

  override async create(spec: ContainerSpec): Promise<string> {
    return this.#chancy(() => super.create(spec));
  }

  override async start(id: string): Promise<void> {
    const before = (await this.inspect(id))?.status;
    return this.#chancy(async () => {
      await super.start(id);
      const state = await this.inspect(id);
      if (before !== 'running' && state) this.runs.set(state.id, (this.runs.get(state.id) ?? 0) + 1);
    });
  }

  override async stop(id: string, timeoutMs: number): Promise<void> {
    return this.#chancy(() => super.stop(id, timeoutMs));
  }

  override async remove(id: string): Promise<void> {
    return this.#chancy(() => super.remove(id));
  }

  override async list(...args: Parameters<FakeRuntime['list']>): ReturnType<FakeRuntime['list']> {
    return this.#chancy(() => super.list(...args));
  }

  override async createVolume(volume: VolumeSpec): Promise<void> {
    return this.#chancy(() => super.createVolume(volume));
  }

  override async removeVolume(name: string): Promise<void> {
    return this.#chancy(() => super.removeVolume(name));
  }

  override async *events(...args: Parameters<FakeRuntime['events']>): AsyncGenerator<ContainerEvent> {
    for await (const event of super.events(...args)) {
      if (!this.isCalm && this.#chance.isOneIn(40)) throw new RuntimeError('temporary', 'simulated: the stream broke');
      if (this.isCalm || !this.#chance.isOneIn(3)) yield event;
    }
  }

  /** Something happens to a container, by nobody's order. */
  async strike(): Promise<void> {
    const there = await super.list({});
    if (there.length === 0) return;
    const { id, name, labels } = this.#chance.pick(there);
    const container = this.container(name);
    const isPause = labels[LABEL.role] === 'pause';
    const blow = this.#chance.number(isPause ? 30 : 8);
    if (blow === 0) await super.remove(id);
    else if (blow === 1) container.exit(137, { oomKilled: !isPause });
    else if (blow < 4 && !isPause) container.exit(this.#chance.number(2));
    else if (!isPause) container.setHealth(this.#chance.pick(['healthy', 'healthy', 'unhealthy']));
  }
}
