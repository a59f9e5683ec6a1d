import type { ReadTx, Store, Stored, Table } from './store.ts';

/** In characters of JSON. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** What a row takes besides its text, one that is not there too: strangers may ask for any number of those. */
const OVERHEAD_CHARACTERS = 256;

/** Thrown where memory has no answer; whoever catches errors inside `fn` must pass on what it does not know. */
const MISS = new Error('This row is not in memory.');

interface Kept {
  readonly row: Stored<object> | undefined;
  readonly characters: number;
}

/**
 * A store's reads, from memory where it can be: for what is asked thousands of times a second and seldom changes.
 *
 *   read(fn)   over the rows that were read of late -> one is not there -> over a snapshot, whose rows are kept
 *
 * An answer is of one snapshot, the latest, as with the store itself: a commit takes the rows that it changes out before
 * its writer is answered, and what was read while it happened is read again, or not kept. `fn` may run twice, and must have
 * no effect. Only `get` is answered from memory, of rows that are not there too.
 */
export class RowCache implements Pick<Store, 'read'> {
  readonly #store: Store;
  readonly #mostCharacters: number;
  readonly #stopWatching: () => void;
  /** By table and key, the oldest first. */
  readonly #rows = new Map<string, Kept>();
  readonly #memory: ReadTx;
  #characters = 0;
  /** Counts commits. */
  #generation = 0;

  constructor(store: Store, mostCharacters = MOST_CHARACTERS) {
    this.#store = store;
    this.#mostCharacters = mostCharacters;
    this.#memory = {
      get: async <R extends object>(table: Table<R>, key: string) => {
        const kept = this.#rows.get(nameOf(table.name, key));
        if (!kept) throw MISS;
        return kept.row as Stored<R> | undefined;
      },
      list: () => Promise.reject(MISS),
      project: () => Promise.reject(MISS),
    };
    this.#stopWatching = store.watch((changes) => {
      this.#generation += 1;
      for (const { table, key } of changes) this.#drop(nameOf(table, key));
    });
  }

  async read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T> {
    const generation = this.#generation;
    try {
      const answer = await fn(this.#memory);
      if (generation === this.#generation) return answer;
    } catch (error) {
      if (error !== MISS && generation === this.#generation) throw error;
    }
    return this.#readThrough(fn);
  }

  close(): void {
    this.#stopWatching();
    this.#rows.clear();
  }

  #readThrough<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T> {
    const generation = this.#generation;
    const seen = new Map<string, Stored<object> | undefined>();
    return this.#store.read(async (tx) => {
      const answer = await fn({
        get: async (table, key) => {
          const row = await tx.get(table, key);
          seen.set(nameOf(table.name, key), row);
          return row;
        },
        list: (table, query) => tx.list(table, query),
        project: (projection, key, use) => tx.project(projection, key, use),
      });
      if (generation === this.#generation) for (const [name, row] of seen) this.#keep(name, row);
      return answer;
    });
  }

  #keep(name: string, row: Stored<object> | undefined): void {
    this.#drop(name);
    const characters = OVERHEAD_CHARACTERS + name.length + (row ? JSON.stringify(row).length : 0);
    this.#rows.set(name, { row, characters });
    this.#characters += characters;
    for (const oldest of this.#rows.keys()) {
      if (this.#characters <= this.#mostCharacters) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    this.#characters -= this.#rows.get(name)?.characters ?? 0;
    this.#rows.delete(name);
  }
}

function nameOf(table: string, key: string): string {
  return `${table} ${key}`;
}
