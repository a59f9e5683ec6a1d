import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { services, taskDefinitions, tasks } from '../tables.ts';

interface Observed {
  readonly arn: string;
  readonly isUsed: boolean;
}

/** Removes the task definitions that are being deleted, each once no task that can be described and no service uses it. */
export function taskDefinitionReconciler(
  env: Pick<ServiceEnvironment<unknown>, 'store'>,
): Reconciler<Observed, { readonly type: 'remove'; readonly arn: string }> {
  return {
    name: 'ecs.task-definition',
    resyncEveryMs: 300_000,
    keys(change) {
      if (change.table === taskDefinitions.name) return [change.key];
      const mayFree = change.table === services.name || (change.table === tasks.name && change.deleted);
      return mayFree ? (change.indexes['definition'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(taskDefinitions)).map((row) => row.arn),
    async observe(tx, arn) {
      const row = await tx.get(taskDefinitions, arn);
      if (row?.status !== 'DELETE_IN_PROGRESS') return undefined;
      const [task] = await tx.list(tasks, { where: ['definition', arn] });
      const [service] = await tx.list(services, { where: ['definition', arn] });
      return { arn, isUsed: task !== undefined || service !== undefined };
    },
    plan: ({ arn, isUsed }) =>
      isUsed
        ? { actions: [], why: 'it is deleted once no task and no service uses it' }
        : { actions: [{ type: 'remove', arn }], why: 'nothing uses it any more' },
    apply: ({ arn }) => env.store.write((tx) => tx.delete(taskDefinitions, arn)),
  };
}
