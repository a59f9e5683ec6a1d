import type { ImageFailure, ImageFailureCode, ImageIdentifier } from '@aws-sdk/client-ecr';

interface Rules {
  isDigest(text: string): boolean;
  isTag(text: string): boolean;
}

/** What is wrong with an image identifier as it stands, before anything is looked up. */
export function imageIdProblem(imageId: ImageIdentifier, rules: Rules): ImageFailure | undefined {
  const { imageDigest, imageTag } = imageId;
  if (imageDigest === undefined && imageTag === undefined) {
    return failure(imageId, 'MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
  }
  if (imageDigest !== undefined && !rules.isDigest(imageDigest)) {
    return failure(
      imageId,
      'InvalidImageDigest',
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    );
  }
  if (imageTag !== undefined && !rules.isTag(imageTag)) {
    return failure(
      imageId,
      'InvalidImageTag',
      "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9_][a-zA-Z0-9-_.]{0,127}'",
    );
  }
  return undefined;
}

export const notFound = (imageId: ImageIdentifier) => failure(imageId, 'ImageNotFound', 'Requested image not found');

export const archived = (imageId: ImageIdentifier) =>
  failure(imageId, 'ImageInaccessible', 'Requested image is archived and must be restored before it can be pulled');

export const tagDoesNotMatch = (imageId: ImageIdentifier) =>
  failure(imageId, 'ImageTagDoesNotMatchDigest', 'Requested image tag does not match the requested image digest');

export const referencedByIndexes = (imageId: ImageIdentifier, indexes: readonly string[]) =>
  failure(
    imageId,
    'ImageReferencedByManifestList',
    `Requested image referenced by manifest list: [${indexes.join(', ')}]`,
  );

export function failure(imageId: ImageIdentifier, failureCode: ImageFailureCode, failureReason: string): ImageFailure {
  return { imageId, failureCode, failureReason };
}
