import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { isNeeded } from './links.ts';
import { atDigest, blobLinks, uploads } from './tables.ts';
import type { BlobLinkRow } from './tables.ts';

const HOUR_MS = 60 * 60 * 1000;
const ROWS_AT_A_TIME = 200;

/** How long things that nothing needs are kept for a client that may be about to. */
export interface GracePeriods {
  /** A blob link of no image: a push of many layers may still be on its way to its manifest. */
  readonly linkMs: number;
  /** A blob that no repository links. */
  readonly blobMs: number;
  /** An upload to which nothing was added. */
  readonly uploadMs: number;
}

export const GRACE: GracePeriods = { linkMs: 24 * HOUR_MS, blobMs: HOUR_MS, uploadMs: 24 * HOUR_MS };

export interface Collected {
  readonly links: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly uploads: number;
}

interface Collection {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly blobLocks: KeyedLock;
  readonly log: Log;
  readonly grace: GracePeriods;
  readonly now: number;
}

/**
 * Reclaims space: links that no image of their repository needs, then blobs that no repository links, then uploads
 * that were given up. Safe beside pushes and at any point of a crash:
 * - a link is judged and removed in one transaction; a manifest that comes later finds it missing and is refused, so
 *   its client pushes the blob again;
 * - a blob is judged and removed under the lock that an upload holds from its commit to its link, and mounting needs a
 *   link that is there.
 */
export async function collect(collection: Collection): Promise<Collected> {
  const links = await collectLinks(collection);
  const { blobs, blobBytes } = await collectBlobs(collection);
  const collected = { links, blobs, blobBytes, uploads: await collectUploads(collection) };
  if (Object.values(collected).some((count) => count > 0)) collection.log.info('registry space reclaimed', collected);
  return collected;
}

async function collectLinks({ store, grace, now }: Collection): Promise<number> {
  const isOld = (link: BlobLinkRow) => link.usedAtMs <= now - grace.linkMs;
  let removed = 0;
  for (let after = ''; ;) {
    const page = await store.read((tx) => tx.list(blobLinks, { after, limit: ROWS_AT_A_TIME }));
    if (page.length === 0) return removed;
    const old = page.filter(isOld).map((link) => atDigest(link.repository, link.digest));
    if (old.length > 0) {
      removed += await store.write(async (tx) => {
        let inPage = 0;
        for (const key of old) {
          const link = await tx.get(blobLinks, key);
          if (!link || !isOld(link) || (await isNeeded(tx, link))) continue;
          await tx.delete(blobLinks, key);
          inPage++;
        }
        return inPage;
      });
    }
    const last = page.at(-1);
    if (last) after = atDigest(last.repository, last.digest);
  }
}

async function collectBlobs(collection: Collection): Promise<{ blobs: number; blobBytes: number }> {
  const { store, blobLocks, grace, now } = collection;
  const linked = (digest: string) =>
    store.read((tx) => tx.list(blobLinks, { where: ['digest', digest], limit: 1 })).then((rows) => rows.length > 0);
  let blobs = 0;
  let blobBytes = 0;
  for await (const { digest } of collection.blobs.blobs()) {
    if (await linked(digest)) continue;
    await blobLocks.hold(digest, async () => {
      const blob = await collection.blobs.stat(digest);
      if (!blob || blob.writtenAtMs > now - grace.blobMs || (await linked(digest))) return;
      await collection.blobs.delete(digest);
      blobs++;
      blobBytes += blob.sizeBytes;
    });
  }
  return { blobs, blobBytes };
}

async function collectUploads({ store, blobs, grace, now }: Collection): Promise<number> {
  const limit = now - grace.uploadMs;
  const given = new Set<string>();
  const live = new Set<string>();
  for await (const upload of blobs.uploads()) (upload.touchedAtMs <= limit ? given : live).add(upload.id);
  const rows = await store.read((tx) => tx.list(uploads));
  for (const row of rows) {
    if (row.startedAtMs > limit) given.delete(row.id);
    else if (!live.has(row.id)) given.add(row.id);
  }
  for (const id of given) {
    await blobs.discard(id);
    await store.write((tx) => tx.delete(uploads, id));
  }
  return given.size;
}
