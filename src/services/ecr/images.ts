import type { ImageFailure, ImageIdentifier } from '@aws-sdk/client-ecr';
import type { RegistryRepository } from '../../registry/repository.ts';
import type { ManifestRow } from '../../registry/tables.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { imageIdProblem, notFound, tagDoesNotMatch } from './domain/image-id.ts';
import { imageNotFound, invalidParameter } from './errors.ts';
import type { EcrContext } from './operation.ts';
import { inRegistry } from './repositories.ts';
import type { RepositoryRow } from './tables.ts';

const MOST_IMAGE_IDS = 100;

export type Resolved =
  | { readonly imageId: ImageIdentifier; readonly image: Stored<ManifestRow> }
  | { readonly failure: ImageFailure };

/** The image that an identifier names, by digest, by tag, or by both if they agree. */
export async function resolveImage(
  ctx: EcrContext,
  tx: ReadTx,
  repository: RegistryRepository,
  imageId: ImageIdentifier,
): Promise<Resolved> {
  const { images, rules } = ctx.ports.registry;
  const problem = imageIdProblem(imageId, rules);
  if (problem) return { failure: problem };
  const { imageDigest, imageTag } = imageId;
  const image = await images.find(tx, repository, imageTag ?? imageDigest ?? '');
  if (!image) return { failure: notFound(imageId) };
  if (imageDigest !== undefined && image.digest !== imageDigest) return { failure: tagDoesNotMatch(imageId) };
  return { imageId, image };
}

/**
 * The image that a call is about.
 * @throws ServiceError ImageNotFoundException, InvalidParameterException
 */
export async function requireImage(
  ctx: EcrContext,
  tx: ReadTx,
  repository: RepositoryRow,
  imageId: ImageIdentifier,
): Promise<Stored<ManifestRow>> {
  const resolved = await resolveImage(ctx, tx, inRegistry(repository), imageId);
  if ('image' in resolved) return resolved.image;
  const { failureCode, failureReason = '' } = resolved.failure;
  if (failureCode === 'ImageNotFound' || failureCode === 'ImageTagDoesNotMatchDigest') {
    throw imageNotFound(imageId, repository);
  }
  throw invalidParameter('imageId', failureReason);
}

/** @throws ServiceError InvalidParameterException */
export function checkImageIds(imageIds: readonly ImageIdentifier[] | undefined): readonly ImageIdentifier[] {
  if (!imageIds || imageIds.length < 1 || imageIds.length > MOST_IMAGE_IDS) {
    throw invalidParameter('imageIds', `Member must have length between 1 and ${MOST_IMAGE_IDS}`);
  }
  return imageIds;
}
