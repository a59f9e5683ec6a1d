import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import { GRACE, collect } from './collect.ts';
import type { Collected, GracePeriods } from './collect.ts';
import { copyImage } from './copy-image.ts';
import * as images from './images.ts';
import { KeyedLock } from './keyed-lock.ts';
import { LayerParts } from './layer-parts.ts';
import { Links } from './links.ts';
import { parseManifest } from './manifest.ts';
import { isRepositoryName, isTag } from './names.ts';
import { isDigest } from './digest.ts';
import { Pulls, pulledAt } from './pulls.ts';
import { requireRepository } from './repository.ts';
import type { RegistryRepository, RepositoryLookup } from './repository.ts';
import { scrub } from './scrub.ts';
import type { ScrubOptions, ScrubReport } from './scrub.ts';
import { Uploads } from './uploads.ts';
import { usageOf } from './usage.ts';
import type { Usage } from './usage.ts';

export interface RegistryOptions {
  readonly store: Store;
  /** What pulls read with: a RowCache of the store. Left out, the store itself. */
  readonly reads?: Pick<Store, 'read'>;
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
  /** Reads of what is asked for often and seldom changes. */
  readonly reads: Pick<Store, 'read'>;
  readonly blobs: BlobStore;
  /** Functions over a transaction. */
  readonly images = { ...images, pulledAt, copyImage };
  readonly links: Links;
  readonly uploads: Uploads;
  readonly pulls: Pulls;
  /** Uploads by ECR's API. */
  readonly parts: LayerParts;
  /** The rules of names and manifests, for those who may import types only. */
  readonly rules = { isDigest, isRepositoryName, isTag, parseManifest };
  readonly #repositories: RepositoryLookup;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #grace: GracePeriods;
  readonly #blobLocks = new KeyedLock();

  constructor(options: RegistryOptions) {
    this.store = options.store;
    this.reads = options.reads ?? options.store;
    this.blobs = options.blobs;
    this.#repositories = options.repositories;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#grace = options.grace ?? GRACE;
    this.links = new Links({ ...options, reads: this.reads });
    this.pulls = new Pulls(options);
    this.uploads = new Uploads({ ...options, blobLocks: this.#blobLocks });
    this.parts = new LayerParts(this.store, this.uploads);
  }

  /** @throws ServiceError RepositoryNotFoundException */
  repository(tx: ReadTx, scope: Scope, name: string): Promise<RegistryRepository> {
    return requireRepository(this.#repositories, tx, scope, name);
  }

  /** Whether the first push to a repository that is not there makes it. */
  createsOnPush(scope: Scope, name: string): Promise<boolean> {
    return this.store.read(async (tx) => (await this.#repositories.createsOnPush?.(tx, scope, name)) ?? false);
  }

  /** Makes a repository for its first push. */
  createOnPush(scope: Scope, name: string): Promise<void> {
    return this.store.write(async (tx) => this.#repositories.createOnPush?.(tx, scope, name, this.#clock.now()));
  }

  /** Reclaims the space of what nothing needs any more. Safe at any time, beside pushes and pulls. */
  collect(options: { readonly dryRun?: boolean } = {}): Promise<Collected> {
    const { store, blobs } = this;
    const now = this.#clock.now();
    return collect({ store, blobs, blobLocks: this.#blobLocks, log: this.#log, grace: this.#grace, now, ...options });
  }

  /** Reads every byte that is stored, and tells what is not as it should be. */
  scrub(options: ScrubOptions = {}): AsyncGenerator<ScrubReport> {
    return scrub(this, { ...options, blobLocks: this.#blobLocks });
  }

  /** What each repository stores, and what all of them take up. */
  usage(): Promise<Usage> {
    return usageOf(this);
  }
}
