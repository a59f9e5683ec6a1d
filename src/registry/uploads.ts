import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { RuntimeError, ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ReadTx, Store } from '../store/store.ts';
import { DigestMismatch } from './blob-store.ts';
import type { BlobStore } from './blob-store.ts';
import { KeyedLock } from './keyed-lock.ts';
import { linkBlob } from './links.ts';
import { requireRepository } from './repository.ts';
import type { RegistryRepository, RepositoryLookup } from './repository.ts';
import { uploads } from './tables.ts';

/** Names an upload: an id alone does not open one of another repository. */
export interface UploadName {
  readonly scope: Scope;
  readonly repository: string;
  readonly id: string;
}

/** Bytes that a client sends. `start` is where it says they begin; left out, they follow what is there. */
export interface Part {
  readonly body: AsyncIterable<Uint8Array>;
  readonly start?: number | undefined;
}

/**
 * Blobs on their way into a repository.
 *
 *   start -> append* -> complete -> the blob is durable, then linked: only now can anyone see it
 *       `-> cancel, or nothing for a day: collected
 */
export class Uploads {
  readonly #store: Store;
  readonly #blobs: BlobStore;
  readonly #repositories: RepositoryLookup;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #blobLocks: KeyedLock;
  readonly #uploadLocks = new KeyedLock();

  /** @param options.blobLocks held for a digest from the commit of its bytes until they are linked: see collect.ts */
  constructor(options: {
    store: Store;
    blobs: BlobStore;
    repositories: RepositoryLookup;
    clock: Clock;
    ids: Ids;
    blobLocks: KeyedLock;
  }) {
    this.#store = options.store;
    this.#blobs = options.blobs;
    this.#repositories = options.repositories;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#blobLocks = options.blobLocks;
  }

  /** @throws ServiceError RepositoryNotFoundException */
  start(scope: Scope, repository: string): Promise<string> {
    const id = this.#ids.uuid();
    const now = this.#clock.now();
    return this.#store.write(async (tx) => {
      const { key } = await requireRepository(this.#repositories, tx, scope, repository);
      await tx.put(uploads, { id, repository: key, startedAtMs: now });
      return id;
    });
  }

  /**
   * Bytes so far.
   * @throws ServiceError UploadNotFoundException, RepositoryNotFoundException
   */
  async size(name: UploadName): Promise<number> {
    await this.#require(name);
    return this.#blobs.uploadSize(name.id);
  }

  /**
   * Adds a part; answers the bytes so far.
   * @throws ServiceError UploadNotFoundException, RepositoryNotFoundException; InvalidLayerPartException if the part
   *   does not begin where the upload ends
   */
  append(name: UploadName, part: Part): Promise<number> {
    return this.#alone(name, () => this.#append(name, part));
  }

  /**
   * Adds a last part, if any, and makes the bytes a blob of the repository. If they are not what `digest` says, the
   * upload is over.
   * @throws ServiceError as append does; InvalidLayerException
   */
  complete(name: UploadName, digest: string, part?: Part): Promise<void> {
    return this.#alone(name, async () => {
      if (part) await this.#append(name, part);
      await this.#publish(name, digest);
    });
  }

  /**
   * Takes a blob in whole, in one request.
   * @throws ServiceError RepositoryNotFoundException, InvalidLayerException
   */
  async whole(scope: Scope, repository: string, digest: string, body: Part['body']): Promise<void> {
    const id = await this.start(scope, repository);
    try {
      await this.complete({ scope, repository, id }, digest, { body });
    } catch (error) {
      await this.#drop(id);
      throw error;
    }
  }

  /** @throws ServiceError UploadNotFoundException, RepositoryNotFoundException */
  cancel(name: UploadName): Promise<void> {
    return this.#alone(name, () => this.#drop(name.id));
  }

  async #append(name: UploadName, part: Part): Promise<number> {
    const size = await this.#blobs.uploadSize(name.id);
    if (part.start !== undefined && part.start !== size) {
      throw new ServiceError(
        'InvalidLayerPartException',
        `The layer part must begin at byte ${size}, the end of what was received, not at byte ${part.start}`,
        { members: { uploadId: name.id, repositoryName: name.repository, lastValidByteReceived: size - 1 } },
      );
    }
    return this.#blobs.append(name.id, size, part.body).catch(async (error: unknown) => {
      // A part that the client cut short stays and can be gone on with; a full disk is better off without it.
      if (error instanceof RuntimeError) await this.#giveUp(name.id);
      throw error;
    });
  }

  #publish(name: UploadName, digest: string): Promise<void> {
    return this.#blobLocks.hold(digest, async () => {
      const blob = await this.#blobs.commit(name.id, digest).catch(async (error: unknown) => {
        // After a failed fsync nobody knows which bytes are durable, so a second try could only pretend.
        if (error instanceof RuntimeError) await this.#giveUp(name.id);
        if (!(error instanceof DigestMismatch)) throw error;
        await this.#drop(name.id);
        throw new ServiceError(
          'InvalidLayerException',
          `The layer's bytes have the digest '${error.actual}', which does not match the specified digest '${digest}'`,
        );
      });
      await this.#store.write(async (tx) => {
        const repository = await this.#repositoryOf(tx, name);
        await linkBlob(tx, repository, blob, this.#clock.now());
        await tx.delete(uploads, name.id);
      });
    });
  }

  /** One request at a time: a second one, of a client that gave up on the first, is told to come again. */
  async #alone<T>(name: UploadName, fn: () => Promise<T>): Promise<T> {
    await this.#require(name);
    if (this.#uploadLocks.isHeld(name.id)) {
      throw new ServiceError('UploadInUse', `The upload '${name.id}' is being written by another request`);
    }
    return this.#uploadLocks.hold(name.id, fn);
  }

  async #require(name: UploadName): Promise<void> {
    await this.#store.read((tx) => this.#repositoryOf(tx, name));
  }

  async #repositoryOf(tx: ReadTx, name: UploadName): Promise<RegistryRepository> {
    const repository = await requireRepository(this.#repositories, tx, name.scope, name.repository);
    if ((await tx.get(uploads, name.id))?.repository === repository.key) return repository;
    throw new ServiceError(
      'UploadNotFoundException',
      `The upload with id '${name.id}' does not exist within the repository with name '${name.repository}' in the registry with id '${name.scope.account}'`,
    );
  }

  /** The medium's failure is what the client must hear of, whatever else fails now; what stays is collected. */
  async #giveUp(id: string): Promise<void> {
    await this.#drop(id).catch(() => {});
  }

  /** The file first: a row without a file is an upload of no bytes, a file without a row would be in nobody's way. */
  async #drop(id: string): Promise<void> {
    await this.#blobs.discard(id);
    await this.#store.write((tx) => tx.delete(uploads, id));
  }
}
