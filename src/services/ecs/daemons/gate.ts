import type { ReadTx } from '../../../store/store.ts';
import { capacityProviderArn } from '../authorization.ts';
import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import { needsOf } from '../domain/placement/demand.ts';
import { wantedRevision } from './plan.ts';
import { daemonDeployments, daemonRevisions, daemonTaskDefinitions, daemons } from './tables.ts';
import type { DaemonRevisionRow } from './tables.ts';

/** What a new instance of a capacity provider is to run: of each of its daemons the wanted revision. */
async function wantedOn(tx: ReadTx, clusterArn: string, providerArn: string): Promise<DaemonRevisionRow[]> {
  const rows: DaemonRevisionRow[] = [];
  for (const daemon of await tx.list(daemons, { where: ['cluster', clusterArn] })) {
    if (daemon.status !== 'ACTIVE' || !daemon.capacityProviders.includes(providerArn)) continue;
    const deployment = await tx.get(daemonDeployments, daemon.deploymentArn);
    const wanted = deployment && wantedRevision(deployment);
    const revision = wanted === undefined ? undefined : await tx.get(daemonRevisions, wanted);
    if (revision) rows.push(revision);
  }
  return rows;
}

/** An instance that registers takes no task until its critical daemons run and its other ones have their room; it takes them at once where it has none. */
export async function awaitingDaemons<R extends ContainerInstanceRow>(tx: ReadTx, row: R): Promise<R> {
  const { capacityProviderName: name } = row;
  if (name === undefined) return row;
  const wanted = await wantedOn(tx, row.clusterArn, capacityProviderArn(row, name));
  return wanted.length > 0 ? { ...row, awaitsDaemons: true } : row;
}

/** What daemons take of each instance of a capacity provider: CPU units and MiB. */
export async function daemonNeeds(
  tx: ReadTx,
  clusterArn: string,
  providerArn: string,
): Promise<{ readonly cpu: number; readonly memory: number }> {
  let [cpu, memory] = [0, 0];
  for (const revision of await wantedOn(tx, clusterArn, providerArn)) {
    const definition = await tx.get(daemonTaskDefinitions, revision.taskDefinitionArn);
    const needs = definition && needsOf(definition.definition);
    cpu += needs?.cpu ?? 0;
    memory += needs?.memory ?? 0;
  }
  return { cpu, memory };
}
