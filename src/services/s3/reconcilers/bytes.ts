import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { StoredBytes } from '../../../objects/object-store.ts';
import type { S3Ports } from '../operation.ts';
import { bytes, type BytesRow } from '../tables.ts';

const RESYNC_MS = 6 * 60 * 60_000;
/** Whoever reads an object while it is replaced reads on for so long. */
const UNUSED_FOR_MS = 5 * 60_000;
/** Bytes without a row may be those of a request that runs; after so long it was a crash. */
const UNKNOWN_FOR_MS = 60 * 60_000;

interface Observed {
  readonly id: string;
  readonly row?: BytesRow;
  readonly stored?: StoredBytes;
}

type Action = { readonly type: 'delete'; readonly id: string };

/** Gives back the space of bytes that no object and no part names any more, and of those that a crash left. */
export function bytesReconciler({ store, ports }: ServiceEnvironment<S3Ports>): Reconciler<Observed, Action> {
  return {
    name: 's3.bytes',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === bytes.name && (change.indexes['unused'] ?? []).length > 0 ? [change.key] : []),
    async allKeys(tx) {
      const keys = (await tx.list(bytes, { where: ['unused', 'yes'] })).map((row) => row.id);
      for await (const { id } of ports.objects.all()) if (!(await tx.get(bytes, id))) keys.push(id);
      return keys;
    },
    async observe(tx, id) {
      const row = await tx.get(bytes, id);
      const stored = row ? undefined : await ports.objects.stat(id);
      return row || stored ? { id, ...(row && { row }), ...(stored && { stored }) } : undefined;
    },
    plan({ id, row, stored }, now) {
      const dueAt = row ? dueAtOf(row) : (stored?.writtenAtMs ?? now) + UNKNOWN_FOR_MS;
      if (dueAt === undefined) return { actions: [], why: 'The bytes are in use.' };
      if (now < dueAt) return { actions: [], wakeAt: dueAt, why: 'Somebody may still read or name the bytes.' };
      return { actions: [{ type: 'delete', id }], why: 'Nothing names the bytes.' };
    },
    async apply({ id }) {
      await ports.objects.delete(id);
      await store.write((tx) => tx.delete(bytes, id));
    },
  };
}

function dueAtOf({ unusedSinceMs }: BytesRow): number | undefined {
  return unusedSinceMs === undefined ? undefined : unusedSinceMs + UNUSED_FOR_MS;
}
