import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { EcrPorts } from '../operation.ts';
import { repositories } from '../tables.ts';

const EVERY_MS = 60 * 60 * 1000;
/** One key: blobs are shared by all repositories. */
const ALL = 'all';

/** Gives back the space of what nothing needs: once an hour, at the start, and when a repository was deleted. */
export function spaceReconciler({ ports }: ServiceEnvironment<EcrPorts>): Reconciler<object, 'collect'> {
  return {
    name: 'ecr.space',
    resyncEveryMs: EVERY_MS,
    keys: (change) => (change.table === repositories.name && change.deleted ? [ALL] : []),
    allKeys: async () => [ALL],
    observe: async () => ({}),
    plan: () => ({ actions: ['collect'], why: 'Space is reclaimed once an hour.' }),
    apply: async () => {
      await ports.registry.collect();
    },
  };
}
