import type { Store } from '../../store/store.ts';
import { instances } from './instance-tables.ts';

/** Has an instance looked at: something happened to it. Which thing, the next look tells. */
export function nudgeInstance(store: Pick<Store, 'write'>): (instanceId: string) => Promise<void> {
  return (instanceId) =>
    store.write(async (tx) => {
      const [row] = await tx.list(instances, { where: ['id', instanceId], limit: 1 });
      if (row?.state === 'running') await tx.put(instances, row);
    });
}

/** Says that something changed about some instance; the answer stops it. */
export function watchInstances(store: Pick<Store, 'watch'>, onChange: () => void): () => void {
  return store.watch((changes) => {
    if (changes.some((change) => change.table === instances.name)) onChange();
  });
}
