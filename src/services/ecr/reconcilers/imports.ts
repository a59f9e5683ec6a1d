import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { EcrPorts } from '../operation.ts';

const EVERY_MS = 60 * 60 * 1000;
/** Clients come for the layers of what they pull at once: each layer is then fetched once, for both. */
const CLIENTS_FIRST_MS = 5_000;
/** What cannot be brought in for so long is left to the next pull. */
const GIVEN_UP_AFTER_MS = 24 * 60 * 60 * 1000;

interface Import {
  readonly key: string;
  readonly askedAtMs: number;
}

interface Action {
  readonly type: 'complete' | 'forget';
  readonly key: string;
}

/** Brings in what clients have begun to pull from upstream registries and have not pulled whole. */
export function importsReconciler({ ports }: ServiceEnvironment<EcrPorts>): Reconciler<Import, Action> {
  return {
    name: 'ecr.imports',
    resyncEveryMs: EVERY_MS,
    keys: (change) => (change.table === 'registry.imports' && !change.deleted ? [change.key] : []),
    allKeys: (tx) => ports.pullThrough.imports(tx),
    observe: async (tx, key) => {
      const row = await ports.pullThrough.find(tx, key);
      return row && { key, askedAtMs: row.askedAtMs };
    },
    plan: ({ key, askedAtMs }, now) => {
      const sinceMs = now - askedAtMs;
      if (sinceMs < CLIENTS_FIRST_MS) {
        return { actions: [], wakeAt: askedAtMs + CLIENTS_FIRST_MS, why: 'A client is pulling it.' };
      }
      if (sinceMs >= GIVEN_UP_AFTER_MS) {
        return { actions: [{ type: 'forget', key }], why: 'The upstream registry has not given all of it for a day.' };
      }
      return { actions: [{ type: 'complete', key }], why: 'Parts of it are not here yet.' };
    },
    apply: ({ type, key }) => (type === 'forget' ? ports.pullThrough.forget(key) : ports.pullThrough.complete(key)),
  };
}
