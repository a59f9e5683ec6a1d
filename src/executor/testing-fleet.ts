import { RuntimeError } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import { FakeWorld } from './fake-world.ts';
import { FleetExecutor } from './fleet-executor.ts';
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

  constructor(engineOn: (clock: FakeWorld['clock']) => FakeRuntime = (clock) => new FakeRuntime({ clock })) {
    this.engine = engineOn(this.here.clock);
    this.engine.addImage(PAUSE_IMAGE, { local: true });
  }

  executor(): FleetExecutor {
    const { clock, reports, reportErrors, plugs, timeline } = this.here;
    return new FleetExecutor({
      here: this.here.executor(),
      instances: {
        inspect: async () => this.#seen,
        list: async () => (this.#seen ? [this.#seen] : []),
        events: (signal) => this.#events(signal),
      },
      network: { unplug: async (_vpc, id) => void plugs.push(`unplug ${id}`) },
      open: (instance, report) => {
        this.opened.push(instance);
        return this.here.executor({ runtime: this.#whileItRuns(), report });
      },
      report: async (report) => {
        const error = reportErrors.shift();
        if (error) throw error;
        reports.push(report);
      },
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

function failing(error: Error): AsyncIterable<never> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        throw error;
      },
    }),
  };
}
