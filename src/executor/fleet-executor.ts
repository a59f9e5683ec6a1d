import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Executor, TaskSpec } from './executor.ts';
import { type InstanceWorld, InstanceTasks, type SeenInstance } from './instance-tasks.ts';
import type { DesiredStatus } from './plan-task.ts';

/** Events are nudges that may be missed: instances with tasks are looked at again after this long. */
const RESYNC_EVERY_MS = 10_000;
const EVENTS_AGAIN_MS = 1000;

export interface FleetExecutorOptions extends Omit<InstanceWorld, 'inspect'> {
  /** For tasks that name no instance: this host's own. */
  readonly here: Executor;
  /** As the instance driver's. */
  readonly instances: {
    readonly inspect: (instanceId: string) => Promise<SeenInstance | undefined>;
    readonly list: () => Promise<readonly SeenInstance[]>;
    readonly events: (signal: AbortSignal) => AsyncIterable<{ readonly instanceId: string }>;
  };
}

/** Tasks of this host and of its EC2 instances: each goes to the executor of the engine that runs it. */
export class FleetExecutor implements Executor {
  readonly #options: FleetExecutorOptions;
  readonly #instances = new Map<string, InstanceTasks>();
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>;
  #cancelResync: () => void = () => {};

  constructor(options: FleetExecutorOptions) {
    this.#options = options;
    this.#watching = this.#watch();
    this.#resync();
  }

  ensure(spec: TaskSpec, desired: DesiredStatus): void {
    if (this.#abort.signal.aborted) return;
    if (spec.instanceId === undefined) this.#options.here.ensure(spec, desired);
    else this.#of(spec.instanceId).ensure(spec, desired);
  }

  /** An instance that cannot be reached, or this host, keeps nobody else's waiting: it is asked again the next time. */
  async reap(knownTaskArns: ReadonlySet<string>): Promise<void> {
    const { here } = this.#options;
    const [own, others] = await Promise.allSettled([here.reap(knownTaskArns), this.#reapInstances(knownTaskArns)]);
    if (own.status === 'rejected') throw own.reason;
    if (others.status === 'rejected') throw others.reason;
  }

  async #reapInstances(knownTaskArns: ReadonlySet<string>): Promise<void> {
    const { instances, log } = this.#options;
    for (const [instanceId, tasks] of this.#instances) if (tasks.isIdle) this.#instances.delete(instanceId);
    const running = (await instances.list()).filter(({ state, engineReady }) => state === 'running' && engineReady);
    for (const { instanceId } of running) this.#of(instanceId);
    const reaped = [...this.#instances].map(async ([instance, tasks]) => {
      try {
        await tasks.reap(knownTaskArns);
      } catch (error) {
        log.warn('the tasks of an instance could not be looked through', { instance, error: messageOf(error) });
      }
    });
    await Promise.all(reaped);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancelResync();
    const all = [...this.#instances.values()].map((tasks) => tasks.close());
    await Promise.all([this.#watching, this.#options.here.close(), ...all]);
    this.#instances.clear();
  }

  #of(instanceId: string): InstanceTasks {
    const known = this.#instances.get(instanceId);
    if (known) return known;
    const { instances, ...world } = this.#options;
    const inspect = (id: string) => instances.inspect(id);
    const tasks = new InstanceTasks(instanceId, { ...world, inspect });
    this.#instances.set(instanceId, tasks);
    return tasks;
  }

  async #watch(): Promise<void> {
    const { instances, clock, log } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        for await (const { instanceId } of instances.events(signal)) this.#instances.get(instanceId)?.kick();
      } catch (error) {
        if (!signal.aborted) log.warn('the events of instances cannot be heard', { error: messageOf(error) });
      }
      await sleep(clock, EVENTS_AGAIN_MS, signal);
      // What happened in between was not heard.
      this.#kickAll();
    }
  }

  #resync(): void {
    this.#cancelResync = this.#options.clock.after(RESYNC_EVERY_MS, () => {
      this.#kickAll();
      this.#resync();
    });
  }

  #kickAll(): void {
    for (const tasks of this.#instances.values()) tasks.kick();
  }
}
