import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Store } from '../../store/store.ts';
import {
  batchIndex,
  chunkKey,
  chunks,
  JOURNAL_KEY,
  journals,
  type ChunkRow,
  type StoredEvent,
} from './event-tables.ts';

/** Writes events as one batch, in one commit: a chunk for each scope. Chunks that are there already are skipped. */
export async function storeBatch(store: Store, events: readonly StoredEvent[]): Promise<void> {
  const made = [...Map.groupBy(events, (one) => scopeKey(scopeOf(one))).values()].map((some) => {
    const scope = scopeOf(some[0] as StoredEvent);
    return { key: chunkKey(scope, some), ...scope, events: some };
  });
  await store.write(async (tx) => {
    const fresh: typeof made = [];
    for (const chunk of made) if (!(await tx.get(chunks, chunk.key))) fresh.push(chunk);
    if (fresh.length === 0) return;
    const journal = (await tx.get(journals, JOURNAL_KEY)) ?? { lastBatch: 0, scopes: [] };
    const batch = journal.lastBatch + 1;
    for (const chunk of fresh) await tx.put(chunks, { ...chunk, batch });
    const scopes = [...new Set([...journal.scopes, ...fresh.map(scopeKey)])];
    await tx.put(journals, { ...journal, lastBatch: batch, scopes });
  });
}

function scopeOf({ event }: StoredEvent): Scope {
  return { account: event.recipientAccountId, region: event.awsRegion };
}

/** The number of the latest batch; 0 before the first. */
export async function lastBatch(store: Store): Promise<number> {
  const journal = await store.read((tx) => tx.get(journals, JOURNAL_KEY));
  return journal?.lastBatch ?? 0;
}

/** What a batch has of each scope; none if retention has removed it. */
export function chunksOf(store: Store, batch: number): Promise<readonly ChunkRow[]> {
  return store.read((tx) => tx.list(chunks, { where: ['batch', batchIndex(batch)] }));
}
