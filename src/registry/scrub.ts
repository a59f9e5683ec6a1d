import { createHash } from 'node:crypto';
import { RuntimeError, messageOf } from '../kernel/errors.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import { digestOf, parseDigest } from './digest.ts';
import { indexesOf, tagsOf } from './images.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { pagesOf } from './pages.ts';
import { atDigest, blobLinks, manifestBodies, manifests } from './tables.ts';
import type { BlobLinkRow, ManifestRow } from './tables.ts';

const PROGRESS_EVERY_BYTES = 1024 ** 3;

export interface ScrubOptions {
  /** Takes damaged blobs out of sight, so that the next push of the same bytes stores them anew. */
  readonly quarantine?: boolean;
}

/** An image that cannot be pulled whole because of a finding. */
export interface BrokenImage {
  /** `account/region/name` */
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

/**
 * - damaged: the bytes are not those of the digest
 * - unreadable: the medium does not give them
 * - missing: a repository has it, the BlobStore does not
 * - wrong-size: whole, but not as long as the repository says
 */
export interface Finding {
  readonly what: 'blob' | 'manifest';
  readonly problem: 'damaged' | 'unreadable' | 'missing' | 'wrong-size';
  readonly digest: string;
  readonly detail: string;
  readonly images: readonly BrokenImage[];
}

export interface ScrubTotals {
  readonly blobs: number;
  readonly bytes: number;
  readonly manifests: number;
  readonly findings: number;
}

/** Findings as they come, how far it is now and then, and the totals at the end. */
export type ScrubReport =
  | { readonly finding: Finding }
  | { readonly progress: Pick<ScrubTotals, 'blobs' | 'bytes'> }
  | { readonly totals: ScrubTotals };

interface Scrubbed {
  readonly store: Store;
  readonly blobs: BlobStore;
}

type Problem = Pick<Finding, 'problem' | 'detail'>;

/**
 * Reads all that is stored: the bytes of every blob against its digest, every blob that a repository has against the
 * BlobStore, the text of every manifest against its digest. Safe beside pushes, pulls and collections: what one of them
 * removes meanwhile is no finding.
 */
export async function* scrub(
  { store, blobs }: Scrubbed,
  options: ScrubOptions & { readonly blobLocks: KeyedLock },
): AsyncGenerator<ScrubReport> {
  const totals = { blobs: 0, bytes: 0, manifests: 0, findings: 0 };
  let toldBytes = 0;
  for await (const { digest } of blobs.blobs()) {
    const finding = await scrubBlob({ store, blobs }, digest, totals, options);
    if (finding) totals.findings++;
    if (finding) yield { finding };
    if (totals.bytes - toldBytes < PROGRESS_EVERY_BYTES) continue;
    toldBytes = totals.bytes;
    yield { progress: { blobs: totals.blobs, bytes: totals.bytes } };
  }
  for await (const page of pagesOf(store, blobLinks)) {
    for (const link of page) {
      const finding = await scrubLink({ store, blobs }, link);
      if (finding) totals.findings++;
      if (finding) yield { finding };
    }
  }
  for await (const page of pagesOf(store, manifests)) {
    for (const row of page) {
      const finding = await scrubManifest(store, row);
      totals.manifests++;
      if (finding) totals.findings++;
      if (finding) yield { finding };
    }
  }
  yield { totals };
}

async function scrubBlob(
  { store, blobs }: Scrubbed,
  digest: string,
  totals: { blobs: number; bytes: number },
  { quarantine, blobLocks }: ScrubOptions & { readonly blobLocks: KeyedLock },
): Promise<Finding | undefined> {
  const read = await readWhole(blobs, digest);
  if (read === undefined) return undefined;
  totals.blobs++;
  totals.bytes += read.bytes;
  if (!read.problem) return undefined;
  const images = await imagesOf(store, digest);
  if (quarantine) {
    await blobLocks.hold(digest, async () => {
      // A push may have brought it back meanwhile.
      if ((await readWhole(blobs, digest))?.problem) await blobs.quarantine(digest);
    });
  }
  return { what: 'blob', digest, images, ...read.problem };
}

/** Undefined for a blob that is not there any more. */
async function readWhole(
  blobs: BlobStore,
  digest: string,
): Promise<{ readonly bytes: number; readonly problem?: Problem } | undefined> {
  const algorithm = parseDigest(digest)?.algorithm ?? 'sha256';
  const hash = createHash(algorithm);
  let bytes = 0;
  try {
    for await (const chunk of await blobs.read(digest)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === 'gone') return undefined;
    return { bytes, problem: { problem: 'unreadable', detail: messageOf(error) } };
  }
  const actual = `${algorithm}:${hash.digest('hex')}`;
  if (actual === digest) return { bytes };
  return { bytes, problem: { problem: 'damaged', detail: `its ${bytes} bytes have the digest ${actual}` } };
}

async function scrubLink({ store, blobs }: Scrubbed, link: BlobLinkRow): Promise<Finding | undefined> {
  const { digest } = link;
  const problem = problemOf(link, await blobs.stat(digest));
  if (!problem) return undefined;
  const key = atDigest(link.repository, digest);
  return store.read(async (tx) => {
    // A collection removes the link before it removes the blob.
    if (!(await tx.get(blobLinks, key))) return undefined;
    return { what: 'blob', digest, ...problem, images: await imagesWith(tx, link) };
  });
}

function problemOf(link: BlobLinkRow, blob: BlobInfo | undefined): Problem | undefined {
  if (!blob) return { problem: 'missing', detail: `the repository ${link.repository} has it, the disk does not` };
  if (blob.sizeBytes === link.sizeBytes) return undefined;
  return { problem: 'wrong-size', detail: `it has ${blob.sizeBytes} bytes, and ${link.sizeBytes} were pushed` };
}

function scrubManifest(store: Store, { repository, digest }: ManifestRow): Promise<Finding | undefined> {
  const key = atDigest(repository, digest);
  return store.read(async (tx) => {
    const row = await tx.get(manifests, key);
    if (!row) return undefined;
    const body = (await tx.get(manifestBodies, key))?.body;
    if (body !== undefined && digestOf(body, parseDigest(digest)?.algorithm) === digest) return undefined;
    const problem = body === undefined ? 'missing' : 'damaged';
    const detail = body === undefined ? 'its text is not in the store' : 'its text is not what was pushed';
    return { what: 'manifest', problem, digest, detail, images: await withIndexes(tx, row) };
  });
}

/** The images of every repository that are made of this blob. */
function imagesOf(store: Store, digest: string): Promise<readonly BrokenImage[]> {
  return store.read(async (tx) => {
    const links = await tx.list(blobLinks, { where: ['digest', digest] });
    return (await Promise.all(links.map((link) => imagesWith(tx, link)))).flat();
  });
}

async function imagesWith(tx: ReadTx, { repository, digest }: BlobLinkRow): Promise<readonly BrokenImage[]> {
  const rows = await tx.list(manifests, { where: ['blob', atDigest(repository, digest)] });
  return (await Promise.all(rows.map((row) => withIndexes(tx, row)))).flat();
}

/** The image, and the indexes that hold it. */
async function withIndexes(tx: ReadTx, row: ManifestRow): Promise<readonly BrokenImage[]> {
  const { repository } = row;
  const broken = { repository, digest: row.digest, tags: await tagsOf(tx, row) };
  const indexes = await Promise.all(
    (await indexesOf(tx, row)).map(async (digest) => {
      const index = await tx.get(manifests, atDigest(repository, digest));
      return { repository, digest, tags: index ? await tagsOf(tx, index) : [] };
    }),
  );
  return [broken, ...indexes];
}
