import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { tasks } from '../tables.ts';
import { isDaemonDefinition } from './references.ts';
import { daemonDeployments, daemonRevisions, daemonTaskDefinitions, daemons } from './tables.ts';

interface Observed {
  readonly arn: string;
  readonly isUsed: boolean;
}

/** Whether a daemon wants it, or may go back to it. */
async function isRolledOut(tx: ReadTx, definitionArn: string): Promise<boolean> {
  for (const revision of await tx.list(daemonRevisions, { where: ['definition', definitionArn] })) {
    const daemon = await tx.get(daemons, revision.daemonArn);
    const deployment = daemon && (await tx.get(daemonDeployments, daemon.deploymentArn));
    const used = [daemon?.stableRevisionArn, deployment?.targetRevisionArn, deployment?.rollback?.revisionArn];
    if (used.includes(revision.arn)) return true;
  }
  return false;
}

/** Removes the daemon task definitions that are being deleted, each once no daemon, and no task that can be described, uses it. */
export function daemonDefinitionReconciler(
  env: Pick<ServiceEnvironment<unknown>, 'store'>,
): Reconciler<Observed, { readonly type: 'remove'; readonly arn: string }> {
  return {
    name: 'ecs.daemon-task-definition',
    resyncEveryMs: 300_000,
    keys(change) {
      if (change.table === daemonTaskDefinitions.name) return [change.key];
      const mayFree = change.deleted && [tasks.name, daemonRevisions.name].includes(change.table);
      return mayFree ? (change.indexes['definition'] ?? []).filter(isDaemonDefinition) : [];
    },
    allKeys: async (tx) => (await tx.list(daemonTaskDefinitions)).map((row) => row.arn),
    async observe(tx, arn) {
      const row = await tx.get(daemonTaskDefinitions, arn);
      if (row?.status !== 'DELETE_IN_PROGRESS') return undefined;
      const [task] = await tx.list(tasks, { where: ['definition', arn] });
      return { arn, isUsed: task !== undefined || (await isRolledOut(tx, arn)) };
    },
    plan: ({ arn, isUsed }) =>
      isUsed
        ? { actions: [], why: 'it is deleted once no task and no daemon uses it' }
        : { actions: [{ type: 'remove', arn }], why: 'nothing uses it any more' },
    apply: ({ arn }) => env.store.write((tx) => tx.delete(daemonTaskDefinitions, arn)),
  };
}
