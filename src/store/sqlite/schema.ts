/**
 *   rows     one JSON document for each row of each table
 *   entries  the index entries of each row: written and deleted with it
 *   changes  what each commit touched, oldest first; another process can tail it
 *   indexed  by which definition of its indexes a table's entries were made; since version 2
 */
export const SCHEMA_VERSION = 2;

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rows (
    tbl TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (tbl, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    tbl TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (tbl, name, value, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (
    sequence INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, deleted INTEGER NOT NULL, indexes TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS indexed (tbl TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
`;

/** An answered write must survive a power cut, hence synchronous=FULL; WAL lets readers go on meanwhile. */
export const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  PRAGMA foreign_keys = OFF;
`;
