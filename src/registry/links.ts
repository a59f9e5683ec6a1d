import type { Clock } from '../kernel/clock.ts';
import type { ReadTx, Store, Stored, WriteTx } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import { requireRepository } from './repository.ts';
import type { RegistryRepository, RepositoryLookup } from './repository.ts';
import { scopeKey } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import { atDigest, blobLinks, manifests } from './tables.ts';
import type { BlobLinkRow } from './tables.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A client that finds a blob does not push it again, so the answer is remembered; but not written down each time. */
const REMEMBER_USE_EVERY_MS = HOUR_MS;

/**
 * Which blobs a repository may serve: those pushed or mounted there. One blob may be linked by many repositories of
 * many accounts; none sees another's.
 */
export class Links {
  readonly #store: Store;
  readonly #reads: Pick<Store, 'read'>;
  readonly #blobs: BlobStore;
  readonly #repositories: RepositoryLookup;
  readonly #clock: Clock;

  constructor(options: {
    store: Store;
    reads: Pick<Store, 'read'>;
    blobs: BlobStore;
    repositories: RepositoryLookup;
    clock: Clock;
  }) {
    this.#store = options.store;
    this.#reads = options.reads;
    this.#blobs = options.blobs;
    this.#repositories = options.repositories;
    this.#clock = options.clock;
  }

  get(tx: ReadTx, repository: RegistryRepository, digest: string): Promise<Stored<BlobLinkRow> | undefined> {
    return tx.get(blobLinks, atDigest(repository.key, digest));
  }

  /**
   * Finds a blob of a repository for a client that may rely on it from now on. One whose bytes are lost is not found, so
   * that the client pushes it again and makes every image of it whole.
   * @throws ServiceError RepositoryNotFoundException
   */
  async use(scope: Scope, name: string, digest: string): Promise<BlobLinkRow | undefined> {
    const link = await this.#reads.read(async (tx) =>
      this.get(tx, await requireRepository(this.#repositories, tx, scope, name), digest),
    );
    if (!link || (await this.#blobs.stat(digest))?.sizeBytes !== link.sizeBytes) return undefined;
    const now = this.#clock.now();
    if (now - link.usedAtMs < REMEMBER_USE_EVERY_MS) return link;
    return this.#store.write(async (tx) => {
      const latest = await tx.get(blobLinks, atDigest(link.repository, digest));
      return latest && tx.put(blobLinks, { ...latest, usedAtMs: now });
    });
  }

  /**
   * Lets `name` serve a blob of the repository `from` as well; answers false if that one has no such blob.
   * @throws ServiceError RepositoryNotFoundException if `name` does not exist
   */
  async mount(scope: Scope, name: string, from: string, digest: string): Promise<boolean> {
    if (!(await this.#blobs.stat(digest))) return false;
    return this.#store.write(async (tx) => {
      const target = await requireRepository(this.#repositories, tx, scope, name);
      if ((await this.#repositories.mayMount?.(tx, scope)) === false) return false;
      const source = await this.#repositories.find(tx, scope, from);
      const link = source && (await this.get(tx, source, digest));
      if (link) await linkBlob(tx, target, { digest, sizeBytes: link.sizeBytes }, this.#clock.now());
      return link !== undefined;
    });
  }

  /** The names of repositories of the account and region that may serve a blob, at most `limit` of them. */
  async holders(scope: Scope, digest: string, limit: number): Promise<string[]> {
    const registry = `${scopeKey(scope)}/`;
    const links = await this.#store.read((tx) =>
      tx.list(blobLinks, { where: ['digest', digest], prefix: registry, limit }),
    );
    return links.map((link) => link.repository.slice(registry.length));
  }

  /**
   * Takes a blob out of a repository, unless an image needs it.
   * @throws ServiceError RepositoryNotFoundException
   */
  remove(scope: Scope, name: string, digest: string): Promise<'removed' | 'unknown' | 'needed'> {
    return this.#store.write(async (tx) => {
      const repository = await requireRepository(this.#repositories, tx, scope, name);
      const link = await this.get(tx, repository, digest);
      if (!link) return 'unknown';
      if (await isNeeded(tx, link)) return 'needed';
      await tx.delete(blobLinks, atDigest(repository.key, digest));
      return 'removed';
    });
  }
}

export async function linkBlob(
  tx: WriteTx,
  repository: RegistryRepository,
  blob: { digest: string; sizeBytes: number },
  now: number,
): Promise<void> {
  const known = await tx.get(blobLinks, atDigest(repository.key, blob.digest));
  const { digest, sizeBytes } = blob;
  await tx.put(blobLinks, { ...known, repository: repository.key, digest, sizeBytes, usedAtMs: now });
}

/** Whether an image of the same repository is made of this blob. */
export async function isNeeded(tx: ReadTx, link: BlobLinkRow): Promise<boolean> {
  const key = atDigest(link.repository, link.digest);
  return (await tx.list(manifests, { where: ['blob', key], limit: 1 })).length > 0;
}
