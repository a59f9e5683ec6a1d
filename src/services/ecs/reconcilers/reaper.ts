import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { CLIENT_TOKEN_MS } from '../domain/client-token.ts';
import type { EcsPorts } from '../operation.ts';
import { clientTokenKey, clientTokens, tasks } from '../tables.ts';
import type { ClientTokenRow } from '../tables.ts';

interface Leftovers {
  readonly known: readonly string[];
  readonly tokens: readonly ClientTokenRow[];
}

type Reaping =
  | { readonly type: 'reap'; readonly known: readonly string[] }
  | { readonly type: 'forget-tokens'; readonly tokens: readonly ClientTokenRow[] };

/** Removes from the host what no row knows: tasks that were forgotten while the server was down; and client tokens that ended. */
export function reaper(env: ServiceEnvironment<EcsPorts>): Reconciler<Leftovers, Reaping> {
  return {
    name: 'ecs.reaper',
    resyncEveryMs: 300_000,
    keys: () => [],
    allKeys: async () => ['host'],
    observe: async (tx) => ({
      known: (await tx.list(tasks)).filter((task) => task.lastStatus !== 'STOPPED').map((task) => task.arn),
      tokens: await tx.list(clientTokens),
    }),
    plan({ known, tokens }, now) {
      const ended = tokens.filter((row) => now - row.usedAtMs >= CLIENT_TOKEN_MS);
      return {
        actions: [
          ...(ended.length > 0 ? [{ type: 'forget-tokens' as const, tokens: ended }] : []),
          // What cannot be removed now is no reason to keep anything else.
          { type: 'reap', known },
        ],
        why: `${known.length} tasks belong on this host`,
      };
    },
    async apply(action) {
      if (action.type === 'reap') return env.ports.executor.reap(new Set(action.known));
      await env.store.write(async (tx) => {
        for (const { clusterArn, token, usedAtMs } of action.tokens) {
          const row = await tx.get(clientTokens, clientTokenKey(clusterArn, token));
          // It may have been used anew meanwhile.
          if (row?.usedAtMs === usedAtMs) await tx.delete(clientTokens, clientTokenKey(clusterArn, token));
        }
      });
    },
  };
}
