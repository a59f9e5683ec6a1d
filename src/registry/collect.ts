import type { Log } from '../kernel/log.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { isNeeded } from './links.ts';
import { pagesOf } from './pages.ts';
import { atDigest, blobLinks, uploads } from './tables.ts';
import type { BlobLinkRow } from './tables.ts';

const HOUR_MS = 60 * 60 * 1000;

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
  readonly uploadBytes: number;
}

interface Collection {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly blobLocks: KeyedLock;
  readonly log: Log;
  readonly grace: GracePeriods;
  readonly now: number;
  /** Only tells what would go. */
  readonly dryRun?: boolean;
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
  const going = await collectLinks(collection);
  const { blobs, blobBytes } = await collectBlobs(collection, going);
  const collected = { links: going.size, blobs, blobBytes, ...(await collectUploads(collection)) };
  const hasWork = Object.values(collected).some((count) => count > 0);
  if (hasWork && !collection.dryRun) collection.log.info('registry space reclaimed', collected);
  return collected;
}

/** Answers the keys of the links that went, or would go. */
async function collectLinks({ store, grace, now, dryRun = false }: Collection): Promise<ReadonlySet<string>> {
  const isOld = (link: BlobLinkRow) => link.usedAtMs <= now - grace.linkMs;
  const going = new Set<string>();
  for await (const page of pagesOf(store, blobLinks)) {
    const unneeded = await store.read((tx) => unneededOf(tx, page.filter(isOld)));
    if (unneeded.length === 0) continue;
    for (const key of dryRun ? unneeded : await removeLinks(store, unneeded, isOld)) going.add(key);
  }
  return going;
}

async function unneededOf(tx: ReadTx, links: readonly BlobLinkRow[]): Promise<readonly string[]> {
  const needed = await Promise.all(links.map((link) => isNeeded(tx, link)));
  return links.filter((_, i) => !needed[i]).map((link) => atDigest(link.repository, link.digest));
}

/** Judges each link again, in the transaction that removes it. */
function removeLinks(
  store: Store,
  keys: readonly string[],
  isOld: (link: BlobLinkRow) => boolean,
): Promise<readonly string[]> {
  return store.write(async (tx) => {
    const removed: string[] = [];
    for (const key of keys) {
      const link = await tx.get(blobLinks, key);
      if (!link || !isOld(link) || (await isNeeded(tx, link))) continue;
      await tx.delete(blobLinks, key);
      removed.push(key);
    }
    return removed;
  });
}

/** @param going links that a dry run has left */
async function collectBlobs(
  collection: Collection,
  going: ReadonlySet<string>,
): Promise<{ blobs: number; blobBytes: number }> {
  const { store, blobLocks, grace, now, dryRun = false } = collection;
  const isLinked = async (digest: string) => {
    const limit = dryRun ? going.size + 1 : 1;
    const links = await store.read((tx) => tx.list(blobLinks, { where: ['digest', digest], limit }));
    return links.some((link) => !dryRun || !going.has(atDigest(link.repository, link.digest)));
  };
  let blobs = 0;
  let blobBytes = 0;
  for await (const { digest } of collection.blobs.blobs()) {
    if (await isLinked(digest)) continue;
    await blobLocks.hold(digest, async () => {
      const blob = await collection.blobs.stat(digest);
      if (!blob || blob.writtenAtMs > now - grace.blobMs || (await isLinked(digest))) return;
      if (!dryRun) await collection.blobs.delete(digest);
      blobs++;
      blobBytes += blob.sizeBytes;
    });
  }
  return { blobs, blobBytes };
}

async function collectUploads(collection: Collection): Promise<{ uploads: number; uploadBytes: number }> {
  const { store, blobs, grace, now, dryRun = false } = collection;
  const limit = now - grace.uploadMs;
  /** What goes, with its bytes. */
  const given = new Map<string, number>();
  const live = new Set<string>();
  for await (const upload of blobs.uploads()) {
    if (upload.touchedAtMs <= limit) given.set(upload.id, upload.sizeBytes);
    else live.add(upload.id);
  }
  const rows = await store.read((tx) => tx.list(uploads));
  for (const row of rows) {
    if (row.startedAtMs > limit) given.delete(row.id);
    else if (!live.has(row.id)) given.set(row.id, given.get(row.id) ?? 0);
  }
  for (const id of dryRun ? [] : given.keys()) {
    await blobs.discard(id);
    await store.write((tx) => tx.delete(uploads, id));
  }
  return { uploads: given.size, uploadBytes: [...given.values()].reduce((sum, bytes) => sum + bytes, 0) };
}
