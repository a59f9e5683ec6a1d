import { paginate } from '../../../kernel/pages.ts';
import { badToken } from '../errors.ts';
import { pageLimit } from './page-limit.ts';

interface Deployment {
  readonly arn: string;
  readonly status: string;
  readonly createdAtMs: number;
}

/** What a list of deployments is asked for. */
interface Wanted {
  readonly status?: readonly string[] | undefined;
  readonly createdAt?: { readonly after?: Date | undefined; readonly before?: Date | undefined } | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** The newest first, twenty to a page. */
export function pageOfDeployments<Row extends Deployment>(rows: readonly Row[], wanted: Wanted) {
  const { status, createdAt, maxResults, nextToken } = wanted;
  const asked = rows.filter(
    (row) =>
      (!status?.length || status.includes(row.status)) &&
      (!createdAt?.after || row.createdAtMs >= createdAt.after.getTime()) &&
      (!createdAt?.before || row.createdAtMs <= createdAt.before.getTime()),
  );
  const ordered = asked.toSorted((a, b) => (newestFirst(a) < newestFirst(b) ? -1 : 1));
  return paginate(ordered, newestFirst, { limit: pageLimit(maxResults, 20), token: nextToken, onBadToken: badToken });
}

/** Sorts as text: the newest is the least. */
function newestFirst(row: Deployment): string {
  return `${String(Number.MAX_SAFE_INTEGER - row.createdAtMs).padStart(16, '0')}/${row.arn}`;
}
