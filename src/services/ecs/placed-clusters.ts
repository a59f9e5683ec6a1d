import type { Ids } from '../../kernel/ids.ts';
import type { Projection, ReadTx, RowKey } from '../../store/store.ts';
import { registeredInstances } from './container-instance-lookup.ts';
import { containerInstances } from './container-instance-tables.ts';
import { instanceFacts, placedTask } from './domain/placed-instances.ts';
import { Placer } from './domain/placement/placer.ts';
import { tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

/** A cluster's container instances with what runs on them. */
class PlacedCluster {
  readonly placer: Placer;
  #ids: Pick<Ids, 'bytes'> | undefined;

  constructor() {
    this.placer = new Placer({ bytes: (length) => this.#draw(length) });
  }

  /** @param choose what it places is taken back at its end: the rows of its tasks come back as changes */
  try<T>(ids: Pick<Ids, 'bytes'>, choose: (placer: Placer) => T): T {
    this.#ids = ids;
    return this.placer.attempt(() => choose(this.placer));
  }

  #draw(length: number): Buffer {
    if (!this.#ids) throw new Error('Something is placed outside of a transaction.');
    return this.#ids.bytes(length);
  }
}

/** Kept between transactions, by cluster, so that a decision costs what changed in the cluster and not what is in it. */
export const placedClusters: Projection<PlacedCluster> = {
  name: 'ecs.placed-clusters',
  keys({ table, indexes }) {
    const isOfInstance = table === containerInstances.name || (table === tasks.name && indexes['instance']?.length);
    return isOfInstance ? (indexes['cluster'] ?? []) : [];
  },
  async build(tx, clusterArn) {
    const cluster = new PlacedCluster();
    const rows = await registeredInstances(tx, clusterArn);
    for (const row of rows) cluster.placer.setInstance(instanceFacts(row));
    const all = rows.length > 0 ? await tx.list(tasks, { where: ['cluster', clusterArn] }) : [];
    for (const task of all) setTask(cluster, task);
    return cluster;
  },
  async refresh(tx, cluster, rows) {
    // A task is left out where its instance is not known.
    for (const row of rows) if (row.table === containerInstances.name) await refreshInstance(tx, cluster, row);
    for (const { table, key } of rows) {
      if (table !== tasks.name) continue;
      const task = await tx.get(tasks, key);
      if (task) setTask(cluster, task);
      else cluster.placer.removeTask(key);
    }
  },
};

async function refreshInstance(tx: ReadTx, cluster: PlacedCluster, { key }: RowKey): Promise<void> {
  const row = await tx.get(containerInstances, key);
  if (!row || row.status === 'INACTIVE') {
    cluster.placer.removeInstance(key);
    return;
  }
  const isNew = !cluster.placer.hasInstance(key);
  cluster.placer.setInstance(instanceFacts(row));
  for (const task of isNew ? await tx.list(tasks, { where: ['instance', key] }) : []) setTask(cluster, task);
}

function setTask({ placer }: PlacedCluster, task: TaskRow): void {
  const placed = placedTask(task);
  if (placed) placer.setTask(placed, task.desiredStatus === 'STOPPED');
  else placer.removeTask(task.arn);
}

/**
 * Decides on a cluster as the transaction sees it. In the transaction that writes the tasks, no instance is ever promised
 * twice.
 * @param choose waits for nothing; what it places counts until its end
 */
export function withPlacer<T>(
  tx: ReadTx,
  clusterArn: string,
  ids: Pick<Ids, 'bytes'>,
  choose: (placer: Placer) => T,
): Promise<T> {
  return tx.project(placedClusters, clusterArn, (cluster) => cluster.try(ids, choose));
}
