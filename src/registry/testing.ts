import { test } from 'node:test';
import type { Scope } from '../kernel/arn.ts';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { RowCache } from '../store/row-cache.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import { digestOf } from './digest.ts';
import { MemoryBlobs } from './memory-blobs/memory-blobs.ts';
import { Registry } from './registry.ts';
import type { RegistryRepository } from './repository.ts';
import { parts } from './suite.ts';

export const SCOPE: Scope = { account: '123456789012', region: 'us-east-1' };
export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A registry over a fake world, with the repositories that a test names. */
export interface TestRegistry {
  readonly registry: Registry;
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly clock: FakeClock;
  /** Change it to make and delete repositories. */
  readonly repositories: Map<string, RegistryRepository>;
  close(): Promise<void>;
}

export function openTestRegistry(options: { blobs?: BlobStore; store?: Store; clock?: FakeClock } = {}): TestRegistry {
  const clock = options.clock ?? new FakeClock();
  const store = options.store ?? new SqliteStore(':memory:');
  const blobs = options.blobs ?? new MemoryBlobs(clock);
  const repositories = new Map<string, RegistryRepository>();
  for (const name of ['app', 'other']) repositories.set(name, testRepository(name));
  const registry = new Registry({
    store,
    reads: new RowCache(store),
    blobs,
    clock,
    ids: seededIds(7),
    log: silentLog,
    repositories: {
      find: async (_tx, scope, name) => (scope.account === SCOPE.account ? repositories.get(name) : undefined),
      createsOnPush: async (_tx, _scope, name) => name.startsWith('pushed/'),
      createOnPush: async (_tx, _scope, name) => void repositories.set(name, testRepository(name)),
    },
  });
  return { registry, store, blobs, clock, repositories, close: () => store.close() };
}

/** A test with a registry of its own, which is closed at the end. */
export function registryTest(title: string, run: (world: TestRegistry) => Promise<void>): void {
  test(title, async () => {
    const world = openTestRegistry();
    try {
      await run(world);
    } finally {
      await world.close();
    }
  });
}

export function testRepository(
  name: string,
  imageTagMutability: 'MUTABLE' | 'IMMUTABLE' = 'MUTABLE',
): RegistryRepository {
  return {
    ...SCOPE,
    name,
    key: `${SCOPE.account}/${SCOPE.region}/${name}`,
    isMutable: () => imageTagMutability === 'MUTABLE',
  };
}

export async function pushBlob(registry: Registry, repository: string, content: string): Promise<string> {
  const digest = digestOf(content);
  await registry.uploads.whole(SCOPE, repository, digest, parts(content));
  return digest;
}

/** The text of an image manifest whose config and layers have these contents. */
export function imageOf(config: string, layers: readonly string[], more: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: descriptorOf(CONFIG, config),
    layers: layers.map((layer) => descriptorOf(LAYER, layer)),
    ...more,
  });
}

export function indexOf(images: readonly string[]): string {
  const manifests = images.map((image) => descriptorOf(IMAGE, image));
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
}

export function descriptorOf(mediaType: string, content: string) {
  return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
}

/** Pushes blobs and manifest; answers the manifest's text. */
export async function pushImage(
  test: Pick<TestRegistry, 'registry' | 'store' | 'clock'>,
  repository: RegistryRepository,
  content: { config: string; layers: readonly string[]; tag?: string },
): Promise<string> {
  for (const blob of [content.config, ...content.layers]) await pushBlob(test.registry, repository.name, blob);
  const text = imageOf(content.config, content.layers);
  await pushManifest(test, repository, text, content.tag);
  return text;
}

export function pushManifest(
  { registry, store, clock }: Pick<TestRegistry, 'registry' | 'store' | 'clock'>,
  repository: RegistryRepository,
  text: string,
  tag?: string,
) {
  const manifest = registry.rules.parseManifest(Buffer.from(text), undefined);
  return store.write((tx) => registry.images.put(tx, repository, manifest, { tag, now: clock.now() }));
}
