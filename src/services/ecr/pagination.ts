import { paginate } from '../../kernel/pages.ts';
import type { Page } from '../../kernel/pages.ts';
import { invalidParameter } from './errors.ts';

const LIMITS = { standard: 100, most: 1000 };

interface Paged {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/**
 * One page of `items`, which are sorted by `keyOf`.
 * @throws ServiceError InvalidParameterException
 */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, input: Paged, limits = LIMITS): Page<T> {
  return paginate(items, keyOf, { limit: limitOf(input, limits), token: input.nextToken, onBadToken: refuseToken });
}

/** How many items a page may have. */
export function limitOf(input: Paged, { standard, most } = LIMITS): number {
  const limit = input.maxResults ?? standard;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw invalidParameter('maxResults', `Member must have value between 1 and ${most}`);
}

export function refuseToken(): never {
  throw invalidParameter('nextToken', 'Member must be a token that an earlier call returned');
}

/** Pages make no sense where the caller names what it wants. */
export function refusePaging(input: Paged, because: string): void {
  for (const member of ['maxResults', 'nextToken'] as const) {
    if (input[member] !== undefined)
      throw invalidParameter(member, `Member must not be given together with ${because}`);
  }
}
