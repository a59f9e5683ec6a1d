import type { RepositoryRow } from '../tables.ts';
import { fitsWildcard } from './wildcard.ts';

/**
 * Whether a tag may be moved to another image.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function isMutable(
  { imageTagMutability, mutabilityExclusions = [] }: Pick<RepositoryRow, 'imageTagMutability' | 'mutabilityExclusions'>,
  tag: string,
): boolean {
  const isExcluded = mutabilityExclusions.some((filter) => fitsWildcard(filter, tag));
  if (imageTagMutability === 'MUTABLE_WITH_EXCLUSION') return !isExcluded;
  if (imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION') return isExcluded;
  return imageTagMutability === 'MUTABLE';
}
