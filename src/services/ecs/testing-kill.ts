import type { TestEcs } from './testing.ts';

/**
 * The end of a process, once: from there on nothing that runs gets anywhere, until the next process is up.
 * Two effects between which nothing changed that outlasts a process are one place to end at.
 */
export class Kill {
  readonly #at: number | undefined;
  readonly #lasting: () => string;
  readonly #clock: TestEcs['clock'];
  /** Since when there is no process, in ms. */
  #downAtMs: number | undefined;
  #passed = 0;
  #before: string | undefined;
  /** Effects before which something changed, where it does not end. */
  readonly places: number[] = [];

  /** @param at the effect at which it ends; undefined only looks for places */
  constructor(ecs: TestEcs, at: number | undefined) {
    this.#at = at;
    this.#clock = ecs.clock;
    this.#lasting = lastingOf(ecs);
  }

  /** Each effect: a write, a call, a word to the executor, before it and after it. */
  check = (): void => {
    const effect = this.#passed++;
    if (this.#at === undefined) this.#note(effect);
    if (effect === this.#at) {
      this.#downAtMs = this.#clock.now();
      // Who waits for an answer asks until there is one, and no time passes meanwhile.
      setImmediate(() => (this.#downAtMs = undefined));
    }
    if (this.#downAtMs === this.#clock.now()) throw new Error('cut off here');
  };

  #note(effect: number): void {
    const now = this.#lasting();
    if (now !== this.#before) this.places.push(effect);
    this.#before = now;
  }
}

/** Rows, as the number of their changes, and the world as the process has left it. */
function lastingOf({ aws, executor, store }: TestEcs): () => string {
  let commits = 0;
  store.watch(() => {
    commits++;
  });
  return () =>
    JSON.stringify([
      commits,
      [...aws.interfaces],
      [...aws.targetGroups].map(([arn, { targets }]) => [arn, [...targets]]),
      [...aws.registry.instances],
      [...aws.rules.weights],
      [...aws.hooks.tasks.keys()],
      [...executor.specs.keys()].map((task) => executor.desired(task)),
    ]);
}

/**
 * Lives a life once, and then once for each place at which it can end.
 * @param life answers its places
 * @returns how many there are
 */
export async function atEachPlace(life: (at: number | undefined) => Promise<readonly number[]>): Promise<number> {
  const places = await life(undefined);
  for (const at of places) {
    await life(at).catch((error: unknown) => {
      throw new Error(`cut off at effect ${at} of ${places.at(-1)}`, { cause: error });
    });
  }
  return places.length;
}
