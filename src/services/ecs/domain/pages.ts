import { paginate } from '../../../kernel/pages.ts';
import { badToken, invalidParameter } from '../errors.ts';

/** What every list of ECS takes. */
export interface PageInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

interface PageOptions {
  /** How many items a page has where the caller does not say. */
  readonly size: number;
  /** As many as it may ask for; left out: 100. */
  readonly most?: number;
  readonly descending?: boolean;
}

export interface EcsPage<T> {
  readonly items: T[];
  /** To be spread into the answer. */
  readonly next: { readonly nextToken?: string };
}

/**
 * One page of a list that is sorted by `keyOf` (unique).
 * @throws InvalidParameterException for a maxResults out of range, or a token that is not ours
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken: token }: PageInput,
  { size, most = 100, descending = false }: PageOptions,
): EcsPage<T> {
  const limit = maxResults ?? size;
  if (limit < 1 || limit > most) throw invalidParameter(`maxResults must be between 1 and ${most}.`);
  const { nextToken, ...page } = paginate(items, keyOf, { limit, token, descending, onBadToken: badToken });
  return { items: [...page.items], next: nextToken === undefined ? {} : { nextToken } };
}
