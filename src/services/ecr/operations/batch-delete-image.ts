import type { ImageFailure, ImageIdentifier } from '@aws-sdk/client-ecr';
import type { RegistryRepository } from '../../../registry/repository.ts';
import type { WriteTx } from '../../../store/store.ts';
import { referencedByIndexes } from '../domain/image-id.ts';
import { checkImageIds, resolveImage } from '../images.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

interface Outcome {
  readonly imageIds: ImageIdentifier[];
  readonly failures: ImageFailure[];
}

/**
 * By digest an image goes with all its tags; by tag only that tag goes, and with the last one the image.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 */
export const BatchDeleteImage = operation('BatchDeleteImage', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchDeleteImage', input);
    const imageIds = uniqueIds(checkImageIds(input.imageIds));
    return ctx.write(async (tx) => {
      const repository = inRegistry(await requireRepository(tx, scope, input.repositoryName ?? ''));
      const outcome: Outcome = { imageIds: [], failures: [] };
      const named: ImageIdentifier[] = [];
      for (const imageId of imageIds) {
        const resolved = await resolveImage(ctx, tx, repository, imageId);
        if ('failure' in resolved) outcome.failures.push(resolved.failure);
        else named.push(imageId);
      }
      outcome.failures.push(...(await deleteAll(ctx, tx, repository, named, outcome.imageIds)));
      return outcome;
    });
  },
});

/** One call may name an index and its images in any order: round after round, as long as something could be deleted. */
async function deleteAll(
  ctx: EcrContext,
  tx: WriteTx,
  repository: RegistryRepository,
  named: readonly ImageIdentifier[],
  deleted: ImageIdentifier[],
): Promise<ImageFailure[]> {
  const failures: ImageFailure[] = [];
  const held: ImageIdentifier[] = [];
  for (const imageId of named) {
    const failure = await deleteOne(ctx, tx, repository, imageId, deleted);
    if (!failure) continue;
    failures.push(failure);
    held.push(imageId);
  }
  const isStuck = held.length === 0 || held.length === named.length;
  return isStuck ? failures : deleteAll(ctx, tx, repository, held, deleted);
}

/** Adds what went to `deleted`; answers why it stays. */
async function deleteOne(
  ctx: EcrContext,
  tx: WriteTx,
  repository: RegistryRepository,
  imageId: ImageIdentifier,
  deleted: ImageIdentifier[],
): Promise<ImageFailure | undefined> {
  const { images } = ctx.ports.registry;
  const resolved = await resolveImage(ctx, tx, repository, imageId);
  // It went with another identifier of the same call.
  if ('failure' in resolved) return undefined;
  const { image } = resolved;
  const imageDigest = image.digest;
  const { imageTag } = imageId;
  const tags = await images.tagsOf(tx, image);
  if (imageTag !== undefined && tags.length > 1) {
    await images.untag(tx, repository, imageTag);
    deleted.push({ imageDigest, imageTag });
    return undefined;
  }
  const indexes = await images.indexesOf(tx, image);
  if (indexes.length > 0) return referencedByIndexes(imageId, indexes);
  await images.remove(tx, image);
  if (tags.length === 0) deleted.push({ imageDigest });
  for (const tag of tags) deleted.push({ imageDigest, imageTag: tag });
  return undefined;
}

function uniqueIds(imageIds: readonly ImageIdentifier[]): ImageIdentifier[] {
  const key = ({ imageDigest, imageTag }: ImageIdentifier) => JSON.stringify([imageDigest, imageTag]);
  return [...new Map(imageIds.map((imageId) => [key(imageId), imageId])).values()];
}
