/**
 * Rows, transactions and changes.
 *
 *   read(fn)   a consistent snapshot; the type lets nobody write
 *   write(fn)  one transaction after another; durable once answered
 *   watch(fn)  the keys that a commit changed, after it is durable
 *   project    what is kept in memory of many rows, as a transaction sees them
 *
 * Rows are plain JSON values. Each carries the `revision` of the commit that wrote it; a `put` of a stale row
 * throws `Conflict`. Changes are appended in the same transaction, so another process can tail them.
 */
export interface Store {
  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>;
  /** Callers run a write that threw `Conflict` again from the start, so `fn` must have no effect but through `tx`. */
  write<T>(fn: (tx: WriteTx) => Promise<T>): Promise<T>;
  /** Calls `onCommit` after each commit with what it changed; the answer stops it. */
  watch(onCommit: (changes: readonly Change[]) => void): () => void;
  close(): Promise<void>;
}

export interface ReadTx {
  get<R extends object>(table: Table<R>, key: string): Promise<Stored<R> | undefined>;
  /** Rows in ascending order of key. */
  list<R extends object>(table: Table<R>, query?: Query<R>): Promise<Stored<R>[]>;
  /**
   * What a projection says of the rows that this transaction sees, its own writes included. `use` waits for nothing, and
   * leaves the value as it found it.
   */
  project<P, T>(projection: Projection<P>, key: string, use: (value: P) => T): Promise<T>;
}

export interface WriteTx extends ReadTx {
  /**
   * Inserts a row without a revision (`Conflict` if the key is taken), or replaces the one that was read with that
   * revision (`Conflict` if it has moved on). Answers the row with its new revision.
   */
  put<R extends object>(table: Table<R>, row: R | Stored<R>): Promise<Stored<R>>;
  /** Deleting what is not there is no error. */
  delete<R extends object>(table: Table<R>, key: string): Promise<void>;
}

export type Stored<R> = R & { readonly revision: number };

export interface Query<R> {
  /** Only rows whose index has this value. */
  readonly where?: readonly [index: IndexName<R>, value: string];
  /** Only rows whose key begins so. */
  readonly prefix?: string;
  /** Only rows whose key is greater. */
  readonly after?: string;
  readonly limit?: number;
}

type IndexName<_R> = string;

/** A kind of row. `name` is `service.plural`, e.g. `ecs.clusters`; index values are strings, or undefined for none. */
export interface Table<R extends object> {
  readonly name: string;
  readonly key: (row: R) => string;
  readonly indexes: Readonly<Record<string, (row: R) => string | readonly string[] | undefined>>;
}

export function table<R extends object>(
  name: string,
  key: (row: R) => string,
  indexes: Table<R>['indexes'] = {},
): Table<R> {
  const declared = { name, key, indexes };
  tables.set(name, declared);
  return declared;
}

const tables = new Map<string, Table<never>>();

/** The tables of the modules that are loaded: a store that opens looks whether its indexes are still theirs. */
export function declaredTables(): readonly Table<never>[] {
  return [...tables.values()];
}

/** What a commit did to one row: its key and its index values before and after, never the row itself. */
export interface Change {
  readonly sequence: number;
  readonly table: string;
  readonly key: string;
  readonly deleted: boolean;
  readonly indexes: Readonly<Record<string, readonly string[]>>;
}

export type RowKey = Pick<Change, 'table' | 'key'>;

/**
 * What is kept in memory of many rows between transactions: made of them once, and from then on told which have changed.
 * There is one for each key. It is a cache: nothing of it outlives the process.
 */
export interface Projection<P> {
  /** `service.plural`, like a table's. */
  readonly name: string;
  /** The keys of those that a change concerns. */
  keys(change: Change): readonly string[];
  build(tx: ReadTx, key: string): Promise<P>;
  /** Brings the value to what the transaction sees of these rows, some of which may be as they were, or be gone. */
  refresh(tx: ReadTx, value: P, rows: readonly RowKey[]): Promise<void>;
}
