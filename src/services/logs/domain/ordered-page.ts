import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';

/**
 * One page of `items` in ascending or descending order of their keys (unique). The token names the last key given out.
 * @param onBadToken throws the service's own error for a token it did not make
 */
export function orderedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  options: { limit: number; token: string | undefined; descending: boolean; onBadToken: () => never },
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const sign = options.descending ? -1 : 1;
  const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -sign : sign);
  const after = options.token === undefined ? undefined : (decodePageToken(options.token) ?? options.onBadToken());
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter((each) => after === undefined || compare(each.key, after) > 0)
    .toSorted((a, b) => compare(a.key, b.key));
  const page = rest.slice(0, options.limit);
  const last = page.at(-1);
  return {
    items: page.map((each) => each.item),
    ...(rest.length > page.length && last && { nextToken: encodePageToken(last.key) }),
  };
}
