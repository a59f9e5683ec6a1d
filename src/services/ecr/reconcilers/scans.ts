import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { ScanFailed, scannerPrincipal } from '../image-scanner.ts';
import type { ScanReport } from '../image-scanner.ts';
import type { EcrPorts } from '../operation.ts';
import { placeOf } from '../replication.ts';
import { inRegistry } from '../repositories.ts';
import { repositories, repositoryKey, scanFindings, scans } from '../tables.ts';
import type { ScanFinding, ScanRow, ScanSummary } from '../tables.ts';

const EVERY_MS = 60 * 60 * 1000;
const COMPLETE = 'The scan was completed successfully.';
const WORST_FIRST = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'] as const;

interface Observed {
  readonly scan: Stored<ScanRow>;
  readonly hasImage: boolean;
}

type Action =
  | { readonly type: 'scan'; readonly scan: Stored<ScanRow> }
  | { readonly type: 'forget'; readonly key: string };

/**
 * Runs the scans that were started, again if the server stopped meanwhile, and forgets those whose image is gone. A key
 * is an image of a repository, as the registry keys it.
 */
export function scansReconciler(env: ServiceEnvironment<EcrPorts>): Reconciler<Observed, Action> {
  return {
    name: 'ecr.scans',
    resyncEveryMs: EVERY_MS,
    keys: ({ table, key, deleted }) =>
      (table === scans.name && !deleted) || (table === 'registry.manifests' && deleted) ? [key] : [],
    allKeys: async (tx) => (await tx.list(scans)).map(({ image }) => image),
    observe: async (tx, key) => {
      const scan = await tx.get(scans, key);
      if (!scan) return undefined;
      const place = placeOf(key);
      const repository = await tx.get(repositories, repositoryKey(place, place.name));
      const image = repository && (await env.ports.registry.images.find(tx, inRegistry(repository), place.digest));
      return { scan, hasImage: image?.pushedAtMs === scan.pushedAtMs };
    },
    plan: ({ scan, hasImage }) => {
      if (!hasImage) return { actions: [{ type: 'forget', key: scan.image }], why: 'The image is gone.' };
      if (scan.status !== 'IN_PROGRESS') return { actions: [], why: 'The scan has ended.' };
      return { actions: [{ type: 'scan', scan }], why: 'The scan was started.' };
    },
    apply: (action) => (action.type === 'forget' ? forget(env, action.key) : scan(env, action.scan)),
  };
}

async function forget({ store }: ServiceEnvironment<EcrPorts>, key: string): Promise<void> {
  await store.write(async (tx) => {
    await tx.delete(scans, key);
    await tx.delete(scanFindings, key);
  });
}

async function scan(env: ServiceEnvironment<EcrPorts>, row: Stored<ScanRow>): Promise<void> {
  const { ports, clock, log } = env;
  const { account, region, name, digest } = placeOf(row.image);
  const principal = scannerPrincipal(account);
  const { authorizationToken } = ports.tokens.issue({ account, region, principal }, clock.now());
  const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString('utf8').split(':');
  const reference = `${ports.registryHost}/${name}@${digest}`;
  try {
    await complete(env, row, await ports.scanner.scan({ reference, username, password }));
  } catch (error) {
    if (!(error instanceof ScanFailed)) throw error;
    log.warn('an image scan failed', { image: row.image, reason: error.message });
    await end(env, row, { status: 'FAILED', description: error.message });
  }
}

async function complete(env: ServiceEnvironment<EcrPorts>, row: Stored<ScanRow>, report: ScanReport): Promise<void> {
  const { sourceUpdatedAtMs, warning } = report;
  const findings = report.findings.toSorted(byRank);
  const counts: ScanSummary['counts'] = Object.fromEntries(
    WORST_FIRST.flatMap((severity) => {
      const count = findings.filter((finding) => finding.severity === severity).length;
      return count > 0 ? [[severity, count]] : [];
    }),
  );
  const completedAtMs = env.clock.now();
  const summary = { completedAtMs, counts, ...(sourceUpdatedAtMs !== undefined && { sourceUpdatedAtMs }) };
  const description = warning === undefined ? COMPLETE : `${COMPLETE} ${warning}`;
  await end(env, row, { status: 'COMPLETE', description, summary }, findings);
  env.log.info('an image was scanned', { image: row.image, ...counts });
}

/** Writes down how a scan ended, unless its image is gone or another scan of it was started. */
async function end(
  { store }: ServiceEnvironment<EcrPorts>,
  row: Stored<ScanRow>,
  ended: Pick<ScanRow, 'status' | 'description' | 'summary'>,
  findings?: readonly ScanFinding[],
): Promise<void> {
  await store.write(async (tx) => {
    const latest = await tx.get(scans, row.image);
    if (latest?.revision !== row.revision) return;
    await tx.put(scans, { ...latest, ...ended });
    if (!findings) return;
    await tx.delete(scanFindings, row.image);
    await tx.put(scanFindings, { image: row.image, findings });
  });
}

function byRank(a: ScanFinding, b: ScanFinding): number {
  const bySeverity = WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity);
  if (bySeverity !== 0) return bySeverity;
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
