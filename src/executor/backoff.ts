import type { Clock } from '../kernel/clock.ts';

const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 5000;

/** When what failed may be tried again: 20 ms, doubling to 5 s, for each key of its own. */
export class Backoff {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { readonly attempts: number; readonly readyAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers how often it has failed in a row. */
  failed(key: string, longestDelayMs = LONGEST_DELAY_MS): number {
    const attempts = (this.#failures.get(key)?.attempts ?? 0) + 1;
    const readyAtMs = this.#clock.now() + delayAfter(attempts, longestDelayMs);
    this.#failures.set(key, { attempts, readyAtMs });
    return attempts;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  /** In ms since the epoch; undefined for at once. */
  readyAt(key: string): number | undefined {
    const readyAtMs = this.#failures.get(key)?.readyAtMs;
    return readyAtMs === undefined || readyAtMs <= this.#clock.now() ? undefined : readyAtMs;
  }
}

export function delayAfter(attempts: number, longestDelayMs = LONGEST_DELAY_MS): number {
  return Math.min(longestDelayMs, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 16));
}
