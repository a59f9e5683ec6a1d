import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { EcsPorts } from '../operation.ts';
import { createDiscovery, endDiscovery, unlessGone } from '../service-connect-discoveries.ts';
import { CLAIM_MS, connectDiscoveries, discoveryKey } from '../service-connect-tables.ts';
import type { ConnectDiscoveryRow } from '../service-connect-tables.ts';
import { services, tasks } from '../tables.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';

type Env = ServiceEnvironment<EcsPorts>;

interface Observed {
  readonly rows: readonly ConnectDiscoveryRow[];
  readonly service: ServiceRow | undefined;
  readonly tasks: readonly TaskRow[];
}

interface Removal {
  readonly type: 'remove';
  readonly row: ConnectDiscoveryRow;
}

/** Removes the Cloud Map services of Service Connect that no deployment has any more. Keys are ARNs of ECS services. */
export function discoveriesReconciler(env: Env): Reconciler<Observed, Removal> {
  return {
    name: 'ecs.service-connect-discoveries',
    resyncEveryMs: 60_000,
    keys: (change) => {
      if (change.table === services.name) return [change.key];
      const isTheirs = change.table === tasks.name || change.table === connectDiscoveries.name;
      return isTheirs ? (change.indexes['service'] ?? []) : [];
    },
    allKeys: async (tx) => [...new Set((await tx.list(connectDiscoveries)).map((row) => row.serviceArn))],
    async observe(tx, key) {
      const rows = await tx.list(connectDiscoveries, { where: ['service', key] });
      if (rows.length === 0) return undefined;
      const owned = await tx.list(tasks, { where: ['service', key] });
      return { rows, service: await tx.get(services, key), tasks: owned };
    },
    plan: planDiscoveries,
    apply: ({ row }) => remove(env, row),
  };
}

/** A claim holds for a while: its service may not be written yet. Pure. */
export function planDiscoveries({ rows, service, tasks: owned }: Observed, now: number): Plan<Removal> {
  const arns = new Set(
    owned.flatMap((task) => (task.registration ? (task.connect?.servers ?? []) : [])).map((one) => one.registryArn),
  );
  const unused = rows.filter((row) => !isUsed(row, service) && !arns.has(row.discoveryArn ?? ''));
  // What was claimed after the service was deleted is of one that is made anew.
  const deletedAtMs = service?.status === 'INACTIVE' ? (service.deletedAtMs ?? 0) : 0;
  const due = unused.filter((row) => row.claimedAtMs + CLAIM_MS <= now || row.claimedAtMs < deletedAtMs);
  const next = Math.min(...unused.filter((row) => !due.includes(row)).map((row) => row.claimedAtMs + CLAIM_MS));
  return {
    actions: due.map((row) => ({ type: 'remove', row })),
    why: `${unused.length} of ${rows.length} Cloud Map services are in no deployment`,
    ...(Number.isFinite(next) && { wakeAt: next }),
  };
}

function isUsed({ namespaceArn, discoveryName }: ConnectDiscoveryRow, service: ServiceRow | undefined): boolean {
  if (!service || service.status === 'INACTIVE') return false;
  const { deployments, lastCompleted } = service;
  return [service, ...deployments, ...(lastCompleted ? [lastCompleted] : [])].some(
    ({ connect }) =>
      connect?.namespaceArn === namespaceArn && connect.services.some((one) => one.discoveryName === discoveryName),
  );
}

/** It is written down before it is done, so that whoever claims it meanwhile knows. */
async function remove(env: Env, row: ConnectDiscoveryRow): Promise<void> {
  const call = env.callIn(row);
  const key = discoveryKey(row.serviceArn, row.namespaceArn, row.discoveryName);
  // Where a crash hid whether it was made, asking for it again tells its id.
  const discoveryArn = row.discoveryArn ?? (await unlessGone(createDiscovery(call, row)));
  const leaving = await env.store.write(async (tx) => {
    const now = await tx.get(connectDiscoveries, key);
    if (now?.claimedAtMs !== row.claimedAtMs) return undefined;
    if (discoveryArn === undefined) return tx.delete(connectDiscoveries, key);
    // Not written twice: what cannot be removed yet is tried now and then.
    return now.isLeaving ? now : tx.put(connectDiscoveries, { ...now, discoveryArn, isLeaving: true });
  });
  if (leaving) await endDiscovery({ call, write: (fn) => env.store.write(fn) }, leaving);
}
