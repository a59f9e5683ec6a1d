import { openTestService } from '../../api/testing.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { seededIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { MemoryBlobs } from '../../registry/memory-blobs/memory-blobs.ts';
import { Registry } from '../../registry/registry.ts';
import { imageOf, pushBlob } from '../../registry/testing.ts';
import { RegistryTokens } from '../../registry/token.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { ecr, ecrRepositories } from './index.ts';
import type { EcrPorts } from './operation.ts';

/** ECR over a registry in memory that shares its store and clock. */
export function openTestEcr() {
  const ids = seededIds(3);
  const registryOver = (store: Store, clock: FakeClock, blobs: MemoryBlobs) =>
    new Registry({ store, blobs, repositories: ecrRepositories, clock, ids, log: silentLog });
  const unused = new SqliteStore(':memory:');
  const clock = new FakeClock();
  const ports = {
    registry: registryOver(unused, clock, new MemoryBlobs(clock)),
    tokens: new RegistryTokens(new SealedBox(Buffer.alloc(32, 5), 'ecr-token', ids)),
    registryHost: '127.0.0.1:4566',
  };
  const service = openTestService<'ecr', EcrPorts>('ecr', ecr, ports);
  // The service opens its store itself, so its registry comes after it.
  const blobs = new MemoryBlobs(service.clock);
  ports.registry = registryOver(service.store, service.clock, blobs);
  return {
    ...service,
    blobs,
    tokens: ports.tokens,
    /** Pushes layers over the protocol's side and the manifest by PutImage; answers the manifest. */
    async push(repositoryName: string, config: string, layers: readonly string[], imageTag?: string): Promise<string> {
      for (const blob of [config, ...layers]) await pushBlob(ports.registry, repositoryName, blob);
      const imageManifest = imageOf(config, layers);
      await service.call('PutImage', { repositoryName, imageManifest, ...(imageTag !== undefined && { imageTag }) });
      return imageManifest;
    },
    async close() {
      await service.close();
      await unused.close();
    },
  };
}

export type TestEcr = ReturnType<typeof openTestEcr>;
