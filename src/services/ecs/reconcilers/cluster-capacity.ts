import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { attachmentsOf } from '../capacity-attachments.ts';
import { capacityAttachments, capacityProviders } from '../capacity-provider-tables.ts';
import type { CapacityAttachmentRow, GroupProviderRow } from '../capacity-provider-tables.ts';
import { claimInstances, describeGroups, isTerminationHeld, lookAt } from '../capacity-look.ts';
import type { CapacityLook } from '../capacity-look.ts';
import { containerInstances } from '../container-instance-tables.ts';
import { reservationOf } from '../domain/managed-scaling.ts';
import { clusterNameOf } from '../domain/references.ts';
import { GroupSizes } from '../group-sizes.ts';
import type { EcsPorts } from '../operation.ts';
import { placeWaiting } from '../provider-placement.ts';
import { clusters, tasks } from '../tables.ts';
import type { ClusterRow } from '../tables.ts';
import { drainTerminating } from './capacity-draining.ts';
import { protectBusy } from './capacity-protection.ts';

/** How often groups are looked at: instances that are to be drained wait for it. */
const EVERY_MS = 5_000;
/** So long before the end of a period its value is measured: alarms look at whole periods. */
const LEAD_MS = 3_000;

type Env = ServiceEnvironment<EcsPorts>;

export interface Provided {
  readonly attachment: CapacityAttachmentRow;
  readonly provider: GroupProviderRow;
}

interface Observed {
  readonly cluster: ClusterRow;
  readonly provided: readonly Provided[];
  /** Tasks wait for room. */
  readonly isWaited: boolean;
}

type Action = Observed & { readonly type: 'look'; readonly isMeasured: boolean };

/**
 * Looks after the Auto Scaling groups of a cluster's capacity providers: which container instances are theirs, which tasks
 * that wait have room now, which instances are protected or drained; and measures CapacityProviderReservation.
 */
export function clusterCapacityReconciler(env: Env): Reconciler<Observed, Action> {
  const sizes = new GroupSizes(env);
  // Lost in a restart: a value is measured twice in its period, and the same.
  const measured = new Map<string, number>();
  const periodMs = env.ports.managedScalingPeriodMs;
  const periodOf = (now: number) => Math.floor((now + LEAD_MS) / periodMs);
  return {
    name: 'ecs.cluster-capacity',
    resyncEveryMs: 60_000,
    keys: (change) => {
      if (change.table === tasks.name) return change.indexes['waiting'] ?? [];
      const isOfCluster = [containerInstances.name, capacityAttachments.name].includes(change.table);
      return isOfCluster ? (change.indexes['cluster'] ?? []) : [];
    },
    allKeys: async (tx) => [...new Set((await tx.list(capacityAttachments)).map((row) => row.clusterArn))],
    async observe(tx, key) {
      const cluster = await tx.get(clusters, key);
      const provided: Provided[] = [];
      for (const attachment of cluster ? await attachmentsOf(tx, key) : []) {
        const provider = await tx.get(capacityProviders, attachment.providerArn);
        if (provider && !provider.managedInstances && !attachment.isLeaving) provided.push({ attachment, provider });
      }
      const [waiting] = await tx.list(tasks, { where: ['waiting', key], limit: 1 });
      return cluster && provided.length > 0 ? { cluster, provided, isWaited: waiting !== undefined } : undefined;
    },
    plan(observed, now) {
      const isMeasured = measured.get(observed.cluster.arn) !== periodOf(now);
      const endMs = now + LEAD_MS - ((now + LEAD_MS) % periodMs) + periodMs - LEAD_MS;
      return {
        actions: [{ ...observed, type: 'look', isMeasured }],
        wakeAt: Math.min(now + EVERY_MS, endMs),
        why: `the groups of ${observed.provided.map(({ provider }) => provider.name).join(', ')} are looked at`,
      };
    },
    async apply(action) {
      const now = env.clock.now();
      await look(env, action, sizes);
      if (action.isMeasured) measured.set(action.cluster.arn, periodOf(now));
    },
  };
}

async function look(env: Env, { cluster, provided, isWaited, isMeasured }: Action, sizes: GroupSizes): Promise<void> {
  const groups = await describeGroups(env, cluster, provided);
  await claimInstances(env, cluster, groups);
  const { registryHost } = env.ports;
  const placed = isWaited ? await env.store.write((tx) => placeWaiting(tx, cluster, env.ids, registryHost)) : 0;
  const isHeld = [...groups.values()].some((group) => group.Instances?.some(isTerminationHeld));
  if (placed === 0 && !isMeasured && !isHeld) return;
  const looks = await lookAt(env, cluster, provided, groups);
  for (const one of looks) await drainTerminating(env, one, isMeasured);
  // First those that may go, then how many of them are too many.
  for (const one of looks) await protectBusy(env, one);
  if (isMeasured) await measure(env, cluster, looks, sizes);
}

async function measure(env: Env, cluster: ClusterRow, look: readonly CapacityLook[], sizes: GroupSizes): Promise<void> {
  const now = env.clock.now();
  const measurements = [];
  for (const { provider, group, instances, waiting } of look) {
    const scaling = provider.settings.managedScaling;
    if (scaling.status === 'DISABLED') continue;
    const live = instances.filter((one) => !one.isTerminating);
    const facts = { scaling, desired: group.DesiredCapacity ?? 0, instances: live, waiting };
    const range = waiting.length > 0 ? await sizes.of(group, cluster) : undefined;
    measurements.push({
      name: 'CapacityProviderReservation' as const,
      dimensions: { CapacityProviderName: provider.name, ClusterName: clusterNameOf(cluster.arn) },
      value: reservationOf({ ...facts, sizes: range }, now).percent,
      atMs: now,
      isHighResolution: env.ports.managedScalingPeriodMs < 60_000,
    });
  }
  await env.ports.metrics.put(cluster, 'AWS/ECS/ManagedScaling', measurements);
}
