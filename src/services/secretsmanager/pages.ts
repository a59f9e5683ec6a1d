import { paginate } from '../../kernel/pages.ts';
import type { Page } from '../../kernel/pages.ts';
import { badToken, constraint } from './errors.ts';

interface Paged {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

const MOST = 100;

/**
 * One page of `items`, which are sorted by `keyOf`.
 * @throws ServiceError ValidationException, InvalidNextTokenException
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults: limit, NextToken: token }: Paged,
  { most = MOST, descending = false } = {},
): Page<T> {
  if (limit !== undefined) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw constraint('maxResults', 'have value greater than or equal to 1', limit);
    }
    if (limit > most) throw constraint('maxResults', `have value less than or equal to ${most}`, limit);
  }
  return paginate(items, keyOf, {
    limit: limit ?? most,
    token,
    descending,
    onBadToken: () => {
      throw badToken();
    },
  });
}
