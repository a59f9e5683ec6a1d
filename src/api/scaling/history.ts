import type { Reconciler } from '../../reconcile/reconciler.ts';
import type { Table } from '../../store/store.ts';
import type { ServiceEnvironment } from '../service.ts';

const RESYNC_MS = 3_600_000;
const SIX_WEEKS_MS = 42 * 24 * 3_600_000;
const MOST = 500;

interface Forget {
  readonly type: 'forget';
  readonly keys: readonly string[];
}

/** Scaling activities are kept for six weeks. */
export function historyReconciler<R extends { readonly startMs: number }>(
  env: ServiceEnvironment<object>,
  name: string,
  activities: Table<R>,
): Reconciler<readonly string[], Forget> {
  return {
    name,
    resyncEveryMs: RESYNC_MS,
    keys: () => [],
    allKeys: async () => ['old activities'],
    async observe(tx) {
      const rows = await tx.list(activities);
      const old = rows.filter((row) => row.startMs < env.clock.now() - SIX_WEEKS_MS);
      return old.slice(0, MOST).map((row) => activities.key(row));
    },
    plan: (keys) => ({
      actions: keys.length > 0 ? [{ type: 'forget', keys }] : [],
      why: `${keys.length} activities are too old.`,
    }),
    apply: ({ keys }) =>
      env.store.write(async (tx) => {
        for (const key of keys) await tx.delete(activities, key);
      }),
  };
}
