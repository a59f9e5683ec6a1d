import type { ServiceEnvironment } from '../../../api/service.ts';
import type { InstanceSpec } from '../../../instances/instance-driver.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { instanceSpec } from '../domain/instance-spec.ts';
import { instances, type InstanceRow, keyPairs } from '../instance-tables.ts';
import type { Ec2Ports, InstanceHost } from '../ports.ts';
import { dhcpOptions, resourceKey, vpcs } from '../tables.ts';
import { InstanceWork, type InstanceAction } from './instance-work.ts';

export type ObservedInstance =
  | { readonly kind: 'known'; readonly row: InstanceRow; readonly spec?: InstanceSpec }
  | { readonly kind: 'orphan'; readonly instanceId: string };

/** What the driver's events miss is found so late. */
const RESYNC_MS = 15_000;
/** How often the whole host is looked at for what no row knows. */
const SWEEP_MS = 60_000;
/** How long a terminated instance is shown. */
const TERMINATED_MS = 60 * 60 * 1000;
const ORPHAN = '-/-/';

/**
 * Brings each instance to the state that its row is on the way to, and tells the row when an instance ended by itself.
 * Keys are instances' row keys; `-/-/i-...` is an instance of the host that no row knows.
 */
export function instanceReconciler(
  env: ServiceEnvironment<Ec2Ports>,
  host: InstanceHost,
): Reconciler<ObservedInstance, InstanceAction> {
  const work = new InstanceWork(env, host);
  let sweepAt = 0;
  return {
    name: 'ec2.instance',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === instances.name ? [change.key] : []),
    allKeys: async (tx) => {
      const rows = await tx.list(instances);
      if (env.clock.now() < sweepAt) return rows.map((row) => instances.key(row));
      sweepAt = env.clock.now() + SWEEP_MS;
      const known = new Set(rows.filter((row) => row.state !== 'terminated').map((row) => row.id));
      const orphans = (await host.driver.list()).filter((seen) => !known.has(seen.instanceId));
      return [...rows.map((row) => instances.key(row)), ...orphans.map((seen) => `${ORPHAN}${seen.instanceId}`)];
    },
    observe: (tx, key) => observeInstance(tx, key, host.registry),
    plan: planInstance,
    apply: (action) => work.apply(action),
  };
}

async function observeInstance(tx: ReadTx, key: string, registry: string): Promise<ObservedInstance | undefined> {
  if (key.startsWith(ORPHAN)) {
    const instanceId = key.slice(ORPHAN.length);
    // It may have been launched since the host was looked at.
    const [row] = await tx.list(instances, { where: ['id', instanceId], limit: 1 });
    return row && row.state !== 'terminated' ? undefined : { kind: 'orphan', instanceId };
  }
  const row = await tx.get(instances, key);
  if (!row) return undefined;
  if (row.state !== 'pending') return { kind: 'known', row };
  const vpc = await tx.get(vpcs, resourceKey(row, row.vpcId));
  const [keyPair] = row.keyName
    ? await tx.list(keyPairs, { where: ['name', resourceKey(row, row.keyName)], limit: 1 })
    : [];
  if (!vpc) return { kind: 'known', row };
  const options = await tx.get(dhcpOptions, resourceKey(row, vpc.dhcpOptionsId));
  const known = { ...(keyPair ? { keyPair } : {}), ...(options ? { dhcpOptions: options } : {}) };
  return { kind: 'known', row, spec: instanceSpec({ row, vpc, registry, ...known }) };
}

export function planInstance(observed: ObservedInstance, now: number): Plan<InstanceAction> {
  if (observed.kind === 'orphan') {
    return {
      actions: [{ type: 'remove-orphan', instanceId: observed.instanceId }],
      why: `No row knows ${observed.instanceId}.`,
    };
  }
  const { row, spec } = observed;
  switch (row.state) {
    case 'pending':
      return spec
        ? { actions: [{ type: 'start', row, spec }], why: `${row.id} is to start.` }
        : { actions: [], why: `${row.id} has no VPC.` };
    case 'running':
      return planRunning(row, now);
    case 'stopping':
      return { actions: [{ type: 'stop', row }], why: `${row.id} is to stop.` };
    case 'shutting-down':
      return { actions: [{ type: 'terminate', row }], why: `${row.id} is to go.` };
    case 'terminated':
      return planTerminated(row, now);
    default:
      return { actions: [], why: `${row.id} is stopped.` };
  }
}

/** Until its Spot capacity is taken away. */
function planRunning(row: InstanceRow, now: number): Plan<InstanceAction> {
  const wakeAt = row.spot?.interruption?.at;
  if (wakeAt === undefined) return { actions: [{ type: 'check', row }], why: `${row.id} is to run.` };
  if (now >= wakeAt) return { actions: [{ type: 'interrupt', row }], why: `${row.id} has no Spot capacity any more.` };
  return { actions: [{ type: 'check', row }], wakeAt, why: `${row.id} loses its Spot capacity soon.` };
}

function planTerminated(row: InstanceRow, now: number): Plan<InstanceAction> {
  const forgetAt = (row.terminatedAt ?? 0) + TERMINATED_MS;
  if (now >= forgetAt) return { actions: [{ type: 'forget', row }], why: `${row.id} was terminated an hour ago.` };
  return { actions: [], wakeAt: forgetAt, why: `${row.id} is terminated, and shown for an hour.` };
}
