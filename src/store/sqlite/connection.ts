import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { declaredTables } from '../store.ts';
import { renewEntries } from './entries.ts';
import { PRAGMAS, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** One SQLite connection with its prepared statements. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, options: { create: boolean }) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(PRAGMAS);
    if (options.create) this.#migrate();
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #migrate(): void {
    const found = this.#database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (typeof found === 'number' && found > SCHEMA_VERSION) {
      throw new Error(
        `The store has schema version ${found}, and this server knows ${SCHEMA_VERSION} at most: start a newer Longshore, or restore a backup.`,
      );
    }
    this.#database.exec(SCHEMA);
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    renewEntries(this, declaredTables());
  }
}
