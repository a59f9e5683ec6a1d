import { Conflict } from '../../kernel/errors.ts';
import type { Projections, Seen } from '../projections.ts';
import type { Change, Projection, Query, ReadTx, Stored, Table, WriteTx } from '../store.ts';
import type { Connection } from './connection.ts';
import { addEntry, indexValues } from './entries.ts';

/** A transaction must not be used after its end: a forgotten `await` would read or write outside it. */
class Guard {
  #ended = false;

  end(): void {
    this.#ended = true;
  }

  check(): void {
    if (this.#ended) throw new Error('This transaction has ended: a call to it was not awaited.');
  }
}

/** What transactions share, and where one stands among them. */
export interface Standing {
  readonly projections: Projections;
  /** Left out: it sees the commits of its snapshot. */
  readonly seen?: () => Seen;
}

export class SqliteReadTx implements ReadTx {
  protected readonly connection: Connection;
  protected readonly guard = new Guard();
  readonly #standing: Standing;

  constructor(connection: Connection, standing: Standing) {
    this.connection = connection;
    this.#standing = standing;
  }

  end(): void {
    this.guard.end();
  }

  async get<R extends object>(table: Table<R>, key: string): Promise<Stored<R> | undefined> {
    this.guard.check();
    const found = this.connection
      .prepare('SELECT revision, json FROM rows WHERE tbl = ? AND key = ?')
      .get(table.name, key);
    return found ? parseRow<R>(found) : undefined;
  }

  async list<R extends object>(table: Table<R>, query: Query<R> = {}): Promise<Stored<R>[]> {
    this.guard.check();
    if (query.where && !(query.where[0] in table.indexes)) {
      throw new Error(`Table ${table.name} has no index '${query.where[0]}'.`);
    }
    const { sql, parameters } = selectOf(table.name, query);
    return this.connection
      .prepare(sql)
      .all(...parameters)
      .map((row) => parseRow<R>(row));
  }

  async project<P, T>(projection: Projection<P>, key: string, use: (value: P) => T): Promise<T> {
    this.guard.check();
    const { projections, seen } = this.#standing;
    return projections.use(this, seen ?? (() => this.#snapshot()), { projection, key, use });
  }

  #snapshot(): Seen {
    const last = this.connection.prepare('SELECT max(sequence) AS last FROM changes').get()?.['last'];
    return { committed: Number(last ?? 0), pending: [] };
  }
}

export class SqliteWriteTx extends SqliteReadTx implements WriteTx {
  readonly changes: Change[] = [];
  readonly #nextSequence: () => number;
  readonly #before: Seen;

  /** @param before what it sees besides its own changes */
  constructor(connection: Connection, nextSequence: () => number, projections: Projections, before: Seen) {
    super(connection, { projections, seen: () => this.seen() });
    this.#before = before;
    this.#nextSequence = nextSequence;
  }

  seen(): Seen {
    return { committed: this.#before.committed, pending: [...this.#before.pending, ...this.changes] };
  }

  async put<R extends object>(table: Table<R>, row: R | Stored<R>): Promise<Stored<R>> {
    this.guard.check();
    const key = table.key(row);
    const before = await this.get(table, key);
    const expected = 'revision' in row ? row.revision : undefined;
    if (before?.revision !== expected) {
      throw new Conflict(`Row ${key} of ${table.name} is at revision ${before?.revision}, not ${String(expected)}.`);
    }
    const { revision: _stale, ...fields } = row as Stored<R>;
    const change = this.#record(table, key, before, row);
    this.connection
      .prepare('INSERT OR REPLACE INTO rows (tbl, key, revision, json) VALUES (?, ?, ?, ?)')
      .run(table.name, key, change.sequence, JSON.stringify(fields));
    this.#index(table, key, before, row);
    return { ...(fields as R), revision: change.sequence };
  }

  async delete<R extends object>(table: Table<R>, key: string): Promise<void> {
    this.guard.check();
    const before = await this.get(table, key);
    if (!before) return;
    this.#record(table, key, before, undefined);
    this.connection.prepare('DELETE FROM rows WHERE tbl = ? AND key = ?').run(table.name, key);
    this.#index(table, key, before, undefined);
  }

  #record<R extends object>(table: Table<R>, key: string, before: R | undefined, after: R | undefined): Change {
    const indexes: Record<string, string[]> = {};
    for (const name of Object.keys(table.indexes)) {
      indexes[name] = [...new Set([...indexValues(table, name, before), ...indexValues(table, name, after)])];
    }
    const change = { sequence: this.#nextSequence(), table: table.name, key, deleted: after === undefined, indexes };
    this.connection
      .prepare('INSERT INTO changes (sequence, tbl, key, deleted, indexes) VALUES (?, ?, ?, ?, ?)')
      .run(change.sequence, table.name, key, change.deleted ? 1 : 0, JSON.stringify(indexes));
    this.changes.push(change);
    return change;
  }

  #index<R extends object>(table: Table<R>, key: string, before: R | undefined, after: R | undefined): void {
    for (const name of Object.keys(table.indexes)) {
      const old = new Set(indexValues(table, name, before));
      const now = new Set(indexValues(table, name, after));
      for (const value of old.difference(now)) {
        this.connection
          .prepare('DELETE FROM entries WHERE tbl = ? AND name = ? AND value = ? AND key = ?')
          .run(table.name, name, value, key);
      }
      for (const value of now.difference(old)) addEntry(this.connection, [table.name, name, value, key]);
    }
  }
}

function parseRow<R>(found: Record<string, unknown>): Stored<R> {
  const row: R = JSON.parse(String(found['json']));
  return { ...row, revision: Number(found['revision']) };
}

function selectOf<R>(tableName: string, query: Query<R>): { sql: string; parameters: (string | number)[] } {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const from = query.where
    ? 'entries JOIN rows ON rows.tbl = entries.tbl AND rows.key = entries.key WHERE entries.tbl = ? AND entries.name = ? AND entries.value = ?'
    : 'rows WHERE rows.tbl = ?';
  parameters.push(tableName, ...(query.where ?? []));
  const key = query.where ? 'entries.key' : 'rows.key';
  if (query.prefix !== undefined) {
    conditions.push(`AND ${key} >= ? AND ${key} < ?`);
    parameters.push(query.prefix, `${query.prefix}\u{10ffff}`);
  }
  if (query.after !== undefined) {
    conditions.push(`AND ${key} > ?`);
    parameters.push(query.after);
  }
  const limit = query.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(query.limit))}`;
  return {
    sql: `SELECT rows.revision, rows.json FROM ${from} ${conditions.join(' ')} ORDER BY ${key}${limit}`,
    parameters,
  };
}
