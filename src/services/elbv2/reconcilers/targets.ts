import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Elbv2Ports } from '../operation.ts';
import { targetKey, targets, type TargetRow } from '../tables.ts';

export interface ForgetTarget {
  readonly type: 'forget-target';
  readonly key: string;
}

/** Ends the draining of deregistered targets when their group's deregistration delay is over. */
export function targetsReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<TargetRow, ForgetTarget> {
  return {
    name: 'elbv2.targets',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === targets.name && !change.deleted ? [change.key] : []),
    async allKeys(tx) {
      const rows = await tx.list(targets);
      return rows.filter((row) => row.drainsUntilMs !== undefined).map(targetKey);
    },
    async observe(tx, key) {
      const row = await tx.get(targets, key);
      return row?.drainsUntilMs === undefined ? undefined : row;
    },
    plan(row, now) {
      const until = row.drainsUntilMs ?? now;
      if (now < until) return { actions: [], wakeAt: until, why: 'It drains.' };
      return { actions: [{ type: 'forget-target', key: targetKey(row) }], why: 'It has drained.' };
    },
    apply: ({ key }) =>
      env.store.write(async (tx) => {
        const row = await tx.get(targets, key);
        // Registered again in the meantime: it stays.
        if (row?.drainsUntilMs !== undefined && row.drainsUntilMs <= env.clock.now()) await tx.delete(targets, key);
      }),
  };
}
