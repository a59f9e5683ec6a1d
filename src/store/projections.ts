import type { Change, Projection, ReadTx, RowKey } from './store.ts';

/** Commits that a transaction may be behind by, counted in their changes, without looking at everything anew. */
const LOG_LENGTH = 1024;
/** Rows that may have changed since a projection was last used: more cost as much as all of them. */
const MOST_STALE = 20_000;
/** The least recently used go first. */
const MOST_KEPT = 64;

/** Which changes a transaction sees. */
export interface Seen {
  /** The sequence of the last commit. */
  readonly committed: number;
  /** Its own, and those of writes that share its commit: all of them may still be undone. */
  readonly pending: readonly Change[];
}

interface Stale extends RowKey {
  /** Of the commit that changed it last; 0 where it was read from a transaction that may be undone. */
  readonly sequence: number;
}

interface Kept {
  readonly projection: Projection<any>;
  readonly key: string;
  value?: { readonly of: any };
  /** Rows of which it may say something else than the last commit. */
  readonly stale: Map<string, Stale>;
  /** What was committed of late, all of it after `logFrom`. */
  log: Stale[];
  logFrom: number;
  /** Ends with whoever uses it now, and those who wait. */
  turn: Promise<void>;
}

interface Wanted<P, T> {
  readonly projection: Projection<P>;
  readonly key: string;
  readonly use: (value: P) => T;
}

/**
 * Keeps projections, and has each say for whoever uses it just what their transaction sees:
 *
 *   commits      mark the rows that they change as stale
 *   a use        reads again what is stale, what its transaction sees uncommitted, and what was committed after it
 *   after it     stale is what was uncommitted or committed after it: that may be otherwise for the next one
 *
 * So a write that is undone leaves nothing, and neither does a reader of an older snapshot. One user at a time.
 */
export class Projections {
  readonly #kept = new Map<string, Kept>();
  #committed: number;

  /** @param committed the sequence of the last commit */
  constructor(committed: number) {
    this.#committed = committed;
  }

  /** In the same turn of the event loop as the commit, before anybody can read it. */
  commit(changes: readonly Change[]): void {
    this.#committed = changes.at(-1)?.sequence ?? this.#committed;
    for (const [name, kept] of this.#kept) {
      for (const change of changesFor(kept, changes)) {
        const { sequence, table, key } = change;
        kept.stale.set(nameOf(change), { sequence, table, key });
        kept.log.push({ sequence, table, key });
      }
      if (kept.stale.size > MOST_STALE) this.#kept.delete(name);
      if (kept.log.length <= 2 * LOG_LENGTH) continue;
      kept.logFrom = kept.log.at(-LOG_LENGTH - 1)?.sequence ?? this.#committed;
      kept.log = kept.log.slice(-LOG_LENGTH);
    }
  }

  /**
   * @param seen answers what the transaction sees now
   * @throws what the projection or its user throws; it is made anew for the next one then
   */
  async use<P, T>(tx: ReadTx, seen: () => Seen, wanted: Wanted<P, T>): Promise<T> {
    const { projection, key, use } = wanted;
    const name = `${projection.name} ${key}`;
    const { committed } = seen();
    const known = this.#kept.get(name);
    // What was committed between an older snapshot and now was told to nobody.
    if (known ? committed < known.logFrom : committed !== this.#committed) return use(await projection.build(tx, key));
    const kept = known ?? { projection, key, stale: new Map(), log: [], logFrom: committed, turn: Promise.resolve() };
    this.#keep(name, kept);
    const { resolve: end, promise } = Promise.withResolvers<void>();
    const before = kept.turn;
    kept.turn = promise;
    await before;
    try {
      const isKept = this.#kept.get(name) === kept && committed >= kept.logFrom;
      if (isKept) return use(await refreshed(kept, tx, seen));
    } catch (error) {
      // It may have stopped half-way.
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
      throw error;
    } finally {
      end();
    }
    return this.use(tx, seen, wanted);
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

async function refreshed(kept: Kept, tx: ReadTx, seen: () => Seen): Promise<any> {
  const { committed, pending } = seen();
  const uncommitted = changesFor(kept, pending);
  const { projection, key, stale } = kept;
  const late = later(kept, committed);
  if (!kept.value) kept.value = { of: await projection.build(tx, key) };
  else {
    const rows = new Map<string, RowKey>(stale);
    for (const row of [...late, ...uncommitted]) rows.set(nameOf(row), row);
    if (rows.size > 0) await projection.refresh(tx, kept.value.of, [...rows.values()]);
  }
  for (const [name, row] of stale) if (row.sequence <= committed) stale.delete(name);
  // Looked up again: there may have been commits meanwhile.
  for (const row of [...late, ...later(kept, committed)]) stale.set(nameOf(row), row);
  for (const { table, key: changed } of uncommitted) {
    const row = { table, key: changed, sequence: 0 };
    stale.set(nameOf(row), row);
  }
  return kept.value.of;
}

function changesFor({ projection, key }: Kept, changes: readonly Change[]): readonly Change[] {
  return changes.filter((change) => projection.keys(change).includes(key));
}

function later({ log }: Kept, committed: number): readonly Stale[] {
  const last = log.at(-1);
  return last && last.sequence > committed ? log.filter(({ sequence }) => sequence > committed) : [];
}

function nameOf({ table, key }: RowKey): string {
  return `${table} ${key}`;
}
