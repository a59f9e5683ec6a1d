import type { Filter } from '@aws-sdk/client-secrets-manager';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Page } from '../../kernel/pages.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { secretFilter } from './domain/secret-filter.ts';
import { constraint } from './errors.ts';
import { pageOf } from './pages.ts';
import { secrets } from './tables.ts';
import type { SecretRow } from './tables.ts';

const TIME_DIGITS = 16;

interface Listing {
  readonly Filters?: readonly Filter[] | undefined;
  readonly IncludePlannedDeletion?: boolean | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly SortBy?: string | undefined;
  readonly SortOrder?: string | undefined;
}

const inOrder = (ms: number) => String(ms).padStart(TIME_DIGITS, '0');

const SORT_KEYS: ReadonlyMap<string, (row: SecretRow) => string> = new Map<string, (row: SecretRow) => string>([
  ['created-date', (row) => inOrder(row.createdAtMs)],
  ['last-accessed-date', (row) => inOrder(row.accessedDayMs ?? 0)],
  ['last-changed-date', (row) => inOrder(row.changedAtMs)],
  ['name', () => ''],
]);

/**
 * A page of the secrets of a region.
 * @throws ServiceError ValidationException, InvalidParameterException, InvalidNextTokenException
 */
export async function listSecrets(
  tx: ReadTx,
  scope: Scope,
  input: Listing,
  most?: number,
): Promise<Page<Stored<SecretRow>>> {
  const { SortBy: sortBy = 'created-date', SortOrder: sortOrder = 'desc' } = input;
  const sortKey = SORT_KEYS.get(sortBy);
  if (!sortKey) throw constraint('sortBy', `satisfy enum value set: [${[...SORT_KEYS.keys()].join(', ')}]`, sortBy);
  if (sortOrder !== 'asc' && sortOrder !== 'desc') {
    throw constraint('sortOrder', 'satisfy enum value set: [asc, desc]', sortOrder);
  }
  const isWanted = secretFilter(input.Filters ?? []);
  const keyOf = (row: SecretRow) => `${sortKey(row)}/${row.name}`;
  const descending = sortOrder === 'desc';
  const rows = (await tx.list(secrets, { where: ['scope', scopeKey(scope)] }))
    .filter((row) => (input.IncludePlannedDeletion === true || row.deletionAtMs === undefined) && isWanted(row))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) === descending ? 1 : -1));
  return pageOf(rows, keyOf, input, { descending, ...(most !== undefined && { most }) });
}
