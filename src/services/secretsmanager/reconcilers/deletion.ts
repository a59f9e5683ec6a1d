import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { SecretsManagerPorts } from '../operation.ts';
import { secrets } from '../tables.ts';
import type { SecretRow } from '../tables.ts';
import { removeSecret } from '../versions.ts';

const RESYNC_MS = 60 * 60 * 1000;

interface Action {
  readonly type: 'remove';
  readonly key: string;
}

/** Removes secrets for good when their recovery window is over. */
export function deletionReconciler(env: ServiceEnvironment<SecretsManagerPorts>): Reconciler<SecretRow, Action> {
  const { store, clock } = env;
  return {
    name: 'secretsmanager.deletion',
    resyncEveryMs: RESYNC_MS,
    keys: ({ table, key, deleted }) => (table === secrets.name && !deleted ? [key] : []),
    allKeys: async (tx) =>
      (await tx.list(secrets)).filter(({ deletionAtMs }) => deletionAtMs !== undefined).map(secrets.key),
    observe: (tx, key) => tx.get(secrets, key),
    plan(row, now) {
      const { deletionAtMs } = row;
      if (deletionAtMs === undefined) return { actions: [], why: 'The secret is not to be deleted.' };
      if (now < deletionAtMs) return { actions: [], wakeAt: deletionAtMs, why: 'The secret can still be restored.' };
      return { actions: [{ type: 'remove', key: secrets.key(row) }], why: 'The recovery window is over.' };
    },
    async apply({ key }) {
      await store.write(async (tx) => {
        const row = await tx.get(secrets, key);
        if (row?.deletionAtMs !== undefined && row.deletionAtMs <= clock.now()) await removeSecret(tx, row);
      });
    },
  };
}
