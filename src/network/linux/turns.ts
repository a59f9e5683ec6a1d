/** Runs pieces of work with the same key one after another, and those of different keys side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    const settled = Promise.allSettled([turn]);
    this.#last.set(key, settled);
    void this.#forget(key, settled);
    return turn;
  }

  async #forget(key: string, settled: Promise<unknown>): Promise<void> {
    await settled;
    if (this.#last.get(key) === settled) this.#last.delete(key);
  }
}
