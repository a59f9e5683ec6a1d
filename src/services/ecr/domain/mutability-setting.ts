import type { ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';
import { invalidParameter } from '../errors.ts';
import type { RepositoryRow, TagMutability } from '../tables.ts';

const MOST_FILTERS = 5;
const MOST_WILDCARDS = 2;
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/;
const SETTINGS: readonly TagMutability[] = [
  'IMMUTABLE',
  'IMMUTABLE_WITH_EXCLUSION',
  'MUTABLE',
  'MUTABLE_WITH_EXCLUSION',
];

export type MutabilitySetting = Pick<RepositoryRow, 'imageTagMutability' | 'mutabilityExclusions'>;

interface MutabilityInput {
  readonly imageTagMutability?: string | undefined;
  readonly imageTagMutabilityExclusionFilters?: readonly ImageTagMutabilityExclusionFilter[] | undefined;
}

/**
 * The tag mutability that a call asks for: MUTABLE, if it says nothing.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html
 * @throws ServiceError InvalidParameterException
 */
export function mutabilityOf(input: MutabilityInput): MutabilitySetting {
  const value = input.imageTagMutability ?? 'MUTABLE';
  const filters = input.imageTagMutabilityExclusionFilters;
  const imageTagMutability = SETTINGS.find((setting) => setting === value);
  if (!imageTagMutability) {
    throw invalidParameter('imageTagMutability', `Member must satisfy enum value set: [${SETTINGS.join(', ')}]`);
  }
  if (!imageTagMutability.endsWith('_WITH_EXCLUSION')) {
    if (filters === undefined || filters.length === 0) return { imageTagMutability };
    throw invalidFilters(
      'Member must only be given with an imageTagMutability of IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION',
    );
  }
  if (filters === undefined || filters.length < 1 || filters.length > MOST_FILTERS) {
    throw invalidFilters(`Member must have length between 1 and ${MOST_FILTERS}`);
  }
  return { imageTagMutability, mutabilityExclusions: filters.map(exclusionOf) };
}

/** As calls answer it. */
export function exclusionFilters({ mutabilityExclusions }: MutabilitySetting): {
  imageTagMutabilityExclusionFilters?: ImageTagMutabilityExclusionFilter[];
} {
  if (!mutabilityExclusions) return {};
  const filters = mutabilityExclusions.map((filter) => ({ filterType: 'WILDCARD' as const, filter }));
  return { imageTagMutabilityExclusionFilters: filters };
}

function exclusionOf({ filterType, filter = '' }: ImageTagMutabilityExclusionFilter): string {
  if (filterType !== 'WILDCARD') throw invalidFilters('Member must satisfy enum value set: [WILDCARD]');
  if (!FILTER.test(filter)) {
    throw invalidFilters("Member must satisfy regular expression pattern: '^[0-9a-zA-Z._*-]{1,128}$'");
  }
  if (filter.split('*').length - 1 > MOST_WILDCARDS) {
    throw invalidFilters(`Member must not have more than ${MOST_WILDCARDS} wildcards`);
  }
  return filter;
}

function invalidFilters(constraint: string) {
  return invalidParameter('imageTagMutabilityExclusionFilters', constraint);
}
