import { pageOf, type PageInput } from './pages.ts';

interface Deployment {
  readonly arn: string;
  readonly status: string;
  readonly createdAtMs: number;
}

/** What a list of deployments is asked for. */
interface Wanted extends PageInput {
  readonly status?: readonly string[] | undefined;
  readonly createdAt?: { readonly after?: Date | undefined; readonly before?: Date | undefined } | undefined;
}

/** The newest first, twenty to a page. */
export function pageOfDeployments<Row extends Deployment>(rows: readonly Row[], wanted: Wanted) {
  const { status, createdAt } = wanted;
  const asked = rows.filter(
    (row) =>
      (!status?.length || status.includes(row.status)) &&
      (!createdAt?.after || row.createdAtMs >= createdAt.after.getTime()) &&
      (!createdAt?.before || row.createdAtMs <= createdAt.before.getTime()),
  );
  const ordered = asked.toSorted((a, b) => (newestFirst(a) < newestFirst(b) ? -1 : 1));
  return pageOf(ordered, newestFirst, wanted, { size: 20 });
}

/** Sorts as text: the newest is the least. */
function newestFirst(row: Deployment): string {
  return `${String(Number.MAX_SAFE_INTEGER - row.createdAtMs).padStart(16, '0')}/${row.arn}`;
}
