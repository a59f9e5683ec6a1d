import { isDeepStrictEqual } from 'node:util';
import { type Clock, sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { delayAfter } from './backoff.ts';
import type { ReportTask, TaskReport } from './executor.ts';

export interface ReportSenderOptions {
  readonly report: ReportTask;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onAccepted: () => void;
}

/** Sends a task's reports one after another, each until it is accepted; one that is overtaken is not sent. */
export class ReportSender {
  readonly #options: ReportSenderOptions;
  #latest: TaskReport | undefined;
  #accepted: TaskReport | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: ReportSenderOptions) {
    this.#options = options;
  }

  /** The last one that the control plane took. */
  get accepted(): TaskReport | undefined {
    return this.#accepted;
  }

  /** Resolves when nothing is under way. */
  get idle(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  offer(report: TaskReport): void {
    if (isDeepStrictEqual(report, this.#latest)) return;
    this.#latest = report;
    this.#pump();
  }

  #pump(): void {
    if (this.#options.signal.aborted || this.#latest === this.#accepted) return;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      this.#pump();
    });
  }

  async #send(): Promise<void> {
    const { report, clock, log, signal, onAccepted } = this.#options;
    for (let failures = 0; !signal.aborted && this.#latest && this.#latest !== this.#accepted;) {
      const latest = this.#latest;
      try {
        await report(latest);
        failures = 0;
        this.#accepted = latest;
        onAccepted();
      } catch (error) {
        failures += 1;
        log.warn('a report was not accepted', { error: messageOf(error), failures });
        await sleep(clock, delayAfter(failures), signal);
      }
    }
  }
}
