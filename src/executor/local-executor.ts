import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { ContainerState } from '../runtime/runtime.ts';
import { delayAfter } from './backoff.ts';
import { LABEL } from './container-spec.ts';
import type { Executor, ReportTask, TaskSpec } from './executor.ts';
import type { DesiredStatus } from './plan-task.ts';
import type { TaskWorld } from './task-effects.ts';
import { TaskLoop } from './task-loop.ts';

/** Events are nudges that may be missed: every task is looked at again after this long. */
const RESYNC_EVERY_MS = 30_000;

export interface LocalExecutorOptions extends TaskWorld {
  readonly report: ReportTask;
}

/** Runs tasks on this host: one loop for each task, all nudged by one stream of the engine's events. */
export class LocalExecutor implements Executor {
  readonly #options: LocalExecutorOptions;
  readonly #loops = new Map<string, TaskLoop>();
  /** Ended, accepted and cleaned up, until `reap` says that the control plane has forgotten them. */
  readonly #finished = new Set<string>();
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>;
  #cancelResync: () => void = () => {};

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
    this.#watching = this.#watch();
    this.#resync();
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
    this.#loops.set(taskArn, new TaskLoop(spec, desired, this.#options, this.#options.report, onDone));
  }

  /** Tasks that were ensured in this process are left to their loops. */
  async reap(knownTaskArns: ReadonlySet<string>): Promise<void> {
    const { runtime, instanceId, log } = this.#options;
    for (const taskArn of this.#finished) if (!knownTaskArns.has(taskArn)) this.#finished.delete(taskArn);
    const states = await runtime.list({ [LABEL.instance]: instanceId });
    const byTask = Map.groupBy(states, ({ labels }) => labels[LABEL.task]);
    for (const [taskArn, containers] of byTask) {
      if (taskArn === undefined || knownTaskArns.has(taskArn) || this.#loops.has(taskArn)) continue;
      log.info('removing a task that the control plane does not know', { task: taskArn });
      await this.#remove(containers);
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancelResync();
    await Promise.all([this.#watching, ...[...this.#loops.values()].map((loop) => loop.close())]);
    this.#loops.clear();
  }

  async #remove(containers: readonly ContainerState[]): Promise<void> {
    const { runtime, network } = this.#options;
    // The pause container goes last: its labels say which interface is still to be unplugged.
    const [pauses, others] = [true, false].map((isPause) =>
      containers.filter(({ labels }) => (labels[LABEL.role] === 'pause') === isPause),
    );
    await Promise.all((others ?? []).map(({ id }) => runtime.remove(id)));
    for (const { id, labels } of pauses ?? []) {
      const vpcId = labels[LABEL.vpc];
      const interfaceId = labels[LABEL.interface];
      if (vpcId && interfaceId) await network.unplug(vpcId, interfaceId);
      await runtime.remove(id);
    }
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

  #kickAll(): void {
    for (const loop of this.#loops.values()) loop.kick();
  }
}
