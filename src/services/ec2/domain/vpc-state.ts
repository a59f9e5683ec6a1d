import type { NameZone } from '../../../network/dns/names.ts';
import type { InterfaceState, SecurityGroupState, SecurityRule, VpcState } from '../../../network/network.ts';
import type { NetworkInterfaceRow, SecurityGroupRow, SecurityGroupRule, SubnetRow, VpcRow } from '../tables.ts';
import { cidrOf, formatAddress } from './cidr.ts';
import { internalDomain, privateDnsName } from './dns-name.ts';
import { LOAD_BALANCING } from './requester.ts';

/** The rows of one VPC. */
export interface VpcRows {
  readonly vpc: VpcRow;
  readonly subnets: readonly SubnetRow[];
  readonly securityGroups: readonly SecurityGroupRow[];
  readonly networkInterfaces: readonly NetworkInterfaceRow[];
}

const NAME_TTL_SECONDS = 60;

/** All that the data plane needs to know of a VPC. Groups that no interface is in are left out: they bind nobody. */
export function vpcState({ vpc, subnets, securityGroups, networkInterfaces }: VpcRows): VpcState {
  const cidrBySubnet = new Map(subnets.map((subnet) => [subnet.id, subnet.cidrBlock]));
  const groupsInUse = new Set(networkInterfaces.flatMap((row) => row.groups.map((group) => group.groupId)));
  const cidrs = vpc.cidrBlocks.map((block) => block.cidrBlock);
  return {
    vpcId: vpc.id,
    cidrs,
    transitIndex: vpc.transitIndex,
    gateways: subnets.map((subnet) => formatAddress(cidrOf(subnet.cidrBlock).base + 1)),
    resolver: formatAddress(cidrOf(cidrs[0] ?? '').base + 2),
    interfaces: networkInterfaces.map((row) => interfaceState(row, cidrBySubnet.get(row.subnetId))),
    securityGroups: securityGroups.filter((group) => groupsInUse.has(group.id)).map(securityGroupState),
  };
}

/** The private names of a VPC's interfaces, which its own resolver answers. */
export function privateNameZone(vpc: VpcRow, networkInterfaces: readonly NetworkInterfaceRow[]): NameZone {
  return {
    zoneId: privateZoneId(vpc.id),
    origin: internalDomain(vpc.region),
    visibility: { vpcIds: [vpc.id] },
    records: networkInterfaces.map((row) => ({
      name: privateDnsName(vpc.region, row.privateIp),
      type: 'A',
      ttlSeconds: NAME_TTL_SECONDS,
      values: [row.privateIp],
    })),
  };
}

export function privateZoneId(vpcId: string): string {
  return `vpc:${vpcId}`;
}

function interfaceState(row: NetworkInterfaceRow, subnetCidr: string | undefined): InterfaceState {
  if (subnetCidr === undefined) throw new Error(`Network interface ${row.id} is in no subnet of its VPC.`);
  return {
    interfaceId: row.id,
    kind: row.managedBy === LOAD_BALANCING ? 'local' : 'task',
    privateIp: row.privateIp,
    subnetCidr,
    macAddress: row.macAddress,
    securityGroupIds: row.groups.map((group) => group.groupId),
    ...(row.association ? { publicIp: row.association.publicIp } : {}),
  };
}

function securityGroupState(row: SecurityGroupRow): SecurityGroupState {
  return {
    groupId: row.id,
    ingress: row.rules.filter((rule) => !rule.egress).map(ruleState),
    egress: row.rules.filter((rule) => rule.egress).map(ruleState),
  };
}

function ruleState(rule: SecurityGroupRule): SecurityRule {
  const peer = 'cidr' in rule.peer ? rule.peer : { groupId: rule.peer.groupId };
  if (rule.protocol === '-1') return { protocol: '-1', peer };
  return { protocol: rule.protocol, fromPort: rule.fromPort, toPort: rule.toPort, peer };
}
