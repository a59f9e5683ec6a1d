import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, ServiceError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { ReadTx } from '../../store/store.ts';
import type { RemoteBlob } from '../client/registry-client.ts';
import { UpstreamClients } from './upstream-clients.ts';
import { isDigest, parseDigest } from '../digest.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { parseManifest } from '../manifest.ts';
import type { Registry } from '../registry.ts';
import { atDigest, atTag, blobLinks, imports, manifests, tags, upstreamTags } from '../tables.ts';
import type { ImportRow, UpstreamTagRow } from '../tables.ts';
import { ImageImport } from './image-import.ts';
import { streamAndStore } from './stream-and-store.ts';
import { PullRefused } from './upstream.ts';
import type { CachedManifest, Pull, Upstream, UpstreamCredentials, Upstreams } from './upstream.ts';

/** How long a tag is taken for what it was: ECR asks the upstream registry at most once in 24 hours. */
const TAG_LIFE_MS = 24 * 60 * 60 * 1000;
/** How long an upstream that failed is left alone while there is something to serve instead. */
const RETRY_MS = 5 * 60 * 1000;

export interface PullThroughCacheOptions {
  readonly registry: Registry;
  readonly upstreams: Upstreams;
  /** Left out, there are none, and a rule that wants some fails. */
  readonly credentials?: UpstreamCredentials;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly upstream: Upstream;
  readonly hasRepository: boolean;
  /** The digest of the image that is wholly here. */
  readonly stored?: string | undefined;
  /** The image that is on its way here. */
  readonly arriving?: ImportRow | undefined;
  /** What the upstream's tag was. */
  readonly said?: UpstreamTagRow | undefined;
}

/**
 * Repositories that are caches of other registries' repositories.
 *
 *   manifest   not here, or its tag not asked for in a day -> fetched, written down as an import, served at once
 *   blob       of an import -> streamed to the client and stored on the way
 *   complete   fetches what no client has asked for, then the image is one like any other
 *
 * A tag that somebody pushed here is never replaced by the upstream's. When the upstream does not answer, what is here
 * is served. https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export class PullThroughCache {
  readonly #registry: Registry;
  readonly #upstreams: Upstreams;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #clients: UpstreamClients;
  readonly #blobLocks = new KeyedLock();
  readonly #closing = new AbortController();
  readonly #imports: ImageImport;

  constructor({ registry, upstreams, credentials, clock, log }: PullThroughCacheOptions) {
    this.#registry = registry;
    this.#upstreams = upstreams;
    this.#clock = clock;
    this.#log = log;
    this.#clients = new UpstreamClients({ credentials, clock, signal: this.#closing.signal });
    this.#imports = new ImageImport({ registry, blobLocks: this.#blobLocks, clock });
  }

  /**
   * The manifest to serve; undefined where the registry shall answer from what it has.
   * @throws PullRefused
   * @throws RuntimeError if the upstream fails and nothing is here; ServiceError if it refuses
   */
  async manifest(pull: Pull, reference: string): Promise<CachedManifest | undefined> {
    const known = await this.#registry.reads.read((tx) => this.#known(tx, pull, reference));
    if (!known || this.#isCurrent(known, reference)) return known?.arriving;
    const { stored, arriving } = known;
    const refused = await this.#refusal(pull, known);
    if (refused !== undefined) {
      if (stored !== undefined || arriving) return arriving;
      throw new PullRefused(refused);
    }
    try {
      return await this.#fetchManifest(pull, reference, known);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      const why = { repository: pull.name, reference, reason: messageOf(error) };
      if (stored === undefined && !arriving) throw unavailable(error, pull.name);
      this.#log.warn('an upstream registry failed: the cached image is served', why);
      await this.#keepFresh(pull, reference, RETRY_MS);
      return arriving;
    }
  }

  /**
   * A blob to stream; undefined where the registry shall answer from what it has.
   * @throws as manifest does
   */
  async blob(pull: Pull, digest: string): Promise<RemoteBlob | undefined> {
    const found = await this.#missing(pull, digest);
    if (!found) return undefined;
    const { upstream, key } = found;
    const remote = await this.#clients
      .of(upstream)
      .then((client) => client.blob(upstream.repository, digest))
      .catch(refuse(pull.name));
    if (!remote) return undefined;
    const { uploads } = this.#registry;
    const body = streamAndStore(remote.body, {
      lock: this.#blobLocks,
      key: atDigest(key, digest),
      store: (bytes) => uploads.whole(pull, pull.name, digest, bytes),
      stored: () => this.#completeWhatIsWhole(key),
      failed: (error) => this.#log.info('a blob was not cached', { repository: pull.name, digest, error }),
    });
    return { sizeBytes: remote.sizeBytes, body };
  }

  /**
   * Brings in all that an import still needs, and makes it an image. An import without a rule or a repository is
   * forgotten.
   * @param key of a row of `registry.imports`
   * @throws RuntimeError
   */
  async complete(key: string): Promise<void> {
    const { store } = this.#registry;
    const row = await store.read((tx) => tx.get(imports, key));
    if (!row) return;
    const upstream = await store.read((tx) => this.#upstreams.find(tx, row, row.name));
    try {
      if (!upstream) throw repositoryGone(row.name);
      await this.#imports.run(row, { client: await this.#clients.of(upstream), repository: upstream.repository });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#log.info('an image of an upstream registry was not kept', { key, reason: error.message });
      await store.write((tx) => tx.delete(imports, key));
    }
  }

  /** The keys of all imports. */
  async imports(tx: ReadTx): Promise<string[]> {
    return (await tx.list(imports)).map((row) => atDigest(row.repository, row.digest));
  }

  find(tx: ReadTx, key: string): Promise<ImportRow | undefined> {
    return tx.get(imports, key);
  }

  /** Gives up on an import: clients get it from the upstream again. */
  forget(key: string): Promise<void> {
    return this.#registry.store.write((tx) => tx.delete(imports, key));
  }

  /** Why a registry cannot be pulled from; undefined if it can. */
  async check(upstream: Pick<Upstream, 'url' | 'credentialArn'>): Promise<string | undefined> {
    try {
      await (await this.#clients.of(upstream)).ping();
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Gives up what is on its way; the next start goes on. */
  close(): void {
    this.#closing.abort(new Error('the server stops'));
  }

  async #known(tx: ReadTx, pull: Pull, reference: string): Promise<Known | undefined> {
    const upstream = await this.#upstreams.find(tx, pull, pull.name);
    if (!upstream) return undefined;
    const key = keyOf(pull);
    const hasRepository = await this.#exists(tx, pull);
    const arrivingOf = (digest: string) => tx.get(imports, atDigest(key, digest));
    if (isDigest(reference)) {
      const stored = (await tx.get(manifests, atDigest(key, reference)))?.digest;
      return { upstream, hasRepository, stored, arriving: hasRepository ? await arrivingOf(reference) : undefined };
    }
    const stored = (await tx.get(tags, atTag(key, reference)))?.digest;
    const said = await tx.get(upstreamTags, atTag(key, reference));
    const isComing = hasRepository && said !== undefined && said.digest !== stored;
    const arriving = isComing ? await arrivingOf(said.digest) : undefined;
    return { upstream, hasRepository, stored, said, arriving };
  }

  async #exists(tx: ReadTx, pull: Pull): Promise<boolean> {
    try {
      await this.#registry.repository(tx, pull, pull.name);
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** Whether the upstream need not be asked. */
  #isCurrent({ stored, arriving, said, hasRepository }: Known, reference: string): boolean {
    if (!hasRepository) return false;
    if (isDigest(reference)) return stored !== undefined || arriving !== undefined;
    const isPushed = stored !== undefined && stored !== said?.digest && !arriving;
    if (isPushed) return true;
    const isThere = stored !== undefined || arriving !== undefined;
    return isThere && said !== undefined && this.#clock.now() < said.freshUntilMs;
  }

  async #refusal(pull: Pull, { hasRepository }: Pick<Known, 'hasRepository'>): Promise<string | undefined> {
    const refused = await pull.refusal('ecr:BatchImportUpstreamImage');
    return refused ?? (hasRepository ? undefined : pull.refusal('ecr:CreateRepository'));
  }

  async #fetchManifest(pull: Pull, reference: string, known: Known): Promise<CachedManifest | undefined> {
    const { upstream, said, arriving } = known;
    const client = await this.#clients.of(upstream);
    if (said && (known.stored ?? arriving)) {
      const digest = await client.manifestDigest(upstream.repository, reference);
      if (digest === said.digest) {
        await this.#keepFresh(pull, reference, TAG_LIFE_MS);
        return arriving;
      }
    }
    const remote = await client.manifest(upstream.repository, reference);
    if (!remote) {
      // What the upstream has no longer is served from here.
      if (said) await this.#keepFresh(pull, reference, RETRY_MS);
      return arriving;
    }
    const { body, mediaType, digest } = parseRemote(remote.bytes, remote.mediaType, remote.digest);
    const now = this.#clock.now();
    const row = await this.#registry.store.write(async (tx) => {
      const repository = await this.#upstreams.openRepository(tx, pull, pull.name, now);
      const { account, region, name, key } = repository;
      const before = await tx.get(imports, atDigest(key, digest));
      if (!isDigest(reference)) {
        const at = await tx.get(upstreamTags, atTag(key, reference));
        const said = { repository: key, tag: reference, digest, checkedAtMs: now, freshUntilMs: now + TAG_LIFE_MS };
        await tx.put(upstreamTags, { ...at, ...said });
      }
      const row = { account, region, name, repository: key, digest, mediaType, body, askedAtMs: now };
      return tx.put(imports, { ...before, ...row });
    });
    await this.#completeWhatIsWhole(row.repository);
    return row;
  }

  /** The upstream need not be asked what the tag is for so long. */
  #keepFresh(pull: Pull, tag: string, forMs: number): Promise<void> {
    const key = atTag(keyOf(pull), tag);
    return this.#registry.store.write(async (tx) => {
      const said = await tx.get(upstreamTags, key);
      if (said) await tx.put(upstreamTags, { ...said, freshUntilMs: this.#clock.now() + forMs });
    });
  }

  /** Where a blob comes from that the repository does not have. */
  async #missing(pull: Pull, digest: string): Promise<{ upstream: Upstream; key: string } | undefined> {
    const key = keyOf(pull);
    const upstream = await this.#registry.reads.read(async (tx) => {
      if (await tx.get(blobLinks, atDigest(key, digest))) return undefined;
      return (await this.#exists(tx, pull)) ? this.#upstreams.find(tx, pull, pull.name) : undefined;
    });
    if (!upstream) return undefined;
    const refused = await this.#refusal(pull, { hasRepository: true });
    if (refused !== undefined) throw new PullRefused(refused);
    return { upstream, key };
  }

  /** Images whose last blob has just come need not wait for their turn. */
  async #completeWhatIsWhole(repository: string): Promise<void> {
    const { store } = this.#registry;
    const whole = await store.read(async (tx) => {
      const rows = await tx.list(imports, { where: ['repository', repository] });
      const isWhole = await Promise.all(rows.map((row) => this.#imports.isWhole(tx, row)));
      return rows.filter((_, i) => isWhole[i]);
    });
    for (const row of whole) {
      await this.complete(atDigest(row.repository, row.digest)).catch((error: unknown) =>
        this.#log.info('an image of an upstream registry is not complete yet', { reason: messageOf(error) }),
      );
    }
  }
}

function keyOf({ account, region, name }: Pull): string {
  return `${account}/${region}/${name}`;
}

function parseRemote(bytes: Buffer, mediaType: string | undefined, digest: string) {
  try {
    return parseManifest(bytes, mediaType, parseDigest(digest)?.algorithm);
  } catch (error) {
    throw new RuntimeError('rejected', `The upstream registry's manifest is not one: ${messageOf(error)}`, error);
  }
}

const refuse =
  (name: string) =>
  (error: unknown): never => {
    throw unavailable(error, name);
  };

/** Clients try again what is temporary, and show the reason of what is not. */
function unavailable(error: unknown, name: string): unknown {
  if (!(error instanceof RuntimeError) || error.kind === 'temporary') return error;
  return new ServiceError(
    'UnableToGetUpstreamImageException',
    `The image could not be pulled from the upstream registry into the repository '${name}': ${error.message}`,
  );
}

function repositoryGone(name: string): ServiceError {
  return new ServiceError('RepositoryNotFoundException', `The repository '${name}' is not a cache any more`);
}
