import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { clusterCondition } from './authorization.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import { clusterArn, clusterNameOf, containerInstanceArn } from './domain/references.ts';
import { invalidParameter } from './errors.ts';
import { services, tasks } from './tables.ts';
import type { ClusterRow, TaskRow } from './tables.ts';

type InCluster = { readonly cluster?: string | undefined };

/** The ARNs of container instances, for authorization. */
export function instanceResources(input: InCluster, references: readonly string[], scope: Scope): string[] {
  const cluster = clusterNameOf(clusterArn(scope, input.cluster));
  return references.map((reference) => containerInstanceArn(scope, cluster, reference));
}

export const inCluster = clusterCondition;

/** The cluster's container instance, whatever its status. */
export async function getInstance(
  tx: ReadTx,
  scope: Scope,
  cluster: ClusterRow,
  reference: string,
): Promise<Stored<ContainerInstanceRow> | undefined> {
  const row = await tx.get(containerInstances, containerInstanceArn(scope, cluster.name, reference));
  return row?.clusterArn === cluster.arn ? row : undefined;
}

/** @throws InvalidParameterException where it is not in the cluster (any more) */
export async function requireInstance(
  tx: ReadTx,
  scope: Scope,
  cluster: ClusterRow,
  reference: string,
): Promise<Stored<ContainerInstanceRow>> {
  const row = await getInstance(tx, scope, cluster, reference);
  if (!row || row.status === 'INACTIVE') {
    throw invalidParameter(`Referenced container instance ${reference.split('/').at(-1)} not found.`);
  }
  return row;
}

/** Those that are in the cluster, ACTIVE and DRAINING. */
export async function registeredInstances(tx: ReadTx, cluster: string): Promise<Stored<ContainerInstanceRow>[]> {
  const rows = await tx.list(containerInstances, { where: ['cluster', cluster] });
  return rows.filter((row) => row.status !== 'INACTIVE');
}

/** Its tasks that are not STOPPED. */
export async function tasksOn(tx: ReadTx, instanceArn: string): Promise<Stored<TaskRow>[]> {
  const rows = await tx.list(tasks, { where: ['instance', instanceArn] });
  return rows.filter((task) => task.lastStatus !== 'STOPPED');
}

/** There may be room now, or an instance that wants its daemons: services that look at instances look again at once. */
export async function wakeServices(tx: WriteTx, cluster: string): Promise<void> {
  for (const service of await tx.list(services, { where: ['cluster', cluster] })) {
    if (service.status !== 'ACTIVE' || !(service.unplaced || service.schedulingStrategy)) continue;
    const { unplaced } = service;
    await tx.put(services, { ...service, ...(unplaced && { unplaced: { ...unplaced, triedAtMs: 0, tries: 0 } }) });
  }
}
