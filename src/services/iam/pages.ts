import { ServiceError } from '../../kernel/errors.ts';
import { paginate } from '../../kernel/pages.ts';
import { validationError } from './errors.ts';

/** What every list of IAM takes. */
export interface PageInput {
  readonly Marker?: string | undefined;
  /** 1 to 1000; 100 if left out. */
  readonly MaxItems?: number | undefined;
}

export interface IamPage<T> {
  readonly items: T[];
  /** To be spread into the answer. */
  readonly page: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/**
 * One page of a list, in ascending order of `keyOf` (unique; of rows, the lower-case name).
 * Throws ValidationError for a MaxItems out of range or a Marker that is not ours.
 */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, input: PageInput): IamPage<T> {
  const sorted = items.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  const found = paginate(sorted, keyOf, {
    limit: checkMaxItems(input.MaxItems),
    token: input.Marker,
    onBadToken: () => {
      throw new ServiceError('ValidationError', 'Invalid Marker.');
    },
  });
  const { nextToken } = found;
  return {
    items: [...found.items],
    page: nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken },
  };
}

/** For rows with a name: its order is that of the table. */
export const byName = (row: { readonly name: string }): string => row.name.toLowerCase();

function checkMaxItems(maxItems = 100): number {
  if (maxItems < 1) {
    throw validationError('maxItems', 'Member must have value greater than or equal to 1');
  }
  if (maxItems > 1000) {
    throw validationError('maxItems', 'Member must have value less than or equal to 1000');
  }
  return maxItems;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
