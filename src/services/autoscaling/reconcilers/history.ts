import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { activities, activityKey } from '../tables.ts';

const RESYNC_MS = 3_600_000;
const SIX_WEEKS_MS = 42 * 24 * 3_600_000;

interface Forget {
  readonly type: 'forget';
  readonly keys: readonly string[];
}

/** Activities are kept for six weeks. */
export function historyReconciler(env: ServiceEnvironment<object>): Reconciler<readonly string[], Forget> {
  return {
    name: 'autoscaling.history',
    resyncEveryMs: RESYNC_MS,
    keys: () => [],
    allKeys: async () => ['old activities'],
    async observe(tx) {
      const rows = await tx.list(activities);
      return rows.filter((row) => row.startMs < env.clock.now() - SIX_WEEKS_MS).map(activityKey);
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
