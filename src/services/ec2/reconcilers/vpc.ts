import type { ServiceEnvironment } from '../../../api/service.ts';
import type { NameZone } from '../../../network/dns/names.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import {
  instanceInterfaces,
  privateNameZone,
  privateZoneId,
  publicNameZone,
  publicZoneId,
  vpcState,
  type VpcRows,
} from '../domain/vpc-state.ts';
import type { Ec2Ports } from '../ports.ts';
import { findPrefixList } from '../prefix-list-lookup.ts';
import {
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  type SecurityGroupRow,
  securityGroups,
  subnets,
  vpcs,
} from '../tables.ts';

/** A VPC on this host: it exists while something is in it. */
type ObservedVpc =
  | { readonly kind: 'in-use'; readonly rows: VpcRows }
  | { readonly kind: 'unused'; readonly vpcId: string };

type VpcAction =
  | { readonly type: 'publish-names'; readonly zone: NameZone }
  | { readonly type: 'withdraw-names'; readonly zoneId: string }
  | { readonly type: 'apply-network'; readonly rows: VpcRows }
  | { readonly type: 'remove-network'; readonly vpcId: string };

const RESYNC_MS = 60_000;

/**
 * Brings each VPC's data plane and private names to what the rows say. Keys are VPC row keys; `-/-/vpc-...` is a VPC of
 * the data plane whose row is gone.
 */
export function vpcReconciler(env: ServiceEnvironment<Ec2Ports>): Reconciler<ObservedVpc, VpcAction> {
  const { network, names } = env.ports;
  /** Whether a VPC is on this host, as far as this run knows: an unused VPC is not looked for every minute. */
  const present = new Map<string, boolean>();

  return {
    name: 'ec2.vpc',
    resyncEveryMs: RESYNC_MS,
    keys: keysOf,
    allKeys: async (tx) => {
      const rows = await tx.list(vpcs);
      const known = new Set(rows.map((row) => row.id));
      const orphans = (await network.list()).filter((vpcId) => !known.has(vpcId));
      return [...rows.map((row) => vpcs.key(row)), ...orphans.map((vpcId) => `-/-/${vpcId}`)];
    },
    observe: observeVpc,
    plan: planVpc,
    apply: async (action) => {
      switch (action.type) {
        case 'publish-names':
          names.publish(action.zone);
          return;
        case 'withdraw-names':
          names.withdraw(action.zoneId);
          return;
        case 'apply-network':
          present.set(action.rows.vpc.id, true);
          await applyNetwork(env.ports, action.rows);
          return;
        case 'remove-network':
          names.withdraw(privateZoneId(action.vpcId));
          names.withdraw(publicZoneId(action.vpcId));
          if (present.get(action.vpcId) ?? (await network.list()).includes(action.vpcId)) {
            await network.remove(action.vpcId);
          }
          await env.ports.instances?.metadata.settle(action.vpcId, []);
          present.set(action.vpcId, false);
      }
    },
  };
}

/** An interface's metadata port leads to it alone: it answers once no rule of before can lead anybody else there. */
async function applyNetwork({ network, instances }: Ec2Ports, rows: VpcRows): Promise<void> {
  const ids = instances ? instanceInterfaces(rows) : [];
  const ports = await instances?.metadata.open(rows.vpc.id, ids);
  await network.apply(vpcState(rows, ports));
  await instances?.metadata.settle(rows.vpc.id, ids);
}

const PARTS = [subnets, securityGroups, networkInterfaces, routeTables, internetGateways, natGateways, networkAcls];

/** Everything in a VPC is indexed by the VPC's key. A change of a prefix list writes the groups that refer to it. */
function keysOf(change: { table: string; key: string; indexes: Readonly<Record<string, readonly string[]>> }) {
  if (change.table === vpcs.name) return [change.key];
  const isPart = PARTS.some((table) => table.name === change.table);
  return isPart ? (change.indexes['vpc'] ?? []) : [];
}

async function observeVpc(tx: ReadTx, key: string): Promise<ObservedVpc> {
  const vpc = await tx.get(vpcs, key);
  const inside = { where: ['vpc', key] } as const;
  const interfaces = vpc ? await tx.list(networkInterfaces, inside) : [];
  if (!vpc || interfaces.length === 0) return { kind: 'unused', vpcId: key.slice(key.lastIndexOf('/') + 1) };
  const groups = await tx.list(securityGroups, inside);
  return {
    kind: 'in-use',
    rows: {
      vpc,
      networkInterfaces: interfaces,
      subnets: await tx.list(subnets, inside),
      securityGroups: groups,
      routeTables: await tx.list(routeTables, inside),
      internetGateways: await tx.list(internetGateways, inside),
      natGateways: await tx.list(natGateways, inside),
      networkAcls: await tx.list(networkAcls, inside),
      prefixLists: await prefixListsOf(tx, groups),
    },
  };
}

async function prefixListsOf(tx: ReadTx, groups: readonly SecurityGroupRow[]): Promise<VpcRows['prefixLists']> {
  const [scope] = groups;
  const ids = groups.flatMap((group) =>
    group.rules.flatMap(({ peer }) => ('prefixListId' in peer ? [peer.prefixListId] : [])),
  );
  const rows = scope ? await Promise.all([...new Set(ids)].map((id) => findPrefixList(tx, scope, id))) : [];
  return rows.filter((row) => row !== undefined);
}

function planVpc(observed: ObservedVpc): Plan<VpcAction> {
  if (observed.kind === 'unused') {
    return {
      actions: [{ type: 'remove-network', vpcId: observed.vpcId }],
      why: `${observed.vpcId} has no network interface.`,
    };
  }
  const { vpc, networkInterfaces: interfaces } = observed.rows;
  return {
    actions: [
      { type: 'publish-names', zone: privateNameZone(vpc, interfaces) },
      vpc.enableDnsHostnames && vpc.enableDnsSupport
        ? { type: 'publish-names', zone: publicNameZone(vpc, interfaces) }
        : { type: 'withdraw-names', zoneId: publicZoneId(vpc.id) },
      { type: 'apply-network', rows: observed.rows },
    ],
    why: `${vpc.id} has ${interfaces.length} network interface${interfaces.length === 1 ? '' : 's'}.`,
  };
}
