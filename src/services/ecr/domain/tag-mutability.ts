import type { RepositoryRow } from '../tables.ts';

/**
 * Whether a tag may be moved to another image.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function isMutable(
  { imageTagMutability, mutabilityExclusions = [] }: Pick<RepositoryRow, 'imageTagMutability' | 'mutabilityExclusions'>,
  tag: string,
): boolean {
  const isExcluded = mutabilityExclusions.some((filter) => fits(filter, tag));
  if (imageTagMutability === 'MUTABLE_WITH_EXCLUSION') return !isExcluded;
  if (imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION') return isExcluded;
  return imageTagMutability === 'MUTABLE';
}

/** `*` stands for any characters, none too. */
function fits(filter: string, tag: string): boolean {
  const parts = filter.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}
