import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { prepare, proceed, pushNext } from '../backfills.ts';
import { forgottenAt } from '../domain/backfill-progress.ts';
import type { EcrPorts } from '../operation.ts';
import { backfillReplicationKey, backfillReplications, backfills } from '../tables.ts';
import type { BackfillRow } from '../tables.ts';

const EVERY_MS = 60 * 60 * 1000;
const ROWS_AT_ONCE = 500;

interface Action {
  readonly type: 'prepare' | 'proceed' | 'forget';
  readonly id: string;
}

/**
 * Works replication backfills off. Each action is one transaction that takes some images and says how far it came; the
 * change to the backfill's row brings the next. A key is a backfill's ID.
 */
export function backfillsReconciler(env: ServiceEnvironment<EcrPorts>): Reconciler<BackfillRow, Action> {
  const { store, clock, ports } = env;
  return {
    name: 'ecr.backfills',
    resyncEveryMs: EVERY_MS,
    keys: ({ table, key, deleted }) => (table === backfills.name && !deleted ? [key] : []),
    allKeys: async (tx) => (await tx.list(backfills)).map(({ id }) => id),
    observe: (tx, key) => tx.get(backfills, key),
    plan: (row, now) => {
      const { id, status } = row;
      if (status === 'PREPARING') return { actions: [{ type: 'prepare', id }], why: 'Images are still to be found.' };
      if (status === 'IN_PROGRESS')
        return { actions: [{ type: 'proceed', id }], why: 'Images are still to be copied.' };
      const wakeAt = forgottenAt(row);
      if (wakeAt === undefined || now >= wakeAt)
        return { actions: [{ type: 'forget', id }], why: 'It ended long ago.' };
      return { actions: [], wakeAt, why: 'It has ended.' };
    },
    apply: async ({ type, id }) => {
      if (type === 'forget') return forget(env, id);
      if (type === 'prepare') return store.write((tx) => prepare(tx, ports.registry, id, clock.now()));
      const pushed = await pushNext(env, id);
      await store.write((tx) => proceed(tx, ports.registry, id, { now: clock.now(), pushed }));
    },
  };
}

/** The backfill goes last, so that it is known what is left of it. */
async function forget({ store }: ServiceEnvironment<EcrPorts>, id: string): Promise<void> {
  const forgetSome = () =>
    store.write(async (tx) => {
      const rows = await tx.list(backfillReplications, { prefix: `${id}/`, limit: ROWS_AT_ONCE });
      for (const row of rows) await tx.delete(backfillReplications, backfillReplicationKey(id, row.sequence));
      if (rows.length === 0) await tx.delete(backfills, id);
      return rows.length;
    });
  while ((await forgetSome()) > 0);
}
