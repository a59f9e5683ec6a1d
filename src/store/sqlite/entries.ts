import { createHash } from 'node:crypto';
import type { Table } from '../store.ts';
import type { Connection } from './connection.ts';

/** The values of a row in one index of its table. */
export function indexValues<R extends object>(table: Table<R>, name: string, row: R | undefined): readonly string[] {
  const value = row === undefined ? undefined : table.indexes[name]?.(row);
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

export function addEntry(
  connection: Connection,
  entry: readonly [table: string, index: string, value: string, key: string],
): void {
  connection.prepare('INSERT OR IGNORE INTO entries (tbl, name, value, key) VALUES (?, ?, ?, ?)').run(...entry);
}

/**
 * Makes the entries of tables anew whose indexes another version of the program defined otherwise: rows that it wrote are
 * found by what this one asks for. All or nothing.
 */
export function renewEntries(connection: Connection, tables: readonly Table<never>[]): void {
  const known = new Map(
    connection
      .prepare('SELECT tbl, definition FROM indexed')
      .all()
      .map((row) => [String(row['tbl']), String(row['definition'])]),
  );
  const changed = tables.filter((table) => known.get(table.name) !== definitionOf(table));
  if (changed.length === 0) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const table of changed) renewTable(connection, table);
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

function renewTable(connection: Connection, table: Table<never>): void {
  connection.prepare('DELETE FROM entries WHERE tbl = ?').run(table.name);
  for (const { key, json } of connection.prepare('SELECT key, json FROM rows WHERE tbl = ?').iterate(table.name)) {
    const row: never = JSON.parse(String(json)) as never;
    for (const name of Object.keys(table.indexes)) {
      for (const value of indexValues(table, name, row)) addEntry(connection, [table.name, name, value, String(key)]);
    }
  }
  connection
    .prepare('INSERT OR REPLACE INTO indexed (tbl, definition) VALUES (?, ?)')
    .run(table.name, definitionOf(table));
}

/** Changes with the text of an index; one whose meaning changes elsewhere needs another name. */
function definitionOf(table: Table<never>): string {
  const indexes = Object.entries(table.indexes).map(([name, valueOf]) => [name, String(valueOf)]);
  return createHash('sha256').update(JSON.stringify(indexes)).digest('base64');
}
