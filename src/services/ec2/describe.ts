import { type Scope, scopeKey } from '../../kernel/arn.ts';
import { type Page, paginate } from '../../kernel/pages.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { readRegion } from './default-vpc.ts';
import { type Filter, type FilterFields, literalValues, matcher } from './domain/filters.ts';
import type { ResourceKind } from './domain/resource-kind.ts';
import { invalidMaxResults, invalidPaginationToken } from './errors.ts';
import { requireRow } from './lookup.ts';
import type { Ec2Context } from './operation.ts';
import { type Resource, resourceKey } from './tables.ts';

/** How one kind of resource is described: where its rows are and what its filters read. */
export interface Described<R extends Resource> {
  readonly kind: ResourceKind;
  readonly table: Table<R>;
  readonly fields: FilterFields<R>;
  /** Filters on another resource's id that an index of the table answers: filter name to index name. */
  readonly indexed?: Readonly<Record<string, string>>;
  /** Those that every region has, which are in no table. */
  readonly builtIn?: (scope: Scope) => readonly R[];
}

interface DescribeRequest {
  readonly Filters?: readonly Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

const MIN_RESULTS = 5;
const MAX_RESULTS = 1000;

/** One page of a region's resources: those with `ids` (each must exist) or all, as far as the filters match. */
export async function describe<R extends Resource>(
  ctx: Ec2Context,
  described: Described<R>,
  ids: readonly string[] | undefined,
  request: DescribeRequest,
): Promise<Page<R>> {
  const matches = matcher(described.fields, request.Filters);
  const rows = await readRegion(ctx, (tx) =>
    ids?.length ? rowsWith(tx, ctx, described, ids) : candidates(tx, ctx, described, request.Filters ?? []),
  );
  return pageOf(
    rows.filter((row) => matches(row)),
    (row) => row.id,
    request,
  );
}

/** Cuts EC2's pages: 5 to 1000 items, or all of them when the caller does not say. Sorts by `keyOf`. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: Pick<DescribeRequest, 'MaxResults' | 'NextToken'>,
): Page<T> {
  const limit = request.MaxResults;
  if (limit !== undefined && (limit < MIN_RESULTS || limit > MAX_RESULTS)) throw invalidMaxResults(limit);
  const sorted = items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return paginate(sorted, keyOf, {
    limit: limit ?? Infinity,
    token: request.NextToken || undefined,
    onBadToken: () => {
      throw invalidPaginationToken();
    },
  });
}

/** The NextToken member of an answer, left out on the last page. */
export function nextTokenOf(page: Page<unknown>): { NextToken?: string } {
  return page.nextToken === undefined ? {} : { NextToken: page.nextToken };
}

/** Every resource of the region in one table. */
export function listRegion<R extends Resource>(tx: ReadTx, table: Table<R>, scope: Scope): Promise<Stored<R>[]> {
  return tx.list(table, { prefix: `${scopeKey(scope)}/` });
}

async function rowsWith<R extends Resource>(
  tx: ReadTx,
  scope: Scope,
  described: Described<R>,
  ids: readonly string[],
): Promise<readonly R[]> {
  const builtIn = new Map(described.builtIn?.(scope).map((row) => [row.id, row]));
  return Promise.all(
    [...new Set(ids)].map(async (id) => builtIn.get(id) ?? requireRow(tx, described.table, described.kind, scope, id)),
  );
}

/** The rows that an index can tell apart already, so that one subnet's interfaces do not cost a region's. */
async function candidates<R extends Resource>(
  tx: ReadTx,
  scope: Scope,
  described: Described<R>,
  filters: readonly Filter[],
): Promise<readonly R[]> {
  for (const filter of filters) {
    const index = described.indexed?.[filter.Name ?? ''];
    const ids = index === undefined ? undefined : literalValues(filter);
    if (index === undefined || ids === undefined) continue;
    const found = await Promise.all(
      [...new Set(ids)].map((id) => tx.list(described.table, { where: [index, resourceKey(scope, id)] })),
    );
    return [...new Map(found.flat().map((row) => [row.id, row])).values()];
  }
  return [...(described.builtIn?.(scope) ?? []), ...(await listRegion(tx, described.table, scope))];
}
