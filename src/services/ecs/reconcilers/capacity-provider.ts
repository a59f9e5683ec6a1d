import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { capacityAttachments, capacityProviders } from '../capacity-provider-tables.ts';
import type { CapacityProviderRow } from '../capacity-provider-tables.ts';
import { managedInstances } from '../managed-instance-tables.ts';

interface Observed {
  readonly row: CapacityProviderRow;
  /** Clusters whose policies and hooks are on its group still. */
  readonly attachments: number;
  /** Managed Instances that run still. */
  readonly instances: number;
}

interface Action {
  readonly type: 'end';
  readonly arn: string;
}

/** Ends the deletion of capacity providers, once what they had on their groups is gone, or their instances are. */
export function capacityProviderReconciler({
  store,
}: Pick<ServiceEnvironment<object>, 'store'>): Reconciler<Observed, Action> {
  return {
    name: 'ecs.capacity-provider',
    resyncEveryMs: 300_000,
    keys: (change) => {
      if (change.table === capacityProviders.name) return [change.key];
      const isOfOne = change.table === capacityAttachments.name || change.table === managedInstances.name;
      return isOfOne ? (change.indexes['provider'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(capacityProviders)).map((row) => row.arn),
    async observe(tx, key) {
      const row = await tx.get(capacityProviders, key);
      if (row?.updateStatus !== 'DELETE_IN_PROGRESS') return undefined;
      const attachments = (await tx.list(capacityAttachments, { where: ['provider', key] })).length;
      const instances = (await tx.list(managedInstances, { where: ['provider', key] })).length;
      return { row, attachments, instances };
    },
    plan({ row, attachments, instances }) {
      if (attachments > 0) return { actions: [], why: 'its group is still being left' };
      if (instances > 0) return { actions: [], why: `${instances} of its instances are still to be terminated` };
      return { actions: [{ type: 'end', arn: row.arn }], why: 'nothing of it is left' };
    },
    apply: (action) =>
      store.write(async (tx) => {
        const row = await tx.get(capacityProviders, action.arn);
        if (row?.updateStatus !== 'DELETE_IN_PROGRESS') return;
        await tx.put(capacityProviders, { ...row, status: 'INACTIVE', updateStatus: 'DELETE_COMPLETE' });
      }),
  };
}
