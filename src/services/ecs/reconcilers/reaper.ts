import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { EcsPorts } from '../operation.ts';
import { tasks } from '../tables.ts';

/** Removes from the host what no row knows: tasks that were forgotten while the server was down. */
export function reaper(
  env: ServiceEnvironment<EcsPorts>,
): Reconciler<readonly string[], { type: 'reap'; known: readonly string[] }> {
  return {
    name: 'ecs.reaper',
    resyncEveryMs: 300_000,
    keys: () => [],
    allKeys: async () => ['host'],
    observe: async (tx) =>
      (await tx.list(tasks)).filter((task) => task.lastStatus !== 'STOPPED').map((task) => task.arn),
    plan: (known) => ({ actions: [{ type: 'reap', known }], why: `${known.length} tasks belong on this host` }),
    apply: (action) => env.ports.executor.reap(new Set(action.known)),
  };
}
