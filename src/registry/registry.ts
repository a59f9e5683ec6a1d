import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import { GRACE, collect } from './collect.ts';
import type { Collected, GracePeriods } from './collect.ts';
import * as images from './images.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Links } from './links.ts';
import { parseManifest } from './manifest.ts';
import { isRepositoryName, isTag } from './names.ts';
import { isDigest } from './digest.ts';
import { requireRepository } from './repository.ts';
import type { RegistryRepository, RepositoryLookup } from './repository.ts';
import { Uploads } from './uploads.ts';

export interface RegistryOptions {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly repositories: RepositoryLookup;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly grace?: GracePeriods;
}

/**
 * The images of every repository of every account and region: what the distribution protocol (http/) and ECR's API
 * (services/ecr) both stand on.
 *
 *   tag -> manifest -> manifests (an index), blobs (config, layers)      rows, checked in one transaction
 *                        blob <- link <- repository                     rows: who may see what
 *                        blob                                           bytes, once, in the BlobStore
 */
export class Registry {
  readonly store: Store;
  readonly blobs: BlobStore;
  /** Functions over a transaction. */
  readonly images = images;
  readonly links: Links;
  readonly uploads: Uploads;
  /** The rules of names and manifests, for those who may import types only. */
  readonly rules = { isDigest, isRepositoryName, isTag, parseManifest };
  readonly #repositories: RepositoryLookup;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #grace: GracePeriods;
  readonly #blobLocks = new KeyedLock();

  constructor(options: RegistryOptions) {
    this.store = options.store;
    this.blobs = options.blobs;
    this.#repositories = options.repositories;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#grace = options.grace ?? GRACE;
    this.links = new Links(options);
    this.uploads = new Uploads({ ...options, blobLocks: this.#blobLocks });
  }

  /** @throws ServiceError RepositoryNotFoundException */
  repository(tx: ReadTx, scope: Scope, name: string): Promise<RegistryRepository> {
    return requireRepository(this.#repositories, tx, scope, name);
  }

  /** Reclaims the space of what nothing needs any more. Safe at any time, beside pushes and pulls. */
  collect(): Promise<Collected> {
    const { store, blobs } = this;
    const now = this.#clock.now();
    return collect({ store, blobs, blobLocks: this.#blobLocks, log: this.#log, grace: this.#grace, now });
  }
}
