import { TEST_SCOPE, fakeCall, openTestService } from '../../api/testing.ts';
import type { FakeCalls } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { seededIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { LayerTokens } from '../../registry/layer-token.ts';
import { MemoryBlobs } from '../../registry/memory-blobs/memory-blobs.ts';
import { PullThroughCache } from '../../registry/pull-through/pull-through-cache.ts';
import { Registry } from '../../registry/registry.ts';
import { imageOf, pushBlob } from '../../registry/testing.ts';
import { RegistryTokens } from '../../registry/token.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import type { ImageScanner } from './image-scanner.ts';
import { ecr, ecrRepositories, ecrUpstreams, upstreamCredentials } from './index.ts';
import type { EcrPorts } from './operation.ts';
import type { ReplicationTargets } from './replication-targets.ts';

/** ECR over a registry in memory that shares its store and clock. */
export function openTestEcr(
  options: {
    readonly replicationTargets?: ReplicationTargets;
    readonly sparesImagesInUse?: boolean;
    readonly calls?: FakeCalls;
    readonly scanner?: ImageScanner;
  } = {},
) {
  const ids = seededIds(3);
  const credentials = upstreamCredentials((scope) => fakeCall(options.calls ?? {}, scope));
  const registryOver = (store: Store, clock: FakeClock, blobs: MemoryBlobs) =>
    new Registry({ store, blobs, repositories: ecrRepositories, clock, ids, log: silentLog });
  const cacheOver = (registry: Registry, clock: FakeClock) =>
    new PullThroughCache({ registry, upstreams: ecrUpstreams, credentials, clock, log: silentLog });
  const unused = new SqliteStore(':memory:');
  const clock = new FakeClock();
  const unusedRegistry = registryOver(unused, clock, new MemoryBlobs(clock));
  const ports = {
    registry: unusedRegistry,
    pullThrough: cacheOver(unusedRegistry, clock),
    upstreamCredentials: credentials,
    replicationTargets: options.replicationTargets ?? { has: () => false, push: async () => {} },
    tokens: new RegistryTokens(new SealedBox(Buffer.alloc(32, 5), 'ecr-token', ids)),
    layerTokens: new LayerTokens(new SealedBox(Buffer.alloc(32, 5), 'ecr-layer', ids)),
    registryHost: '127.0.0.1:4566',
    lifecycle: { intervalMs: 6 * 60 * 60 * 1000, sparesImagesInUse: options.sparesImagesInUse ?? false },
    scanner: options.scanner ?? { scan: async () => ({ findings: [] }) },
  };
  const service = openTestService<'ecr', EcrPorts>('ecr', ecr, ports, options);
  // The service opens its store itself, so its registry comes after it.
  const blobs = new MemoryBlobs(service.clock);
  ports.registry = registryOver(service.store, service.clock, blobs);
  ports.pullThrough = cacheOver(ports.registry, service.clock);
  return {
    ...service,
    blobs,
    tokens: ports.tokens,
    layerTokens: ports.layerTokens,
    registry: ports.registry,
    pullThrough: ports.pullThrough,
    /** Pushes layers over the protocol's side and the manifest by PutImage; answers the manifest. */
    async push(repositoryName: string, config: string, layers: readonly string[], imageTag?: string): Promise<string> {
      for (const blob of [config, ...layers]) await pushBlob(ports.registry, repositoryName, blob);
      const imageManifest = imageOf(config, layers);
      await service.call('PutImage', { repositoryName, imageManifest, ...(imageTag !== undefined && { imageTag }) });
      return imageManifest;
    },
    pushBlob: (repositoryName: string, blob: string) => pushBlob(ports.registry, repositoryName, blob),
    /** Notes a pull of now, as the protocol's side does. */
    async pull(repositoryName: string, reference: string): Promise<void> {
      const { registry } = ports;
      const image = await service.store.read(async (tx) =>
        registry.images.find(tx, await registry.repository(tx, TEST_SCOPE, repositoryName), reference),
      );
      if (image) registry.pulls.note(image, service.clock.now());
      await registry.pulls.settled();
    },
    async close() {
      await service.close();
      await unused.close();
    },
  };
}

export type TestEcr = ReturnType<typeof openTestEcr>;
