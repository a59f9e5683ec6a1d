import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { chunks, JOURNAL_KEY, journals, keyAt } from '../event-tables.ts';
import { retentionMs, type CloudTrailEnvironment } from '../operation.ts';

const RESYNC_MS = 600_000;
const CHUNKS_AT_ONCE = 20;

interface Observed {
  readonly scopes: readonly string[];
}

interface Action {
  readonly type: 'expire';
  readonly scope: string;
  readonly beforeMs: number;
}

/** Removes events that have outlived the retention, some at a time. LookupEvents hides them at once. */
export function retentionReconciler(env: CloudTrailEnvironment): Reconciler<Observed, Action> {
  const { events } = env.ports;
  return {
    name: 'cloudtrail.retention',
    resyncEveryMs: RESYNC_MS,
    keys: () => [],
    allKeys: async () => [JOURNAL_KEY],
    observe: async () => events.read((tx) => tx.get(journals, JOURNAL_KEY)),
    plan: ({ scopes }, now) => ({
      actions: scopes.map((scope) => ({ type: 'expire', scope, beforeMs: now - retentionMs(env.ports) })),
      why: `Events are kept for ${retentionMs(env.ports) / 1000} seconds.`,
    }),
    async apply({ scope, beforeMs }) {
      while (await expireSome(env, scope, beforeMs));
    },
  };
}

/** One transaction's worth. Answers whether there may be more. */
async function expireSome(env: CloudTrailEnvironment, scope: string, beforeMs: number): Promise<boolean> {
  return env.ports.events.write(async (tx) => {
    // Keys count down: what is greater is older.
    const query = { prefix: `${scope}/`, after: keyAt(scope, beforeMs), limit: CHUNKS_AT_ONCE };
    const expired = await tx.list(chunks, query);
    for (const chunk of expired) await tx.delete(chunks, chunk.key);
    return expired.length === CHUNKS_AT_ONCE;
  });
}
