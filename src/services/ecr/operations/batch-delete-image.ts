import type { ImageFailure, ImageIdentifier } from '@aws-sdk/client-ecr';
import type { WriteTx } from '../../../store/store.ts';
import { referencedByIndexes } from '../domain/image-id.ts';
import { checkImageIds, resolveImage } from '../images.ts';
import type { Resolved } from '../images.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';
import type { RepositoryRow } from '../tables.ts';

interface Outcome {
  readonly deleted: readonly ImageIdentifier[];
  readonly failures: readonly ImageFailure[];
}

/**
 * By digest an image goes with all its tags; by tag only that tag goes, and with the last one the image.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 */
export const BatchDeleteImage = operation('BatchDeleteImage', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchDeleteImage', input);
    const imageIds = checkImageIds(input.imageIds);
    const outcomes = await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, input.repositoryName ?? '');
      const found = await Promise.all(imageIds.map((imageId) => resolveImage(ctx, tx, inRegistry(row), imageId)));
      const outcomes: Outcome[] = [];
      // Indexes first: one call may name an index and its images.
      for (const resolved of found.toSorted((a, b) => Number(isIndex(b)) - Number(isIndex(a)))) {
        outcomes.push(await deleteOne(ctx, tx, row, resolved));
      }
      return outcomes;
    });
    return {
      imageIds: outcomes.flatMap((outcome) => outcome.deleted),
      failures: outcomes.flatMap((outcome) => outcome.failures),
    };
  },
});

function isIndex(resolved: Resolved): boolean {
  return 'image' in resolved && resolved.image.manifests.length > 0;
}

async function deleteOne(ctx: EcrContext, tx: WriteTx, row: RepositoryRow, resolved: Resolved): Promise<Outcome> {
  if ('failure' in resolved) return { deleted: [], failures: [resolved.failure] };
  const { images } = ctx.ports.registry;
  const { imageId, image } = resolved;
  const imageDigest = image.digest;
  const { imageTag } = imageId;
  const tags = await images.tagsOf(tx, image);
  if (imageTag !== undefined && tags.length > 1) {
    await images.untag(tx, inRegistry(row), imageTag);
    return { deleted: [{ imageDigest, imageTag }], failures: [] };
  }
  const indexes = await images.indexesOf(tx, image);
  if (indexes.length > 0) return { deleted: [], failures: [referencedByIndexes(imageId, indexes)] };
  await images.remove(tx, image);
  const deleted = tags.length > 0 ? tags.map((tag) => ({ imageDigest, imageTag: tag })) : [{ imageDigest }];
  return { deleted, failures: [] };
}
