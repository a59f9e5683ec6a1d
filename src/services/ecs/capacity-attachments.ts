import type { Scope } from '../../kernel/arn.ts';
import type { Ids } from '../../kernel/ids.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { capacityProviderArn } from './authorization.ts';
import { attachmentKey, capacityAttachments, capacityProviders } from './capacity-provider-tables.ts';
import type { CapacityAttachmentRow, CapacityProviderRow, GroupProviderRow } from './capacity-provider-tables.ts';
import { taskSets } from './domain/task-set.ts';
import { clusterBusy, providerInUse } from './errors.ts';
import { services, tasks } from './tables.ts';
import type { ClusterRow } from './tables.ts';

/** The account's own providers that a cluster can have. */
export async function ownProviders(tx: ReadTx, scope: Scope): Promise<Stored<CapacityProviderRow>[]> {
  const rows = await tx.list(capacityProviders, { where: ['scope', scopeKey(scope)] });
  return rows.filter((row) => row.status === 'ACTIVE' && row.updateStatus !== 'DELETE_IN_PROGRESS');
}

export function attachmentsOf(tx: ReadTx, clusterArn: string): Promise<Stored<CapacityAttachmentRow>[]> {
  return tx.list(capacityAttachments, { where: ['cluster', clusterArn] });
}

/** @throws UpdateInProgressException while a provider is on its way to or from one of its groups */
export async function checkNotBusy(tx: ReadTx, cluster: ClusterRow): Promise<void> {
  const rows = await attachmentsOf(tx, cluster.arn);
  if (rows.some((row) => row.isDue && row.failure === undefined)) throw clusterBusy();
}

/** @throws ResourceInUseException where a task or a service of the cluster is placed on one that leaves */
export async function checkNotPlacing(tx: ReadTx, cluster: ClusterRow, leaving: readonly string[]): Promise<void> {
  if (leaving.length === 0) return;
  const isLeaving = (name: string | undefined) => leaving.some((one) => one === name);
  const running = await tx.list(tasks, { where: ['cluster', cluster.arn] });
  if (running.some((task) => task.lastStatus !== 'STOPPED' && isLeaving(task.capacityProviderName))) {
    throw providerInUse();
  }
  for (const service of await tx.list(services, { where: ['cluster', cluster.arn] })) {
    if (service.status === 'INACTIVE') continue;
    const sets = await tx.list(taskSets, { where: ['service', service.arn] });
    const placing = [service, ...sets].flatMap((one) => one.capacityProviderStrategy ?? []);
    if (placing.some((item) => isLeaving(item.capacityProvider))) throw providerInUse();
  }
}

/** What the cluster's own providers need on their groups, from now on; those that left it give theirs back. */
export async function attachProviders(tx: WriteTx, cluster: ClusterRow, ids: Ids): Promise<void> {
  const before = await attachmentsOf(tx, cluster.arn);
  for (const row of before) {
    if (cluster.capacityProviders.includes(row.providerName) || row.isLeaving) continue;
    const { failure: _, ...rest } = row;
    await tx.put(capacityAttachments, { ...rest, isLeaving: true, isDue: true });
  }
  for (const name of cluster.capacityProviders) {
    const provider = await tx.get(capacityProviders, capacityProviderArn(cluster, name));
    if (provider?.status === 'ACTIVE' && !provider.managedInstances) await attach(tx, cluster, provider, ids);
  }
}

async function attach(tx: WriteTx, cluster: ClusterRow, provider: GroupProviderRow, ids: Ids): Promise<void> {
  const known = await tx.get(capacityAttachments, attachmentKey(cluster.arn, provider.name));
  if (known && !known.isLeaving && known.failure === undefined) return;
  await tx.put(capacityAttachments, {
    ...(known && { revision: known.revision }),
    account: cluster.account,
    region: cluster.region,
    clusterArn: cluster.arn,
    providerArn: provider.arn,
    providerName: provider.name,
    groupName: provider.groupName,
    policyId: known?.policyId ?? ids.uuid(),
    hookId: known?.hookId ?? ids.uuid(),
    hasPolicy: known?.hasPolicy ?? false,
    hasHook: known?.hasHook ?? false,
    isDue: true,
  });
}
