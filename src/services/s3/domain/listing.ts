/** After every key that begins with a text: no character comes after the last of Unicode. */
const LAST = '\u{10ffff}';

export interface Listing<R> {
  readonly rows: readonly R[];
  /** The beginnings that keys were gathered under, up to and with the delimiter. */
  readonly prefixes: readonly string[];
  /** The last key or prefix of the page, if more follow it. */
  readonly last?: string;
}

export interface ListingQuery<R> {
  readonly prefix: string;
  readonly delimiter: string;
  /** A key or a prefix of the page before: what it gathered is not listed again. */
  readonly after: string;
  readonly limit: number;
  readonly keyOf: (row: R) => string;
  /** At most `limit` rows whose key has the prefix and is greater than `after`, in ascending order. */
  readonly fetch: (after: string, limit: number) => Promise<readonly R[]>;
}

/**
 * One page of keys, where those that share a beginning up to the delimiter are gathered to one entry. What is gathered
 * is jumped over, not read.
 */
export async function listKeys<R>(query: ListingQuery<R>): Promise<Listing<R>> {
  const { after, limit, keyOf } = query;
  const rows: R[] = [];
  const prefixes: string[] = [];
  if (limit === 0) return { rows, prefixes };
  const isGathered = after !== '' && gatheredUnder(after, query) === after;
  let position = isGathered ? after + LAST : after;
  let last = after;
  for (;;) {
    const wanted = limit - rows.length - prefixes.length + 1;
    const batch = await query.fetch(position, wanted);
    for (const row of batch) {
      const key = keyOf(row);
      if (rows.length + prefixes.length === limit) return { rows, prefixes, last };
      const gathered = gatheredUnder(key, query);
      last = gathered ?? key;
      if (gathered === undefined) {
        rows.push(row);
        position = key;
      } else {
        prefixes.push(gathered);
        position = gathered + LAST;
        break;
      }
    }
    const wasWhole = batch.length < wanted && position === keyOfLast(batch, keyOf);
    if (batch.length === 0 || wasWhole) return { rows, prefixes };
  }
}

function keyOfLast<R>(batch: readonly R[], keyOf: (row: R) => string): string | undefined {
  const row = batch.at(-1);
  return row === undefined ? undefined : keyOf(row);
}

function gatheredUnder(key: string, { prefix, delimiter }: { prefix: string; delimiter: string }): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
