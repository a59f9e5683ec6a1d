import type { Ids } from '../../../kernel/ids.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { breakerThreshold } from '../domain/failure-throttle.ts';
import { tasks } from '../tables.ts';
import { newDaemonDeploymentArn, newDaemonRevisionArn } from './references.ts';
import { daemonDeployments, daemonRevisions } from './tables.ts';
import type {
  DaemonDeploymentRow,
  DaemonRevisionRow,
  DaemonRow,
  DaemonTaskDefinitionRow,
  DaemonWorkload,
} from './tables.ts';

interface Making {
  readonly ids: Ids;
  readonly now: number;
}

type Owner = Pick<DaemonRow, 'account' | 'region' | 'arn' | 'clusterArn'>;

export function newRevision(
  daemon: Owner,
  workload: DaemonWorkload,
  { definition }: DaemonTaskDefinitionRow,
  { ids, now }: Making,
): DaemonRevisionRow {
  const { account, region, arn: daemonArn, clusterArn } = daemon;
  const images = (definition.containerDefinitions ?? []).map(({ name = '', image = '' }) => [name, image] as const);
  return {
    account,
    region,
    arn: newDaemonRevisionArn(daemon, ids),
    daemonArn,
    clusterArn,
    ...workload,
    images: Object.fromEntries(images),
    createdAtMs: now,
  };
}

/** @param targetRevisionArn left out: it takes the daemon away */
export async function newDeployment(
  tx: ReadTx,
  daemon: Pick<DaemonRow, keyof Owner | 'configuration'>,
  targetRevisionArn: string | undefined,
  { ids, now }: Making,
): Promise<DaemonDeploymentRow> {
  const { account, region, arn: daemonArn, clusterArn, configuration } = daemon;
  const sources = await liveRevisions(tx, daemonArn);
  return {
    account,
    region,
    arn: newDaemonDeploymentArn(daemon, ids),
    daemonArn,
    clusterArn,
    status: 'PENDING',
    ...(targetRevisionArn === undefined ? {} : { targetRevisionArn }),
    sourceRevisionArns: sources.filter((arn) => arn !== targetRevisionArn),
    configuration,
    failureCount: 0,
    threshold: breakerThreshold(0),
    createdAtMs: now,
  };
}

/** Those that have tasks. */
export async function liveRevisions(tx: ReadTx, daemonArn: string): Promise<string[]> {
  const own = await tx.list(tasks, { where: ['daemon', daemonArn] });
  const live = own.filter((task) => task.lastStatus !== 'STOPPED');
  return [...new Set(live.flatMap((task) => task.daemon?.revisionArn ?? []))];
}

const ENDED: ReadonlySet<string> = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']);

export function isEnded({ status }: Pick<DaemonDeploymentRow, 'status'>): boolean {
  return ENDED.has(status);
}

/** A newer deployment takes its place. */
export async function stopDeployment(tx: WriteTx, arn: string, now: number): Promise<void> {
  const row = await tx.get(daemonDeployments, arn);
  if (!row || isEnded(row)) return;
  const statusReason = 'The daemon deployment was replaced by a new deployment.';
  await tx.put(daemonDeployments, { ...row, status: 'STOPPED', statusReason, stoppedAtMs: now, finishedAtMs: now });
}

/** Both tables are small: 90 days as of service deployments. */
const KEPT_MS = 90 * 24 * 3_600_000;

export async function forgetOld(tx: WriteTx, daemonArn: string, now: number): Promise<void> {
  for (const row of await tx.list(daemonDeployments, { where: ['daemon', daemonArn] })) {
    if (isEnded(row) && now - row.createdAtMs > KEPT_MS) await tx.delete(daemonDeployments, row.arn);
  }
}

/** The daemon is gone: all that tells of it goes too. */
export async function forgetAll(tx: WriteTx, daemonArn: string): Promise<void> {
  for (const row of await tx.list(daemonDeployments, { where: ['daemon', daemonArn] })) {
    await tx.delete(daemonDeployments, row.arn);
  }
  for (const row of await tx.list(daemonRevisions, { where: ['daemon', daemonArn] })) {
    await tx.delete(daemonRevisions, row.arn);
  }
}
