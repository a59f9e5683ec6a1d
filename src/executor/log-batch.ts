import { type Clock, sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { delayAfter } from './backoff.ts';
import type { LogDestination, LogSink } from './executor.ts';

const FLUSH_LINES = 100;
const FLUSH_BYTES = 512 * 1024;
const FLUSH_AFTER_MS = 250;

interface LogEvent {
  readonly timeMs: number;
  readonly message: string;
}

export interface LogBatchOptions {
  readonly sink: LogSink;
  readonly destination: LogDestination;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Gathers lines and appends them in order, again and again until the sink takes them or `signal` aborts. */
export class LogBatch {
  readonly #options: LogBatchOptions;
  #events: LogEvent[] = [];
  #bytes = 0;
  #cancelTimer: (() => void) | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: LogBatchOptions) {
    this.#options = options;
  }

  /** Resolves at once, or when a full batch is stored: the reader waits for the sink. */
  async add(event: LogEvent): Promise<void> {
    this.#events.push(event);
    this.#bytes += event.message.length;
    if (this.#events.length >= FLUSH_LINES || this.#bytes >= FLUSH_BYTES) return this.flush();
    this.#cancelTimer ??= this.#options.clock.after(FLUSH_AFTER_MS, () => void this.flush());
  }

  /** Resolves when every line so far is stored. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    if (events.length > 0) this.#tail = this.#tail.then(() => this.#append(events));
    return this.#tail;
  }

  async #append(events: readonly LogEvent[]): Promise<void> {
    const { sink, destination, clock, log, signal } = this.#options;
    for (let attempts = 1; !signal.aborted; attempts++) {
      try {
        return await sink.append(destination, events);
      } catch (error) {
        log.warn('log lines could not be stored', { group: destination.group, error: messageOf(error), attempts });
        await sleep(clock, delayAfter(attempts), signal);
      }
    }
  }
}
