import { declaredTables } from '../store.ts';
import type { Connection } from './connection.ts';
import { renewEntries } from './entries.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** Brings the file to this version's schema and index entries. A file of a newer version is refused. */
export function migrate(connection: Connection): void {
  const found = connection.prepare('PRAGMA user_version').get()?.['user_version'];
  if (typeof found === 'number' && found > SCHEMA_VERSION) {
    throw new Error(
      `The store has schema version ${found}, and this server knows ${SCHEMA_VERSION} at most: start a newer Longshore, or restore a backup.`,
    );
  }
  connection.exec(SCHEMA);
  connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  renewEntries(connection, declaredTables());
}
