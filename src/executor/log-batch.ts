import { type Clock, sleep } from '../kernel/clock.ts';
import { messageOf, ServiceError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { delayAfter } from './backoff.ts';
import type { LogDestination, LogSink } from './executor.ts';

const FLUSH_LINES = 100;
const FLUSH_BYTES = 512 * 1024;
const FLUSH_AFTER_MS = 250;
/** Of this server's memory, whatever `max-buffer-size` says. */
const MOST_BUFFER_BYTES = 64 * 1024 * 1024;
/** As CloudWatch Logs counts it: an empty line takes room too. */
const EVENT_OVERHEAD_BYTES = 26;
/** Some 20 seconds: what the service itself refuses (a group that was deleted) is then given up. */
const MOST_REFUSALS = 11;

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

/**
 * Gathers lines and appends them in order, again and again until the sink takes them or `signal` aborts. What the
 * service refuses for long is given up, and so are later lines until it takes one again.
 */
export class LogBatch {
  readonly #options: LogBatchOptions;
  #events: LogEvent[] = [];
  #bytes = 0;
  /** Of all that is not stored yet. */
  #waitingBytes = 0;
  #stored = 0;
  #dropped = 0;
  #givenUp = 0;
  #cancelTimer: (() => void) | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: LogBatchOptions) {
    this.#options = options;
  }

  /** How many lines the sink has taken. */
  get stored(): number {
    return this.#stored;
  }

  /**
   * Resolves at once, or when a full batch is stored: the reader waits for the sink. In non-blocking mode always at
   * once, and what does not fit into the buffer is dropped.
   */
  async add(event: LogEvent): Promise<void> {
    const { mode } = this.#options.destination;
    const size = Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
    const isBuffered = mode?.kind === 'non-blocking';
    const most = isBuffered ? Math.min(mode.maxBufferBytes, MOST_BUFFER_BYTES) : Infinity;
    if (this.#waitingBytes > 0 && this.#waitingBytes + size > most) {
      this.#dropped += 1;
      return;
    }
    this.#events.push(event);
    this.#bytes += size;
    this.#waitingBytes += size;
    if (this.#events.length >= FLUSH_LINES || this.#bytes >= FLUSH_BYTES) {
      const stored = this.flush();
      return isBuffered ? undefined : stored;
    }
    this.#cancelTimer ??= this.#options.clock.after(FLUSH_AFTER_MS, () => void this.flush());
  }

  /** Resolves when every line so far is stored. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const [events, bytes] = [this.#events, this.#bytes];
    this.#events = [];
    this.#bytes = 0;
    if (events.length > 0) this.#tail = this.#store(this.#tail, events, bytes);
    return this.#tail;
  }

  async #store(before: Promise<void>, events: readonly LogEvent[], bytes: number): Promise<void> {
    await before;
    await this.#append(events);
    this.#waitingBytes -= bytes;
    this.#tellDropped();
  }

  async #append(events: readonly LogEvent[]): Promise<void> {
    const { sink, destination, clock, log, signal } = this.#options;
    for (let attempts = 1; !signal.aborted; attempts++) {
      try {
        await sink.append(destination, events);
        this.#stored += events.length;
        if (this.#givenUp > 0)
          log.warn('log lines can be stored again', { group: destination.group, lost: this.#givenUp });
        this.#givenUp = 0;
        return;
      } catch (error) {
        const isRefusal = error instanceof ServiceError && error.httpStatus < 500;
        if (isRefusal && (this.#givenUp > 0 || attempts >= MOST_REFUSALS)) return this.#giveUp(events.length, error);
        log.warn('log lines could not be stored', { group: destination.group, error: messageOf(error), attempts });
        await sleep(clock, delayAfter(attempts), signal);
      }
    }
  }

  /** Said once: the lines after it may be many. */
  #giveUp(lines: number, error: unknown): void {
    const { destination, log } = this.#options;
    if (this.#givenUp === 0) {
      log.error('log lines are given up, since the service refuses them', {
        group: destination.group,
        stream: destination.stream,
        error: messageOf(error),
        lines,
      });
    }
    this.#givenUp += lines;
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const { destination, log } = this.#options;
    log.warn('log lines were dropped, since the buffer was full', {
      group: destination.group,
      stream: destination.stream,
      lines: this.#dropped,
    });
    this.#dropped = 0;
  }
}
