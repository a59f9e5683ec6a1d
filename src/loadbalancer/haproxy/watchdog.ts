import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';

export interface Guarded {
  isRunning(): Promise<boolean>;
  /** Starts it again as it was. */
  revive(): Promise<void>;
}

/** Two small reads each time: so that a death is over within a second. */
const LOOK_EVERY_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Looks whether what was started still runs, and starts it again: a process can die while no row changes, so no
 * reconciler hears of it until its next resync.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #looks = new Map<string, { cancel: () => void }>();
  #isClosed = false;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** From now on; what was guarded under this key before is forgotten. */
  guard(key: string, guarded: Guarded): void {
    this.release(key);
    if (!this.#isClosed) this.#lookLater(key, guarded, 0);
  }

  release(key: string): void {
    this.#looks.get(key)?.cancel();
    this.#looks.delete(key);
  }

  close(): void {
    this.#isClosed = true;
    for (const key of this.#looks.keys()) this.release(key);
  }

  #lookLater(key: string, guarded: Guarded, failures: number): void {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, LOOK_EVERY_MS * 2 ** Math.min(failures, 10));
    const look = { cancel: () => {} };
    this.#looks.set(key, look);
    const lookNow = async () => {
      const failed = await this.#look(key, guarded, failures);
      // Released, or guarded anew by its revival, meanwhile.
      if (this.#looks.get(key) === look) this.#lookLater(key, guarded, failed);
    };
    look.cancel = this.#clock.after(pauseMs, () => void lookNow());
  }

  /** Answers how often in a row it could not be started. */
  async #look(key: string, guarded: Guarded, failures: number): Promise<number> {
    try {
      if (await guarded.isRunning()) return 0;
      this.#log.warn('HAProxy has died: it is started again', { which: key });
      await guarded.revive();
      return 0;
    } catch (error) {
      this.#log.warn('HAProxy could not be started again yet', { which: key, error: messageOf(error) });
      return failures + 1;
    }
  }
}
