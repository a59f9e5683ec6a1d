import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import type { Scope } from '../kernel/arn.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SealedBox } from '../kernel/sealed-box.ts';
import { FileObjects } from '../objects/file-objects/file-objects.ts';
import type { CertificateAuthority } from '../pki/authority.ts';
import { openAuthority } from '../pki/open-authority.ts';
import { FileBlobs } from '../registry/file-blobs/file-blobs.ts';
import { LayerTokens } from '../registry/layer-token.ts';
import { PullThroughCache } from '../registry/pull-through/pull-through-cache.ts';
import type { UpstreamCredentials } from '../registry/pull-through/upstream.ts';
import { Registry } from '../registry/registry.ts';
import { RegistryTokens } from '../registry/token.ts';
import { ecrRepositories, ecrUpstreams, upstreamCredentials } from '../services/ecr/index.ts';
import { TrustStoreFiles } from '../services/elbv2/index.ts';
import { RowCache } from '../store/row-cache.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { ConfiguredTargets } from './configured-targets.ts';
import type { Environment } from './environment.ts';
import { readReplicationTargets } from './replication-file.ts';
import { openTrail } from './trail.ts';
import type { Trail } from './trail.ts';

/** All that lasts, in the data folder. */
export interface Storage {
  readonly store: SqliteStore;
  /** For what pulls of images read. */
  readonly reads: RowCache;
  readonly trail: Trail;
  readonly authority: CertificateAuthority;
  readonly registry: Registry;
  readonly pullThrough: PullThroughCache;
  readonly upstreamCredentials: UpstreamCredentials;
  readonly replicationTargets: ConfiguredTargets;
  readonly tokens: RegistryTokens;
  readonly layerTokens: LayerTokens;
  readonly trustStoreFiles: TrustStoreFiles;
  readonly objects: FileObjects;
  close(): Promise<void>;
}

/** @param callAsEcr how ECR calls other services */
export async function openStorage(env: Environment, callAsEcr: (scope: Scope, as?: CallAs) => Call): Promise<Storage> {
  // One that fails leaves nothing open.
  await using opened = new AsyncDisposableStack();
  const { config, home, clock, ids, log } = env;
  const file = config.replicationTargets;
  const targets = file === undefined ? [] : await readReplicationTargets(file);
  const store = new SqliteStore(join(home.path, 'store.db'));
  opened.defer(() => store.close());
  const authority = await openAuthority({ folder: home.path, clock, ids, instanceId: home.instanceId });
  await mkdir(join(home.path, 'blobs'), { recursive: true, mode: 0o700 });
  const blobs = await FileBlobs.open(join(home.path, 'blobs'), clock);
  const trail = await openTrail(env);
  opened.defer(() => trail.close());
  const objects = await FileObjects.open(join(home.path, 'objects'), clock, ids);
  const reads = new RowCache(store);
  opened.defer(() => reads.close());
  const registry = new Registry({ store, reads, blobs, repositories: ecrRepositories, clock, ids, log });
  const credentials = upstreamCredentials(callAsEcr);
  const parts = opened.move();
  return {
    store,
    reads,
    trail,
    authority,
    registry,
    pullThrough: new PullThroughCache({ registry, upstreams: ecrUpstreams, credentials, clock, log }),
    upstreamCredentials: credentials,
    replicationTargets: new ConfiguredTargets({ targets, registry, credentials, clock }),
    tokens: new RegistryTokens(new SealedBox(home.masterKey, 'ecr-token', ids)),
    layerTokens: new LayerTokens(new SealedBox(home.masterKey, 'ecr-layer', ids)),
    trustStoreFiles: new TrustStoreFiles(new SealedBox(home.masterKey, 'elbv2-trust-store-files', ids)),
    objects,
    close: () => parts.disposeAsync(),
  };
}
