import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { capacityProviderArn } from '../authorization.ts';
import { capacityProviders } from '../capacity-provider-tables.ts';
import type { ManagedProviderRow } from '../capacity-provider-tables.ts';
import { containerInstances } from '../container-instance-tables.ts';
import { idleChange, idleEndMs } from '../domain/managed-instances.ts';
import { managedOf, managedProviders } from '../managed-instance-look.ts';
import type { ManagedInstance } from '../managed-instance-look.ts';
import { managedInstances } from '../managed-instance-tables.ts';
import type { EcsPorts } from '../operation.ts';
import { clusters, tasks } from '../tables.ts';
import type { ClusterRow } from '../tables.ts';
import { ManagedInstanceWork, type Action } from './managed-instance-work.ts';

/** How often instances on their way are looked at, and tasks that still wait. */
const SOON_MS = 5_000;
/** An instance that has not joined its cluster by then is given up. */
const JOIN_WITHIN_MS = 10 * 60_000;

interface Observed {
  readonly cluster: ClusterRow;
  readonly providers: readonly ManagedProviderRow[];
  readonly instances: readonly ManagedInstance[];
  /** The names of providers that tasks wait for. */
  readonly waited: ReadonlySet<string>;
}

/**
 * Looks after the providers of Managed Instances of a cluster: places the tasks that wait for them, launches instances for
 * the rest, and terminates those that have been idle for long enough, or whose provider goes.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export function managedInstancesReconciler(env: ServiceEnvironment<EcsPorts>): Reconciler<Observed, Action> {
  const work = new ManagedInstanceWork(env);
  return {
    name: 'ecs.managed-instances',
    resyncEveryMs: 60_000,
    keys(change) {
      const { waiting = [], instance = [], cluster = [] } = change.indexes;
      if (change.table === tasks.name) return instance.length > 0 ? cluster : waiting;
      const isOfCluster = [containerInstances, managedInstances, capacityProviders].some(
        ({ name }) => name === change.table,
      );
      return isOfCluster ? cluster : [];
    },
    async allKeys(tx) {
      const providers = await tx.list(capacityProviders);
      const owners = providers.flatMap((row) => (row.managedInstances ? [row.clusterArn] : []));
      return [...new Set([...owners, ...(await tx.list(managedInstances)).map((row) => row.clusterArn)])];
    },
    async observe(tx, key) {
      const cluster = await tx.get(clusters, key);
      if (!cluster) return undefined;
      const instances = await managedOf(tx, key);
      const names = cluster.managedProviders ?? [];
      if (names.length === 0 && instances.length === 0) return undefined;
      const arns = new Set([
        ...names.map((name) => capacityProviderArn(cluster, name)),
        ...instances.map(({ row }) => row.providerArn),
      ]);
      const waiting = await tx.list(tasks, { where: ['waiting', key] });
      return {
        cluster,
        instances,
        providers: await managedProviders(tx, [...arns]),
        waited: new Set(waiting.flatMap((task) => task.capacityProviderName ?? [])),
      };
    },
    plan({ cluster, providers, instances, waited }, now) {
      const growing = providers.filter(({ name, updateStatus }) => waited.has(name) && updateStatus !== DELETING);
      const planned = instances.map((one) => planOf(one, providers, now));
      const wakes = [...planned.map(({ wakeAt }) => wakeAt), ...(growing.length > 0 ? [now + SOON_MS] : [])];
      const wakeAt = Math.min(...wakes);
      return {
        actions: [
          ...(growing.length > 0 ? [{ type: 'place' as const, cluster }] : []),
          ...planned.flatMap(({ actions }) => actions),
          ...growing.map((provider) => ({ type: 'grow' as const, provider })),
        ],
        ...(wakeAt < Infinity ? { wakeAt } : {}),
        why: `${instances.length} instances, and tasks wait for ${growing.length} of ${providers.length} providers`,
      };
    },
    apply: (action) => work.apply(action),
  };
}

const DELETING = 'DELETE_IN_PROGRESS';

interface Planned {
  readonly actions: readonly Action[];
  readonly wakeAt: number;
}

function planOf(
  { row, container, isBusy }: ManagedInstance,
  providers: readonly ManagedProviderRow[],
  now: number,
): Planned {
  const act = (...types: ('launch' | 'claim' | 'look' | 'terminate')[]): Planned => ({
    actions: types.map((type) => ({ type, row })),
    wakeAt: now + SOON_MS,
  });
  const leave: Planned = { actions: [{ type: 'note', row, change: 'leave' }], wakeAt: now };
  // Its tasks have left, but for daemons.
  if (row.isLeaving) return isBusy ? { actions: [], wakeAt: Infinity } : act('terminate');
  const provider = providers.find(({ arn }) => arn === row.providerArn);
  if (!provider || provider.updateStatus === DELETING || container?.status === 'INACTIVE') return leave;
  // It is replaced, or was drained by hand.
  if (container?.status === 'DRAINING' && !isBusy) return leave;
  if (row.ec2InstanceId === undefined) return act('launch');
  if (!container) return now < row.createdAtMs + JOIN_WITHIN_MS ? act('look') : leave;
  if (container.capacityProviderName === undefined) return act('claim');
  // Tasks wait for its daemons.
  const daemonsEndMs = container.registeredAtMs + JOIN_WITHIN_MS;
  if (container.awaitsDaemons && now < daemonsEndMs) return { actions: [], wakeAt: daemonsEndMs };
  const { scaleInAfter } = provider.managedInstances;
  const { type: change } = idleChange({ isBusy, idleSinceMs: row.idleSinceMs }, scaleInAfter, now);
  return {
    actions: change === 'none' ? [] : [{ type: 'note', row, change }],
    wakeAt: isBusy ? Infinity : idleEndMs(row.idleSinceMs ?? now, scaleInAfter),
  };
}
