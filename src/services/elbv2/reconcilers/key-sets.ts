import type { ServiceEnvironment } from '../../../api/service.ts';
import { httpsJson } from '../../../identity/oidc/https-json.ts';
import type { JwtKey } from '../../../loadbalancer/load-balancer.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { signingKeys } from '../domain/jwt.ts';
import type { WriteTx } from '../../../store/store.ts';
import type { Elbv2Ports } from '../operation.ts';
import { keySets, listeners, rules, type KeySetRow } from '../tables.ts';

interface Observed {
  readonly jwksEndpoint: string;
  readonly row: KeySetRow | undefined;
  readonly used: boolean;
}

export interface KeySetAction {
  readonly type: 'fetch-keys' | 'forget-keys';
  readonly jwksEndpoint: string;
}

const RENEWED_EVERY_MS = 60_000;
const LARGEST_BYTES = 150 * 1024;

/**
 * Fetches the keys that rules verify tokens with, again each minute. The key is the endpoint. While an endpoint does not
 * answer, the keys that it gave before stay.
 */
export function keySetsReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<Observed, KeySetAction> {
  const fetchedAt = new Map<string, number>();
  return {
    name: 'elbv2.key-sets',
    resyncEveryMs: RENEWED_EVERY_MS,
    keys: ({ table, indexes }) => (table === listeners.name || table === rules.name ? (indexes['jwks'] ?? []) : []),
    async allKeys(tx) {
      const used = [
        ...(await tx.list(listeners)).map((row) => row.defaultAction),
        ...(await tx.list(rules)).map((row) => row.action),
      ];
      const known = await tx.list(keySets);
      return [...new Set([...used.flatMap((it) => it.jwt?.jwksEndpoint ?? []), ...known.map((it) => it.jwksEndpoint)])];
    },
    async observe(tx, jwksEndpoint) {
      const where = ['jwks', jwksEndpoint] as const;
      const byListener = await tx.list(listeners, { where, limit: 1 });
      const byRule = await tx.list(rules, { where, limit: 1 });
      const row = await tx.get(keySets, jwksEndpoint);
      return { jwksEndpoint, row, used: byListener.length + byRule.length > 0 };
    },
    plan({ jwksEndpoint, row, used }, now) {
      if (!used) {
        const actions = row ? [{ type: 'forget-keys', jwksEndpoint } as const] : [];
        return { actions, why: 'No rule verifies with its keys.' };
      }
      const wakeAt = (fetchedAt.get(jwksEndpoint) ?? -Infinity) + RENEWED_EVERY_MS;
      if (row && now < wakeAt) return { actions: [], wakeAt, why: 'Its keys are new.' };
      const actions = [{ type: 'fetch-keys', jwksEndpoint } as const];
      return { actions, wakeAt: now + RENEWED_EVERY_MS, why: 'Its keys are not known, or a minute old.' };
    },
    async apply({ type, jwksEndpoint }) {
      if (type === 'forget-keys') {
        fetchedAt.delete(jwksEndpoint);
        return env.store.write((tx) => tx.delete(keySets, jwksEndpoint));
      }
      const { fetchJson = fetchedOverHttps } = env.ports;
      const keys = signingKeys(await fetchJson(new URL(jwksEndpoint), LARGEST_BYTES));
      fetchedAt.set(jwksEndpoint, env.clock.now());
      return env.store.write((tx) => putKeys(tx, jwksEndpoint, keys));
    },
  };
}

/** As a provider's keys are fetched for AssumeRoleWithWebIdentity: only from whom an authority of the system knows. */
const fetchedOverHttps = (url: URL, limitBytes: number) => httpsJson(url, [], limitBytes);

/** Written only where they are others: listeners follow each change. */
async function putKeys(tx: WriteTx, jwksEndpoint: string, keys: readonly JwtKey[]): Promise<void> {
  const before = await tx.get(keySets, jwksEndpoint);
  if (before && JSON.stringify(before.keys) === JSON.stringify(keys)) return;
  await tx.put<KeySetRow>(keySets, { ...before, jwksEndpoint, keys });
}
