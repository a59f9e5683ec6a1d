import { paginate } from '../../kernel/pages.ts';
import type { Page } from '../../kernel/pages.ts';
import { invalidParameter } from './errors.ts';

const DEFAULT_RESULTS = 100;
const MOST_RESULTS = 1000;

interface Paged {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/**
 * One page of `items`, which are sorted by `keyOf`.
 * @throws ServiceError InvalidParameterException
 */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, input: Paged): Page<T> {
  const limit = input.maxResults ?? DEFAULT_RESULTS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RESULTS) {
    throw invalidParameter('maxResults', `Member must have value between 1 and ${MOST_RESULTS}`);
  }
  return paginate(items, keyOf, {
    limit,
    token: input.nextToken,
    onBadToken: () => {
      throw invalidParameter('nextToken', 'Member must be a token that an earlier call returned');
    },
  });
}

/** Pages make no sense where the caller names what it wants. */
export function refusePaging(input: Paged, because: string): void {
  for (const member of ['maxResults', 'nextToken'] as const) {
    if (input[member] !== undefined)
      throw invalidParameter(member, `Member must not be given together with ${because}`);
  }
}
