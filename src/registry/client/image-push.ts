import { ServiceError } from '../../kernel/errors.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { Registry } from '../registry.ts';
import type { RegistryRepository } from '../repository.ts';
import { atDigest, atTag, blobLinks, tags } from '../tables.ts';
import type { ManifestRow } from '../tables.ts';
import type { RegistryClient } from './registry-client.ts';
import { withReferrer } from './referrers-index.ts';
import { RegistryPush } from './registry-push.ts';

/** A repository of another registry. */
export interface PushTarget {
  readonly client: RegistryClient;
  readonly repository: string;
  /** Names the registry: two pushes to one do not bring the same blob twice. */
  readonly registry: string;
}

interface Pushing extends PushTarget {
  readonly push: RegistryPush;
  readonly from: RegistryRepository;
}

/**
 * Brings images into other registries: what they are made of first, so that nobody sees half of one. What the other has
 * already is not sent, so a push that was cut short goes on where it was.
 */
export class ImagePush {
  readonly #registry: Registry;
  readonly #locks = new KeyedLock();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * Pushes an image, and those of `names` that are its tags still.
   * @throws RuntimeError of the other registry; ServiceError ImageNotFoundException if the image goes meanwhile
   */
  async run(from: RegistryRepository, digest: string, target: PushTarget, names: readonly string[]): Promise<void> {
    const pushing = { ...target, push: new RegistryPush(target.client, target.repository), from };
    await this.#manifest(digest, pushing);
    for (const name of names) await this.#tag(name, digest, pushing);
  }

  async #manifest(digest: string, pushing: Pushing): Promise<void> {
    const { row, body } = await this.#read(digest, pushing.from);
    // What says something about another is pushed again: it may not have been listed before the last end.
    if (row.subject === undefined && (await pushing.push.hasManifest(row))) return;
    for (const blob of row.blobs) await this.#blob(blob, pushing);
    for (const child of row.manifests) await this.#manifest(child, pushing);
    const isListed = await pushing.push.manifest({ ...row, body });
    if (row.subject !== undefined && !isListed) await this.#listReferrer(row, row.subject, pushing);
  }

  /**
   * Keeps the list of referrers that a registry without the referrers API does not keep.
   * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
   */
  async #listReferrer(
    row: ManifestRow,
    subject: string,
    { push, client, registry, repository }: Pushing,
  ): Promise<void> {
    const tag = subject.replace(':', '-');
    await this.#locks.hold(`${registry} ${atTag(repository, tag)}`, async () => {
      const known = await client.manifest(repository, tag);
      const index = withReferrer(known?.bytes.toString('utf8'), row);
      if (index) await push.manifest(index, tag);
    });
  }

  async #blob(digest: string, { push, from, registry, repository }: Pushing): Promise<void> {
    const { store, blobs } = this.#registry;
    const link = await store.read((tx) => tx.get(blobLinks, atDigest(from.key, digest)));
    if (!link) throw gone(digest);
    async function* open(): AsyncGenerator<Uint8Array> {
      yield* await blobs.read(digest);
    }
    await this.#locks.hold(`${registry} ${atDigest(repository, digest)}`, () =>
      push.blob({ digest, sizeBytes: link.sizeBytes, open }),
    );
  }

  /** One after another, and only while it is so here: else a slow push would take a tag back from a later one. */
  async #tag(name: string, digest: string, { push, from, registry, repository }: Pushing): Promise<void> {
    const { store } = this.#registry;
    await this.#locks.hold(`${registry} ${atTag(repository, name)}`, async () => {
      const current = await store.read((tx) => tx.get(tags, atTag(from.key, name)));
      if (current?.digest !== digest) return;
      const { row, body } = await this.#read(digest, from);
      await push.manifest({ ...row, body }, name);
    });
  }

  #read(digest: string, from: RegistryRepository): Promise<{ row: ManifestRow; body: string }> {
    const { store, images } = this.#registry;
    return store.read(async (tx) => {
      const row = await images.find(tx, from, digest);
      if (!row) throw gone(digest);
      return { row, body: await images.bodyOf(tx, row) };
    });
  }
}

function gone(digest: string): ServiceError {
  return new ServiceError('ImageNotFoundException', `${digest} is not here any more`);
}
