/** One page of a sorted list, and the opaque token of the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * Cuts one page out of `items`, which must be sorted by `keyOf` (unique; ascending, or descending if so said). A token names the last key
 * seen, not an offset, so rows that come and go between two calls neither repeat nor vanish.
 * @param onBadToken throws the service's own error for a token it did not make
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  options: { limit: number; token?: string | undefined; descending?: boolean; onBadToken: () => never },
): Page<T> {
  const after = options.token === undefined ? undefined : (decodePageToken(options.token) ?? options.onBadToken());
  const isPast = (key: string, last: string) => (options.descending ? key < last : key > last);
  const rest = after === undefined ? items : items.filter((item) => isPast(keyOf(item), after));
  const page = rest.slice(0, options.limit);
  const last = page.at(-1);
  return rest.length > page.length && last !== undefined
    ? { items: page, nextToken: encodePageToken(keyOf(last)) }
    : { items: page };
}

export function encodePageToken(lastKey: string): string {
  return Buffer.from(JSON.stringify({ v: 1, after: lastKey })).toString('base64url');
}

/** Answers undefined for a token that this server did not make. */
export function decodePageToken(token: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('after' in parsed)) return undefined;
    return typeof parsed.after === 'string' ? parsed.after : undefined;
  } catch {
    return undefined;
  }
}
