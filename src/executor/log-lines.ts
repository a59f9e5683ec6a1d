import type { Clock } from '../kernel/clock.ts';
import { LinearRegex } from '../kernel/linear-regex.ts';

/** As Docker's awslogs driver: an event that waits for its next line does so no longer. */
const LONGEST_WAIT_MS = 5000;
/** An event of CloudWatch Logs has 256 KiB with its overhead of 26 bytes. */
const MOST_BYTES = 256 * 1024 - 26;

interface LogEvent {
  readonly timeMs: number;
  readonly message: string;
}

/**
 * Joins lines to events: one that matches the pattern begins an event, whose time is that of its first line; each line
 * in it ends with a newline. https://docs.docker.com/engine/logging/drivers/awslogs/#awslogs-multiline-pattern
 */
export class LogLines {
  readonly #pattern: LinearRegex;
  readonly #clock: Clock;
  readonly #emit: (event: LogEvent) => Promise<void>;
  #event: { readonly timeMs: number; readonly lines: string[]; bytes: number } | undefined;
  #cancelTimer: (() => void) | undefined;

  /**
   * @param emit called in order, with no event before the last one's call has begun
   * @throws RegexProblem
   */
  constructor(pattern: string, clock: Clock, emit: (event: LogEvent) => Promise<void>) {
    this.#pattern = new LinearRegex(pattern);
    this.#clock = clock;
    this.#emit = emit;
  }

  async add({ timeMs, message }: LogEvent): Promise<void> {
    const line = `${message}\n`;
    const bytes = Buffer.byteLength(line);
    const before = this.#event;
    const isNext = before && before.bytes + bytes <= MOST_BYTES && !this.#pattern.test(message);
    if (isNext) {
      before.lines.push(line);
      before.bytes += bytes;
      return;
    }
    const flushed = this.flush();
    this.#event = { timeMs, lines: [line], bytes };
    this.#cancelTimer = this.#clock.after(LONGEST_WAIT_MS, () => void this.flush());
    await flushed;
  }

  /** What waits goes out as it is. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    const event = this.#event;
    this.#event = undefined;
    if (event) await this.#emit({ timeMs: event.timeMs, message: event.lines.join('') });
  }
}
