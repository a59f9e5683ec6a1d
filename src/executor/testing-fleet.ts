import { RuntimeError } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import { FakeWorld } from './fake-world.ts';
import { FleetExecutor } from './fleet-executor.ts';
import type { ReportTask } from './executor.ts';
import type { BootedInstance, SeenInstance } from './instance-tasks.ts';
import { PAUSE_IMAGE } from './pause-image.ts';

export const INSTANCE = 'i-00000000000000001';

/** A host in memory with one instance, which is what the test says. */
export class FakeFleet {
  /** This host's world: its clock, its reports and its plugs are the instance's too. */
  readonly here = new FakeWorld();
  /** The instance's engine: its containers stay on its disk. */
  readonly engine: FakeRuntime;
  readonly opened: BootedInstance[] = [];
  #seen: SeenInstance | undefined;
  #boots = 0;
  #wake = () => {};
  #process = 0;

  constructor(engineOn: (clock: FakeWorld['clock']) => FakeRuntime = (clock) => new FakeRuntime({ clock })) {
    this.engine = engineOn(this.here.clock);
    this.engine.addImage(PAUSE_IMAGE, { local: true });
  }

  /** Of a new process of the server: what ran before has been killed, and does nothing any more. */
  executor(): FleetExecutor {
    const { clock, plugs, timeline } = this.here;
    this.#process += 1;
    const process = this.#process;
    const isKilled = () => process !== this.#process;
    const report: ReportTask = (one) => (isKilled() ? NEVER : this.here.report(one));
    const network = unlessKilled(this.here.network, isKilled);
    return new FleetExecutor({
      here: this.here.executor({ runtime: unlessKilled(this.here.runtime, isKilled), network, report }),
      instances: {
        inspect: async () => this.#seen,
        list: async () => (this.#seen ? [this.#seen] : []),
        events: (signal) => this.#events(signal),
      },
      network: { unplug: async (_vpc, id) => (isKilled() ? NEVER : void plugs.push(`unplug ${id}`)) },
      open: (instance, told) => {
        this.opened.push(instance);
        return this.here.executor({ runtime: unlessKilled(this.#whileItRuns(), isKilled), network, report: told });
      },
      report,
      note: (_taskArn, { text }) => void timeline.push(text),
      clock,
      log: silentLog,
    });
  }

  boot(engineReady = true): void {
    if (this.#seen?.state === 'running') this.#seen = { ...this.#seen, engineReady };
    else {
      this.#boots += 1;
      const bootId = String(this.#boots);
      this.#seen = { instanceId: INSTANCE, state: 'running', pid: this.#boots, bootId, engineReady };
    }
    this.#wake();
  }

  /** Its containers end, and it still runs. */
  shutDown(): void {
    if (this.#seen) this.#seen = { ...this.#seen, isStopping: true };
    for (const name of this.engine.names()) this.engine.container(name).exit(0);
  }

  /** Its engine's last word, that its containers ended, comes before the word that it has stopped. */
  stopUnheard(): void {
    if (this.#seen) this.#seen = { ...this.#seen, state: 'stopped' };
    for (const name of this.engine.names()) this.engine.container(name).exit(0);
  }

  /** Its containers end with it. */
  async stop(): Promise<void> {
    this.#seen = { instanceId: INSTANCE, state: 'stopped', bootId: String(this.#boots), engineReady: false };
    for (const name of this.engine.names()) this.engine.container(name).exit(137);
    this.#wake();
  }

  terminate(): void {
    this.#seen = undefined;
    this.#wake();
  }

  /** Whoever asks an engine that does not run is told to come again. */
  #whileItRuns(): FakeRuntime {
    const isAway = () => this.#seen?.engineReady !== true;
    return new Proxy(this.engine, {
      get(engine, name) {
        const member: unknown = Reflect.get(engine, name, engine);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (!isAway()) return Reflect.apply(member, engine, args);
          const error = new RuntimeError('temporary', 'the engine does not answer');
          return name === 'events' || name === 'logs' ? failing(error) : Promise.reject(error);
        };
      },
    });
  }

  async *#events(signal: AbortSignal) {
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), ended]);
      if (!signal.aborted) yield { instanceId: INSTANCE };
    }
  }
}

const NEVER = new Promise<never>(() => {});

/** Calls of a process that was killed come to nothing. */
function unlessKilled<T extends object>(world: T, isKilled: () => boolean): T {
  return new Proxy(world, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (!isKilled()) return Reflect.apply(member, target, args);
        return name === 'events' || name === 'logs' ? failing(new Error('the process was killed')) : NEVER;
      };
    },
  });
}

function failing(error: Error): AsyncIterable<never> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        throw error;
      },
    }),
  };
}
