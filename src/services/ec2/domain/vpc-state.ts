import type { NameZone } from '../../../network/dns/names.ts';
import type { InterfaceState, SecurityGroupState, SecurityRule, VpcState } from '../../../network/network.ts';
import type {
  InternetGatewayRow,
  NatGatewayRow,
  NetworkAclRow,
  NetworkInterfaceRow,
  PrefixListRow,
  RouteTableRow,
  SecurityGroupRow,
  SecurityGroupRule,
  SubnetRow,
  VpcRow,
} from '../tables.ts';
import { cidrOf, formatAddress } from './cidr.ts';
import { internalDomain, privateDnsName, publicDnsName, publicDomain } from './dns-name.ts';
import { networkAclState } from './network-acl.ts';
import { entriesOf } from './prefix-list.ts';
import { LOAD_BALANCING } from './requester.ts';
import { routesOf } from './routes.ts';

/** The rows of one VPC. */
export interface VpcRows {
  readonly vpc: VpcRow;
  readonly subnets: readonly SubnetRow[];
  readonly securityGroups: readonly SecurityGroupRow[];
  readonly networkInterfaces: readonly NetworkInterfaceRow[];
  readonly routeTables: readonly RouteTableRow[];
  readonly internetGateways: readonly InternetGatewayRow[];
  readonly natGateways: readonly NatGatewayRow[];
  readonly networkAcls: readonly NetworkAclRow[];
  /** Those that rules of the groups refer to. */
  readonly prefixLists: readonly PrefixListRow[];
}

const NAME_TTL_SECONDS = 60;

/**
 * All that the data plane needs to know of a VPC. Groups that no interface is in are left out: they bind nobody.
 * @param metadataPorts where the metadata service of each instance's interface is
 */
export function vpcState(rows: VpcRows, metadataPorts: ReadonlyMap<string, number> = new Map()): VpcState {
  const { vpc, subnets, securityGroups, networkInterfaces } = rows;
  const bySubnet = new Map(
    subnets.map((subnet) => [subnet.id, { subnetCidr: subnet.cidrBlock, routes: routesOf(rows, subnet.id) }]),
  );
  const lists = new Map(rows.prefixLists.map((list) => [list.id, list]));
  const groupsInUse = new Set(networkInterfaces.flatMap((row) => row.groups.map((group) => group.groupId)));
  const subnetCidrs = new Map(subnets.map((subnet) => [subnet.id, subnet.cidrBlock]));
  const cidrs = vpc.cidrBlocks.map((block) => block.cidrBlock);
  return {
    vpcId: vpc.id,
    cidrs,
    transitIndex: vpc.transitIndex,
    gateways: subnets.map((subnet) => formatAddress(cidrOf(subnet.cidrBlock).base + 1)),
    ...(vpc.enableDnsSupport ? { resolver: formatAddress(cidrOf(cidrs[0] ?? '').base + 2) } : {}),
    interfaces: networkInterfaces.map((row) => ({
      ...interfaceState(row, bySubnet.get(row.subnetId)),
      ...metadataOf(row, metadataPorts.get(row.id)),
    })),
    securityGroups: securityGroups
      .filter((group) => groupsInUse.has(group.id))
      .map((group) => securityGroupState(group, lists)),
    networkAcls: rows.networkAcls.flatMap((acl) => networkAclState(acl, subnetCidrs) ?? []),
  };
}

/** The private names of a VPC's interfaces, which its own resolver answers. */
export function privateNameZone(vpc: VpcRow, networkInterfaces: readonly NetworkInterfaceRow[]): NameZone {
  return {
    zoneId: privateZoneId(vpc.id),
    origin: internalDomain(vpc.region),
    visibility: { vpcIds: [vpc.id] },
    vpcRegion: vpc.region,
    records: networkInterfaces.map((row) => ({
      name: privateDnsName(vpc.region, row.privateIp),
      type: 'A',
      ttlSeconds: NAME_TTL_SECONDS,
      values: [row.privateIp],
    })),
  };
}

/** The names of its public addresses, which inside are names of private ones: where the VPC has DNS host names. */
export function publicNameZone(vpc: VpcRow, networkInterfaces: readonly NetworkInterfaceRow[]): NameZone {
  return {
    zoneId: publicZoneId(vpc.id),
    origin: publicDomain(vpc.region),
    visibility: { vpcIds: [vpc.id] },
    records: networkInterfaces.flatMap(({ association, privateIp }) =>
      association
        ? [
            {
              name: publicDnsName(vpc.region, association.publicIp),
              type: 'A' as const,
              ttlSeconds: NAME_TTL_SECONDS,
              values: [privateIp],
            },
          ]
        : [],
    ),
  };
}

export function publicZoneId(vpcId: string): string {
  return `vpc-public:${vpcId}`;
}

export function privateZoneId(vpcId: string): string {
  return `vpc:${vpcId}`;
}

/** Interfaces of instances, which have a metadata service. */
export function instanceInterfaces(rows: Pick<VpcRows, 'networkInterfaces'>): readonly string[] {
  return rows.networkInterfaces.flatMap((row) => (row.attachment?.instanceId === undefined ? [] : [row.id]));
}

function metadataOf(
  { attachment }: NetworkInterfaceRow,
  metadataPort: number | undefined,
): Pick<InterfaceState, 'metadataPort' | 'metadataHopLimit'> {
  if (metadataPort === undefined) return {};
  const { metadataHopLimit } = attachment ?? {};
  return { metadataPort, ...(metadataHopLimit === undefined ? {} : { metadataHopLimit }) };
}

function interfaceState(
  row: NetworkInterfaceRow,
  subnet: Pick<InterfaceState, 'subnetCidr' | 'routes'> | undefined,
): InterfaceState {
  if (subnet === undefined) throw new Error(`Network interface ${row.id} is in no subnet of its VPC.`);
  return {
    interfaceId: row.id,
    kind: row.interfaceType ? 'nat' : row.managedBy === LOAD_BALANCING ? 'local' : 'task',
    privateIp: row.privateIp,
    ...subnet,
    macAddress: row.macAddress,
    securityGroupIds: row.groups.map((group) => group.groupId),
    ...(row.association ? { publicIp: row.association.publicIp } : {}),
  };
}

function securityGroupState(row: SecurityGroupRow, lists: ReadonlyMap<string, PrefixListRow>): SecurityGroupState {
  const rules = (egress: boolean) =>
    row.rules.filter((rule) => rule.egress === egress).flatMap((rule) => ruleStates(rule, lists));
  return { groupId: row.id, ingress: rules(false), egress: rules(true) };
}

/** A prefix list is as many rules as it has entries. */
function ruleStates(rule: SecurityGroupRule, lists: ReadonlyMap<string, PrefixListRow>): readonly SecurityRule[] {
  const { peer, protocol } = rule;
  if ('cidrIpv6' in peer) return [];
  const peers: readonly SecurityRule['peer'][] =
    'prefixListId' in peer
      ? entriesOf(lists.get(peer.prefixListId)).map(({ cidr }) => ({ cidr }))
      : ['cidr' in peer ? { cidr: peer.cidr } : { groupId: peer.groupId }];
  const ports = protocol === '-1' ? {} : { fromPort: rule.fromPort, toPort: rule.toPort };
  return peers.map((one) => Object.assign({ protocol, peer: one }, ports));
}
