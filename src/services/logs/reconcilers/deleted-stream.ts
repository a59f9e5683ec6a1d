import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { batches, batchKey, deletedStreams, type DeletedStreamRow } from '../tables.ts';

const RESYNC_MS = 600_000;
const BATCHES_AT_ONCE = 100;

interface Action {
  readonly type: 'remove-batches';
  readonly streamId: string;
}

/** Removes what a deleted stream leaves behind, in transactions of a bearable size. */
export function deletedStreamReconciler(env: ServiceEnvironment<object>): Reconciler<DeletedStreamRow, Action> {
  return {
    name: 'logs.deleted-stream',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === deletedStreams.name && !change.deleted ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(deletedStreams)).map((row) => row.streamId),
    observe: (tx, key) => tx.get(deletedStreams, key),
    plan: ({ streamId }) => ({
      actions: [{ type: 'remove-batches', streamId }],
      why: 'The stream is deleted, its events are not yet.',
    }),
    async apply({ streamId }) {
      while (await removeSome(env, streamId));
    },
  };
}

async function removeSome(env: ServiceEnvironment<object>, streamId: string): Promise<boolean> {
  return env.store.write(async (tx) => {
    const some = await tx.list(batches, { prefix: `${streamId}:`, limit: BATCHES_AT_ONCE });
    for (const batch of some) await tx.delete(batches, batchKey(streamId, batch.sequence));
    if (some.length < BATCHES_AT_ONCE) await tx.delete(deletedStreams, streamId);
    return some.length === BATCHES_AT_ONCE;
  });
}
