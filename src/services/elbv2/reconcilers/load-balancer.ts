import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { isOpen, planLoadBalancer, type LoadBalancerAction } from '../domain/load-balancer-plan.ts';
import { attachInterface, deleteInterface, releaseAll, setGroups } from '../interfaces.ts';
import { zonesOfAddresses } from '../domain/zones.ts';
import { removeOpenGroup } from '../open-group.ts';
import type { Elbv2Ports } from '../operation.ts';
import { unhealthyZones } from '../zone-health.ts';
import { loadBalancers, type LoadBalancerRow } from '../tables.ts';

/** Gives each load balancer a network interface in each of its subnets, and publishes its name. */
export function loadBalancerReconciler(
  env: ServiceEnvironment<Elbv2Ports>,
): Reconciler<LoadBalancerRow, LoadBalancerAction> {
  return {
    name: 'elbv2.load-balancer',
    // Its name answers the zones that are healthy.
    resyncEveryMs: 10_000,
    keys: (change) => (change.table === loadBalancers.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(loadBalancers)).map((row) => row.arn),
    observe: (tx, key) => tx.get(loadBalancers, key),
    plan: planLoadBalancer,
    apply: async (action) => {
      const row = await env.store.read((tx) => tx.get(loadBalancers, action.arn));
      if (row && (action.type === 'release') === (row.deleted === true)) await apply(env, row, action);
    },
  };
}

async function apply(
  env: ServiceEnvironment<Elbv2Ports>,
  row: LoadBalancerRow,
  action: LoadBalancerAction,
): Promise<void> {
  const call = env.callIn(row);
  switch (action.type) {
    case 'attach': {
      const address = await attachInterface(call, row, action.subnetId);
      return update(env, row.arn, (now) => ({
        ...now,
        addresses: [...now.addresses.filter((it) => it.subnetId !== action.subnetId), address],
      }));
    }
    case 'detach':
      await deleteInterface(call, action.interfaceId);
      return update(env, row.arn, (now) => ({
        ...now,
        addresses: now.addresses.filter((it) => it.interfaceId !== action.interfaceId),
      }));
    case 'regroup':
      await setGroups(call, action.interfaceId, row.securityGroupIds);
      return update(env, row.arn, (now) => ({
        ...now,
        addresses: now.addresses.map((it) =>
          it.interfaceId === action.interfaceId ? { ...it, securityGroupIds: row.securityGroupIds } : it,
        ),
      }));
    case 'activate':
      return update(env, row.arn, (now) => ({ ...now, state: 'active' }));
    case 'publish':
      return publish(env, row);
    case 'release':
      env.ports.names.withdraw(zoneId(row));
      await releaseAll(call, row);
      // The service's own doing: the service-linked role may not delete groups.
      if (isOpen(row)) await removeOpenGroup(env.callIn(row, { sourceArn: row.arn }), row.vpcId);
      return env.store.write((tx) => tx.delete(loadBalancers, row.arn));
  }
}

/** Writes what was done, unless the row is gone meanwhile. A deleted one keeps what its release must find. */
async function update(
  env: ServiceEnvironment<Elbv2Ports>,
  arn: string,
  edit: (row: LoadBalancerRow) => LoadBalancerRow,
): Promise<void> {
  await env.store.write(async (tx) => {
    const row = await tx.get(loadBalancers, arn);
    if (row) await tx.put(loadBalancers, { ...edit(row), revision: row.revision });
  });
}

/** As in AWS, everyone may resolve the name; an internal one answers private addresses. */
async function publish(env: ServiceEnvironment<Elbv2Ports>, row: LoadBalancerRow): Promise<void> {
  const zones = await unhealthyZones(env, row);
  const { ports } = env;
  const zoneOf = zonesOfAddresses(row);
  const values = row.addresses
    .filter((address) => !zones.has(zoneOf.get(address.privateIp) ?? ''))
    .map((address) => (row.scheme === 'internal' ? address.privateIp : address.publicIp))
    .filter((ip) => ip !== undefined)
    .toSorted();
  ports.names.publish({
    zoneId: zoneId(row),
    origin: row.dnsName,
    visibility: 'public',
    records: values.length > 0 ? [{ name: row.dnsName, type: 'A', ttlSeconds: 60, values }] : [],
  });
}

function zoneId(row: LoadBalancerRow): string {
  return `elb:${row.id}`;
}
