import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, ServiceError } from '../../kernel/errors.ts';
import type { ReadTx } from '../../store/store.ts';
import type { RegistryClient } from '../client/registry-client.ts';
import { parseDigest } from '../digest.ts';
import type { KeyedLock } from '../keyed-lock.ts';
import { parseManifest } from '../manifest.ts';
import type { Manifest } from '../manifest.ts';
import type { Registry } from '../registry.ts';
import { atDigest, atTag, blobLinks, imports, manifests, tags, upstreamTags } from '../tables.ts';
import type { ImportRow } from '../tables.ts';

/** An index of indexes of indexes is nobody's image. */
const DEEPEST = 4;

interface Source {
  readonly client: RegistryClient;
  /** The upstream's name of it. */
  readonly repository: string;
}

interface Target {
  readonly row: ImportRow;
  readonly source: Source;
}

/** Makes an import an image of its repository: every blob and every manifest it names, then itself and its tags. */
export class ImageImport {
  readonly #registry: Registry;
  readonly #blobLocks: KeyedLock;
  readonly #clock: Clock;

  /** @param options.blobLocks held for `account/region/name@digest` while a blob is stored */
  constructor(options: { registry: Registry; blobLocks: KeyedLock; clock: Clock }) {
    this.#registry = options.registry;
    this.#blobLocks = options.blobLocks;
    this.#clock = options.clock;
  }

  /**
   * Fetches what is missing. What has come stays when something fails, so the next run goes on from there.
   * @throws RuntimeError of the upstream; ServiceError if the repository is gone
   */
  async run(row: ImportRow, source: Source): Promise<void> {
    const manifest = manifestOf(row.body, row.mediaType, row.digest);
    await this.#fetchParts(manifest, { row, source }, 1);
    await this.#put(row, manifest);
  }

  /** Whether all that the import names is here. */
  async isWhole(tx: ReadTx, row: ImportRow): Promise<boolean> {
    const manifest = manifestOf(row.body, row.mediaType, row.digest);
    const here = [
      ...manifest.blobs.map((digest) => tx.get(blobLinks, atDigest(row.repository, digest))),
      ...manifest.manifests.map((digest) => tx.get(manifests, atDigest(row.repository, digest))),
    ];
    return (await Promise.all<unknown>(here)).every((found) => found !== undefined);
  }

  async #fetchParts(manifest: Manifest, target: Target, depth: number): Promise<void> {
    for (const digest of manifest.blobs) await this.#fetchBlob(digest, target);
    for (const digest of manifest.manifests) await this.#fetchChild(digest, target, depth);
  }

  async #fetchBlob(digest: string, { row, source }: Target): Promise<void> {
    const key = atDigest(row.repository, digest);
    const isHere = () => this.#registry.store.read(async (tx) => (await tx.get(blobLinks, key)) !== undefined);
    // Whoever has just stored the last blob still holds it when this runs.
    if (await isHere()) return;
    await this.#blobLocks.hold(key, async () => {
      if (await isHere()) return;
      const blob = await source.client.blob(source.repository, digest);
      if (!blob) throw new RuntimeError('rejected', `The upstream registry does not have the blob ${digest}.`);
      await this.#registry.uploads.whole(row, row.name, digest, blob.body);
    });
  }

  async #fetchChild(digest: string, target: Target, depth: number): Promise<void> {
    const { row, source } = target;
    const key = atDigest(row.repository, digest);
    if (await this.#registry.store.read((tx) => tx.get(manifests, key))) return;
    const remote = await source.client.manifest(source.repository, digest);
    if (!remote) throw new RuntimeError('rejected', `The upstream registry does not have the manifest ${digest}.`);
    if (depth === DEEPEST) throw new RuntimeError('rejected', `The index ${row.digest} is too deep.`);
    const manifest = parseManifest(remote.bytes, remote.mediaType, parseDigest(digest)?.algorithm);
    await this.#fetchParts(manifest, target, depth + 1);
    await this.#put({ ...row, digest }, manifest);
  }

  /** The tags are those that the upstream said last, and that nobody has pushed since. */
  async #put(row: Pick<ImportRow, 'account' | 'region' | 'name' | 'digest'>, manifest: Manifest): Promise<void> {
    const { images, store } = this.#registry;
    const now = this.#clock.now();
    await store.write(async (tx) => {
      const repository = await this.#registry.repository(tx, row, row.name);
      await images.put(tx, repository, manifest, { now });
      const key = atDigest(repository.key, row.digest);
      for (const { tag, checkedAtMs } of await tx.list(upstreamTags, { where: ['image', key] })) {
        const current = await tx.get(tags, atTag(repository.key, tag));
        if (current && current.taggedAtMs > checkedAtMs) continue;
        await images.put(tx, repository, manifest, { tag, now }).catch(keepImmutable);
      }
      await tx.delete(imports, key);
    });
  }
}

function manifestOf(body: string, mediaType: string, digest: string): Manifest {
  return parseManifest(Buffer.from(body), mediaType, parseDigest(digest)?.algorithm);
}

/** A tag that may not move stays with the image that it was first. */
function keepImmutable(error: unknown): void {
  if (!(error instanceof ServiceError) || error.code !== 'ImageTagAlreadyExistsException') throw error;
}
