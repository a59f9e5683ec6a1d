import type { Store } from '../../store/store.ts';
import { demands, type DemandRow } from './tables.ts';

/** Writes down what requests ask of a service; the reconciler of demands acts on it. */
export function demandSignals(store: Store): (signal: DemandRow) => Promise<void> {
  return async ({ account, region, targetGroupArn, kind, sinceMs, atMs }) => {
    const row = { account, region, targetGroupArn, kind, sinceMs, atMs };
    await store.write(async (tx) => {
      const before = await tx.get(demands, targetGroupArn);
      if (before?.kind !== kind) await tx.put(demands, { ...(before && { revision: before.revision }), ...row });
    });
  };
}
