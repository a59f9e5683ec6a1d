import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SealedBox } from '../kernel/sealed-box.ts';
import { FileObjects } from '../objects/file-objects/file-objects.ts';
import type { CertificateAuthority } from '../pki/authority.ts';
import { openAuthority } from '../pki/open-authority.ts';
import { FileBlobs } from '../registry/file-blobs/file-blobs.ts';
import { LayerTokens } from '../registry/layer-token.ts';
import { PullThroughCache } from '../registry/pull-through/pull-through-cache.ts';
import { Registry } from '../registry/registry.ts';
import { RegistryTokens } from '../registry/token.ts';
import { ecrRepositories, ecrUpstreams } from '../services/ecr/index.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Environment } from './environment.ts';
import { openTrail } from './trail.ts';
import type { Trail } from './trail.ts';

/** All that lasts, in the data folder. */
export interface Storage {
  readonly store: SqliteStore;
  readonly trail: Trail;
  readonly authority: CertificateAuthority;
  readonly registry: Registry;
  readonly pullThrough: PullThroughCache;
  readonly tokens: RegistryTokens;
  readonly layerTokens: LayerTokens;
  readonly objects: FileObjects;
  close(): Promise<void>;
}

export async function openStorage(env: Environment): Promise<Storage> {
  const { home, clock, ids, log } = env;
  const store = new SqliteStore(join(home.path, 'store.db'));
  const authority = await openAuthority({ folder: home.path, clock, ids, instanceId: home.instanceId });
  await mkdir(join(home.path, 'blobs'), { recursive: true, mode: 0o700 });
  const blobs = await FileBlobs.open(join(home.path, 'blobs'), clock);
  const trail = await openTrail(env);
  const registry = new Registry({ store, blobs, repositories: ecrRepositories, clock, ids, log });
  return {
    store,
    trail,
    authority,
    registry,
    pullThrough: new PullThroughCache({ registry, upstreams: ecrUpstreams, clock, log }),
    tokens: new RegistryTokens(new SealedBox(home.masterKey, 'ecr-token', ids)),
    layerTokens: new LayerTokens(new SealedBox(home.masterKey, 'ecr-layer', ids)),
    objects: await FileObjects.open(join(home.path, 'objects'), clock, ids),
    async close() {
      await trail.close();
      await store.close();
    },
  };
}
