import { sleep } from '../kernel/clock.ts';
import { messageOf, RuntimeError } from '../kernel/errors.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { delayAfter } from './backoff.ts';
import { LogBatch, type LogBatchOptions } from './log-batch.ts';
import { LogLines } from './log-lines.ts';

/** Where reading goes on: the time of the last line seen, and how many lines carry just that time. */
interface Position {
  readonly timeMs: number;
  readonly linesAtTime: number;
}

/**
 * Carries one container's lines to the sink, from the sink's own position on, until the container has ended and its
 * last line is stored. Survives the engine's restart; a line may come twice after a kill, never not at all.
 */
export class LogFollower {
  /** Resolves when the last line is stored, or following was given up. Never rejects. */
  readonly drained: Promise<void>;
  readonly #runtime: ContainerRuntime;
  readonly #containerId: string;
  readonly #options: LogBatchOptions;
  readonly #batch: LogBatch;
  /** Where lines are joined to events. */
  readonly #lines: LogLines | undefined;
  readonly #abort = new AbortController();
  #position: Position | undefined;

  constructor(runtime: ContainerRuntime, containerId: string, options: Omit<LogBatchOptions, 'signal'>) {
    this.#runtime = runtime;
    this.#containerId = containerId;
    this.#options = { ...options, signal: this.#abort.signal };
    this.#batch = new LogBatch(this.#options);
    const { clock, destination } = options;
    const { multiline } = destination;
    this.#lines = multiline && new LogLines(multiline.pattern, clock, (event) => this.#batch.add(event));
    this.drained = this.#run();
  }

  /** Gives up what is not stored yet: it is read again after the next start. */
  close(): void {
    this.#abort.abort();
  }

  /** Waits until the last line is stored, but no longer than `limitMs` while none is; then gives up. */
  async drain(limitMs: number): Promise<void> {
    const { clock, destination, log } = this.#options;
    let isDrained = false;
    const drained = this.drained.then(() => (isDrained = true));
    let before: number;
    do {
      before = this.#batch.stored;
      const timer = new AbortController();
      await Promise.race([drained, sleep(clock, limitMs, timer.signal)]);
      timer.abort();
    } while (!isDrained && this.#batch.stored > before);
    if (!isDrained) {
      const { group, stream } = destination;
      log.warn('the last lines of a container are given up: none could be stored for a while', { group, stream });
    }
    this.close();
  }

  async #run(): Promise<void> {
    const { clock, log, signal, sink, destination } = this.#options;
    let failures = 0;
    let isOpen = false;
    while (!signal.aborted) {
      try {
        if (!isOpen) {
          await sink.open(destination);
          this.#position = await sink.position(destination);
          isOpen = true;
        }
        const lines = await this.#read();
        await this.#flush();
        failures = 0;
        // The stream's end is the container's end, unless the engine cut it short; read until nothing is new.
        const state = await this.#runtime.inspect(this.#containerId);
        if (state?.status === 'running') await sleep(clock, delayAfter(3), signal);
        else if (lines === 0) return;
      } catch (error) {
        if (error instanceof RuntimeError && error.kind === 'gone') break;
        failures += 1;
        if (!signal.aborted) log.warn('following a container failed', { error: messageOf(error), failures });
        await sleep(clock, delayAfter(failures), signal);
      }
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#lines?.flush();
    await this.#batch.flush();
  }

  /** Answers how many lines were new. */
  async #read(): Promise<number> {
    const from = this.#position;
    let toSkip = from?.linesAtTime ?? 0;
    let count = 0;
    const lines = this.#runtime.logs(this.#containerId, {
      ...(from ? { sinceMs: from.timeMs } : {}),
      signal: this.#options.signal,
    });
    for await (const { timeMs, text } of lines) {
      if (from && timeMs < from.timeMs) continue;
      // The lines of a stored event may be later than the event.
      if (toSkip > 0 && (timeMs === from?.timeMs || this.#lines)) {
        toSkip -= 1;
        continue;
      }
      count += 1;
      const linesAtTime = this.#position?.timeMs === timeMs ? this.#position.linesAtTime + 1 : 1;
      this.#position = { timeMs, linesAtTime };
      await (this.#lines ?? this.#batch).add({ timeMs, message: text });
    }
    return count;
  }
}
