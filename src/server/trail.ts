import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { openAuditJournal } from '../services/cloudtrail/index.ts';
import type { AuditJournal } from '../services/cloudtrail/index.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Home } from './home.ts';

/** The audit trail: a store of its own, since it grows with every call, and the journal that fills it. */
export interface Trail {
  readonly events: SqliteStore;
  readonly journal: AuditJournal;
  close(): Promise<void>;
}

export async function openTrail(env: {
  readonly home: Home;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}): Promise<Trail> {
  const { home, clock, ids, log } = env;
  const events = new SqliteStore(join(home.path, 'trail.db'));
  const journal = await openAuditJournal({ folder: join(home.path, 'trail'), store: events, clock, ids, log });
  return {
    events,
    journal,
    async close() {
      await journal.close();
      await events.close();
    },
  };
}
