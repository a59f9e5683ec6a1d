/**
 * Answers by key, until all are forgotten at once. What is kept is the promise, so one read serves all who ask
 * meanwhile, and a read that began before `clear` is never found again: its entry went with the others.
 */
export class GenerationCache<T extends object> {
  readonly #most: number;
  #entries = new Map<string, Promise<T | undefined>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Neither "there is none" nor a failure is kept: strangers cannot fill the memory. */
  get(key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#entries.get(key);
    if (known) return known;
    const entries = this.#entries;
    if (entries.size >= this.#most) entries.delete(entries.keys().next().value ?? '');
    const reading = read();
    entries.set(key, reading);
    const forget = () => {
      if (entries.get(key) === reading) entries.delete(key);
    };
    reading.then((answer) => answer === undefined && forget(), forget);
    return reading;
  }

  clear(): void {
    this.#entries = new Map();
  }
}
