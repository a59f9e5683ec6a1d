import { ProtocolError } from './errors.ts';
import { answerJson } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const MOST_TAGS = 1000;

/** Tags in the order of their bytes, from after `last`, at most `n`; `Link` leads to the next page. */
export async function listTags(exchange: Exchange, name: string): Promise<void> {
  const { registry, scope, query, res } = exchange;
  const limit = limitOf(query.get('n'));
  const after = query.get('last') ?? undefined;
  const rows = await registry.store.read(async (tx) =>
    registry.images.listTags(tx, await registry.repository(tx, scope, name), { after, limit: limit + 1 }),
  );
  const tags = rows.slice(0, limit).map((row) => row.tag);
  const last = tags.at(-1);
  const next = rows.length > limit && last !== undefined;
  answerJson(
    res,
    200,
    { name, tags },
    next ? { Link: `</v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"` } : {},
  );
}

function limitOf(n: string | null): number {
  if (n === null) return MOST_TAGS;
  if (!/^\d{1,9}$/.test(n)) throw new ProtocolError(400, 'PAGINATION_NUMBER_INVALID', `'${n}' is not a number of tags`);
  return Math.min(Number(n), MOST_TAGS);
}
