import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { delayAfter } from './backoff.ts';
import { LABEL } from './labels.ts';
import type { Executor, ReportTask, TaskSpec } from './executor.ts';
import type { DesiredStatus } from './plan-task.ts';
import { ImagePulls } from './image-pulls.ts';
import { removeUnknown } from './reaper.ts';
import { PortRanges } from './port-ranges.ts';
import { TaskLoop } from './task-loop.ts';
import type { HostWorld, TaskWorld } from './task-world.ts';

/** Events are nudges that may be missed: every task is looked at again after this long. */
const RESYNC_EVERY_MS = 30_000;
/** Of a link that is gone there is no event; to look is to read one file for each task. */
const NETWORK_EVERY_MS = 3000;

export interface LocalExecutorOptions extends HostWorld {
  readonly report: ReportTask;
}

/** Runs tasks on this host: one loop for each task, all nudged by one stream of the engine's events. */
export class LocalExecutor implements Executor {
  readonly #options: LocalExecutorOptions;
  readonly #world: TaskWorld;
  readonly #loops = new Map<string, TaskLoop>();
  /** Ended, accepted and cleaned up, until `reap` says that the control plane has forgotten them. */
  readonly #finished = new Set<string>();
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>;
  #cancelResync: () => void = () => {};
  #cancelCheck: () => void = () => {};

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
    this.#world = {
      ...options,
      images: new ImagePulls(options.runtime, options),
      portRanges: new PortRanges(options.runtime),
    };
    this.#watching = this.#watch();
    this.#resync();
    this.#checkNetworks();
  }

  ensure(spec: TaskSpec, desired: DesiredStatus): void {
    const { taskArn } = spec;
    if (this.#abort.signal.aborted || this.#finished.has(taskArn)) return;
    const loop = this.#loops.get(taskArn);
    if (loop) return loop.desire(desired);
    const onDone = () => {
      this.#loops.delete(taskArn);
      this.#finished.add(taskArn);
    };
    this.#loops.set(taskArn, new TaskLoop(spec, desired, this.#world, this.#options.report, onDone));
  }

  /** Tasks that were ensured in this process are left to their loops. */
  async reap(knownTaskArns: ReadonlySet<string>): Promise<void> {
    for (const taskArn of this.#finished) if (!knownTaskArns.has(taskArn)) this.#finished.delete(taskArn);
    await removeUnknown(this.#options, () => new Set([...knownTaskArns, ...this.#loops.keys()]));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancelResync();
    this.#cancelCheck();
    await Promise.all([this.#watching, ...[...this.#loops.values()].map((loop) => loop.close())]);
    this.#loops.clear();
  }

  async #watch(): Promise<void> {
    const { runtime, instanceId, clock, log } = this.#options;
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const { labels } of runtime.events({ [LABEL.instance]: instanceId }, signal)) {
          failures = 0;
          this.#loops.get(labels[LABEL.task] ?? '')?.kick();
        }
      } catch (error) {
        if (!signal.aborted) log.warn("the engine's events broke off", { error: messageOf(error) });
      }
      failures += 1;
      await sleep(clock, delayAfter(failures), signal);
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

  #checkNetworks(): void {
    this.#cancelCheck = this.#options.clock.after(NETWORK_EVERY_MS, () => {
      for (const loop of this.#loops.values()) void loop.checkNetwork();
      this.#checkNetworks();
    });
  }

  #kickAll(): void {
    for (const loop of this.#loops.values()) loop.kick();
  }
}
