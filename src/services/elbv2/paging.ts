import { paginate } from '../../kernel/pages.ts';
import { invalid } from './errors.ts';

const LARGEST_PAGE = 400;

/** One page of `items`, which are sorted by `keyOf`, with the members of ELB's requests and answers. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  input: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
): { readonly items: readonly T[]; readonly next: { NextMarker?: string } } {
  const limit = input.PageSize ?? LARGEST_PAGE;
  if (limit < 1 || limit > LARGEST_PAGE) throw invalid(`Page size '${limit}' must be between 1 and ${LARGEST_PAGE}`);
  const onBadToken = () => {
    throw invalid('The specified marker is not valid');
  };
  const found = paginate(items, keyOf, { limit, token: input.Marker, onBadToken });
  return { items: found.items, next: found.nextToken === undefined ? {} : { NextMarker: found.nextToken } };
}
