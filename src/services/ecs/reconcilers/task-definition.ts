import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { taskSets } from '../domain/task-set.ts';
import { services, taskDefinitions, tasks } from '../tables.ts';

interface Observed {
  readonly arn: string;
  readonly isUsed: boolean;
}

/** What uses its task definition for as long as it is there. */
const GONE_WITH: readonly string[] = [tasks.name, taskSets.name];

/** Removes the task definitions that are being deleted, each once no task that can be described, no service and no task set uses it. */
export function taskDefinitionReconciler(
  env: Pick<ServiceEnvironment<unknown>, 'store'>,
): Reconciler<Observed, { readonly type: 'remove'; readonly arn: string }> {
  return {
    name: 'ecs.task-definition',
    resyncEveryMs: 300_000,
    keys(change) {
      if (change.table === taskDefinitions.name) return [change.key];
      const mayFree = change.table === services.name || (change.deleted && GONE_WITH.includes(change.table));
      return mayFree ? (change.indexes['definition'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(taskDefinitions)).map((row) => row.arn),
    observe,
    plan: ({ arn, isUsed }) =>
      isUsed
        ? { actions: [], why: 'it is deleted once no task, no service and no task set uses it' }
        : { actions: [{ type: 'remove', arn }], why: 'nothing uses it any more' },
    apply: ({ arn }) =>
      env.store.write(async (tx) => {
        const now = await observe(tx, arn);
        if (now && !now.isUsed) await tx.delete(taskDefinitions, arn);
      }),
  };
}

async function observe(tx: ReadTx, arn: string): Promise<Observed | undefined> {
  const row = await tx.get(taskDefinitions, arn);
  if (row?.status !== 'DELETE_IN_PROGRESS') return undefined;
  const [task] = await tx.list(tasks, { where: ['definition', arn] });
  const [service] = await tx.list(services, { where: ['definition', arn] });
  const [set] = await tx.list(taskSets, { where: ['definition', arn] });
  return { arn, isUsed: [task, service, set].some((user) => user !== undefined) };
}
