import type { Layer, LayerFailure } from '@aws-sdk/client-ecr';
import { invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

export const BatchCheckLayerAvailability = operation('BatchCheckLayerAvailability', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchCheckLayerAvailability', input);
    const digests = input.layerDigests ?? [];
    if (digests.length < 1 || digests.length > 100) {
      throw invalidParameter('layerDigests', 'Member must have length between 1 and 100');
    }
    const { links, rules } = ctx.ports.registry;
    return ctx.read(async (tx) => {
      const repository = inRegistry(await requireRepository(tx, scope, input.repositoryName ?? ''));
      const layers: Layer[] = [];
      const failures: LayerFailure[] = [];
      for (const layerDigest of digests) {
        if (!rules.isDigest(layerDigest)) {
          failures.push(invalidDigest(layerDigest));
          continue;
        }
        const link = await links.get(tx, repository, layerDigest);
        layers.push(
          link
            ? { layerDigest, layerAvailability: 'AVAILABLE', layerSize: link.sizeBytes }
            : { layerDigest, layerAvailability: 'UNAVAILABLE' },
        );
      }
      return { layers, failures };
    });
  },
});

function invalidDigest(layerDigest: string): LayerFailure {
  return {
    layerDigest,
    failureCode: 'InvalidLayerDigest',
    failureReason: "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
  };
}
