import type { Layer, LayerFailure } from '@aws-sdk/client-ecr';
import type { RegistryRepository } from '../../../registry/repository.ts';
import type { ManifestRow } from '../../../registry/tables.ts';
import type { ReadTx } from '../../../store/store.ts';
import { layerMediaType } from '../domain/layer-media-type.ts';
import { invalidParameter, layerInaccessible, layerNotFound } from '../errors.ts';
import { checkLayerDigest } from '../layers.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
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
    const { repositoryName = '' } = input;
    const { links, rules } = ctx.ports.registry;
    const failures = digests.filter((digest) => !rules.isDigest(digest)).map(digestFailure);
    const known = digests.filter((digest) => rules.isDigest(digest));
    const found = await ctx.read(async (tx) => {
      const repository = inRegistry(await requireRepository(tx, scope, repositoryName));
      const views: Layer[] = [];
      for (const digest of known) views.push(await layerView(ctx, tx, repository, digest));
      return views;
    });
    const layers: Layer[] = [];
    for (const layer of found) {
      const { layerDigest = '', layerAvailability } = layer;
      // A client that finds a layer relies on it: it must not be collected before its image comes.
      const isUsed = layerAvailability !== 'AVAILABLE' || (await links.use(scope, repositoryName, layerDigest));
      layers.push(isUsed ? layer : unavailable(layerDigest));
    }
    return { layers, failures };
  },
});

/**
 * A URL that needs no signature and ends after an hour.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
 */
export const GetDownloadUrlForLayer = operation('GetDownloadUrlForLayer', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'GetDownloadUrlForLayer', input);
    const { repositoryName = '', layerDigest = '' } = input;
    checkLayerDigest(ctx, 'layerDigest', layerDigest);
    const { isArchived } = ctx.ports.registry.images;
    await ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      const layer = await findLayer(ctx, tx, inRegistry(row), layerDigest);
      if (!layer) throw layerNotFound(layerDigest, row);
      if (!layer.image) throw layerInaccessible(layerDigest, row, 'it is not associated with an image');
      if (isArchived(layer.image)) throw layerInaccessible(layerDigest, row, 'its image is archived');
    });
    const path = ctx.ports.layerTokens.pathOf({ ...scope, repository: repositoryName, digest: layerDigest }, ctx.now);
    return { downloadUrl: ctx.endpoint + path, layerDigest };
  },
});

interface FoundLayer {
  readonly sizeBytes: number;
  /** Made of it, and not archived if any is not; none between its upload and PutImage. */
  readonly image: ManifestRow | undefined;
}

async function findLayer(
  ctx: EcrContext,
  tx: ReadTx,
  repository: RegistryRepository,
  digest: string,
): Promise<FoundLayer | undefined> {
  const { images, links } = ctx.ports.registry;
  const link = await links.get(tx, repository, digest);
  return link && { sizeBytes: link.sizeBytes, image: await images.imageOfBlob(tx, repository, digest) };
}

/** A layer that only archived images are made of is archived with them. */
async function layerView(
  ctx: EcrContext,
  tx: ReadTx,
  repository: RegistryRepository,
  layerDigest: string,
): Promise<Layer> {
  const layer = await findLayer(ctx, tx, repository, layerDigest);
  if (!layer) return unavailable(layerDigest);
  const { image } = layer;
  const { bodyOf, isArchived } = ctx.ports.registry.images;
  const mediaType = image && layerMediaType(await bodyOf(tx, image), layerDigest);
  return {
    layerDigest,
    layerAvailability: image && isArchived(image) ? 'ARCHIVED' : 'AVAILABLE',
    layerSize: layer.sizeBytes,
    ...(mediaType !== undefined && { mediaType }),
  };
}

/** It never was there, or its bytes are lost: a client pushes it. */
function unavailable(layerDigest: string): Layer {
  return { layerDigest, layerAvailability: 'UNAVAILABLE' };
}

function digestFailure(layerDigest: string): LayerFailure {
  if (layerDigest === '') {
    return {
      layerDigest,
      failureCode: 'MissingLayerDigest',
      failureReason: 'Invalid request parameters: layer digest cannot be empty',
    };
  }
  return {
    layerDigest,
    failureCode: 'InvalidLayerDigest',
    failureReason: "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
  };
}
