import { type Scope, scopeKey } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { type Table, table } from '../../store/store.ts';

/** What every EC2 resource's row has. The row key is `account/region/id`, so a prefix lists a region. */
export interface Resource extends Scope {
  readonly id: string;
  readonly tags: Tags;
}

export interface Idempotency {
  /** The caller's. */
  readonly token: string;
  /** Of the request's other parameters. */
  readonly requestHash: string;
}

/** A row of what a request with a client token makes once. */
export interface MadeOnce {
  readonly idempotency?: Idempotency;
}

/** A region of an account that has been used, so that its default VPC is made once and never again. */
interface RegionRow extends Scope {
  /** Absent once the default VPC is deleted. */
  readonly defaultVpcId?: string;
}

/** Numbers that must be unique on the whole server; the row is also what two allocations at once collide on. */
interface PoolRow {
  readonly name: 'public-addresses' | 'transit-links';
  /** The number that was handed out last. */
  readonly cursor: number;
}

export interface VpcRow extends Resource {
  /** The first is the primary block. */
  readonly cidrBlocks: readonly { readonly associationId: string; readonly cidrBlock: string }[];
  readonly isDefault: boolean;
  /** Or `default`: no options at all. */
  readonly dhcpOptionsId: string;
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  /** Which transit link of the host is this VPC's: see network/network.ts. */
  readonly transitIndex: number;
}

export interface SubnetRow extends Resource {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly zoneName: string;
  readonly zoneId: string;
  readonly defaultForAz: boolean;
  readonly mapPublicIpOnLaunch: boolean;
  readonly addressesInUse: number;
  /** The address, as a number, that was handed out last. */
  readonly addressCursor?: number;
}

export interface RouteTableRow extends Resource, MadeOnce {
  readonly vpcId: string;
  readonly routes: readonly {
    readonly destinationCidrBlock: string;
    /** `local`, or an internet gateway. */
    readonly gatewayId?: string;
    readonly natGatewayId?: string;
    readonly origin: 'CreateRouteTable' | 'CreateRoute';
  }[];
  readonly associations: readonly {
    readonly associationId: string;
    readonly main: boolean;
    readonly subnetId?: string;
  }[];
}

export interface InternetGatewayRow extends Resource {
  /** The VPC it is attached to. */
  readonly vpcId?: string;
}

/** The gateway of a VPC's private subnets; what it looks like outside is its network interface's public address. */
export interface NatGatewayRow extends Resource, MadeOnce {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly networkInterfaceId: string;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly allocationId: string;
  readonly associationId: string;
  /** In ms since the epoch. */
  readonly createdAt: number;
  /** Shown for an hour after. */
  readonly deletedAt?: number;
}

/** A record of how a VPC reaches a service of AWS: the API is reached without it. */
export interface VpcEndpointRow extends Resource, MadeOnce {
  readonly vpcId: string;
  readonly type: 'Gateway' | 'Interface';
  readonly serviceName: string;
  /** Of gateway endpoints: tables that have a route to it. */
  readonly routeTableIds: readonly string[];
  /** Of interface endpoints: the network interface in each subnet. */
  readonly interfaces: readonly { readonly subnetId: string; readonly networkInterfaceId: string }[];
  readonly groupIds: readonly string[];
  readonly privateDnsEnabled: boolean;
  /** As its user wrote it; absent: everybody may do everything. */
  readonly policy?: string;
  readonly managedBy?: string;
  /** In ms since the epoch. */
  readonly createdAt: number;
}

export interface PrefixListEntry {
  readonly cidr: string;
  readonly description?: string;
}

export interface PrefixListRow extends Resource, MadeOnce {
  readonly name: string;
  readonly maxEntries: number;
  /** The first is version 1; the last is in force. */
  readonly versions: readonly (readonly PrefixListEntry[])[];
  readonly state: 'create-complete' | 'modify-complete';
  /** One of AWS's own, which is in no table. */
  readonly isAws?: boolean;
}

export interface DhcpOptionsRow extends Resource {
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** Made by a user; the region has one set that every new VPC gets. */
  readonly isOwn?: true;
}

export interface NetworkAclRow extends Resource, MadeOnce {
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly associations: readonly { readonly associationId: string; readonly subnetId: string }[];
  readonly entries: readonly NetworkAclEntry[];
}

export interface NetworkAclEntry {
  /** 32767 is the last of each direction, which denies all. */
  readonly ruleNumber: number;
  readonly egress: boolean;
  readonly action: 'allow' | 'deny';
  /** A number; `-1` is all protocols. */
  readonly protocol: string;
  readonly cidrBlock: string;
  /** Of TCP and UDP. */
  readonly ports?: { readonly from: number; readonly to: number };
  /** -1 is any. */
  readonly icmp?: { readonly type: number; readonly code: number };
}

export interface SecurityGroupRow extends Resource {
  readonly vpcId: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly SecurityGroupRule[];
}

/** The other side of a rule. A group's name never changes, so it is kept beside the id. */
export type RulePeer =
  | { readonly cidr: string }
  /** Kept, and without effect: there is no IPv6 here. */
  | { readonly cidrIpv6: string }
  | { readonly groupId: string; readonly groupName: string }
  | { readonly prefixListId: string };

export interface RuleSpec {
  readonly egress: boolean;
  /** `tcp`, `udp`, `icmp`, `-1` for all, or the number of another. */
  readonly protocol: string;
  /** Ports for tcp and udp, type and code for icmp; -1 is any. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly peer: RulePeer;
  readonly description?: string;
}

export interface SecurityGroupRule extends RuleSpec {
  readonly ruleId: string;
  readonly tags: Tags;
}

export interface NetworkInterfaceRow extends Resource, MadeOnce {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zoneName: string;
  readonly zoneId: string;
  readonly description: string;
  readonly privateIp: string;
  readonly macAddress: string;
  readonly groups: readonly { readonly groupId: string; readonly groupName: string }[];
  readonly requesterId: string;
  /** Where it is not a plain `interface`. */
  readonly interfaceType?: 'nat_gateway' | 'vpc_endpoint';
  /** The service principal that made it and alone may change it, e.g. `ecs.amazonaws.com`. */
  readonly managedBy?: string;
  readonly attachment?: {
    readonly attachmentId: string;
    readonly instanceOwnerId: string;
    readonly deviceIndex: number;
    /** In ms since the epoch. */
    readonly attachedAt: number;
    readonly instanceId?: string;
    /** How far the instance metadata service's tokens go: HttpPutResponseHopLimit. */
    readonly metadataHopLimit?: number;
    /** Left out: it stays. */
    readonly deleteOnTermination?: boolean;
  };
  /** The other end of the address row's association. */
  readonly association?: {
    readonly publicIp: string;
    readonly allocationId: string;
    readonly associationId: string;
    /** The account, or `amazon` for an address that a service manages. */
    readonly ipOwnerId: string;
  };
}

export interface AddressRow extends Resource {
  readonly publicIp: string;
  /** The service principal that allocated it; hidden from users. */
  readonly managedBy?: string;
  readonly association?: {
    readonly associationId: string;
    readonly networkInterfaceId: string;
    readonly subnetId: string;
    readonly privateIp: string;
  };
}

/** The key of a resource, and the value under which others are indexed by it. */
export function resourceKey(scope: Scope, id: string): string {
  return `${scopeKey(scope)}/${id}`;
}

const keyOf = (row: Resource) => resourceKey(row, row.id);
export const byClientToken = {
  clientToken: (row: Resource & MadeOnce) => row.idempotency && resourceKey(row, row.idempotency.token),
};
const byVpc = { vpc: (row: Resource & { vpcId?: string }) => row.vpcId && resourceKey(row, row.vpcId) };

export const regions = table<RegionRow>('ec2.regions', scopeKey, { account: (row) => row.account });
export const pools = table<PoolRow>('ec2.pools', (row) => row.name);
export const vpcs = table<VpcRow>('ec2.vpcs', keyOf, { transitIndex: (row) => String(row.transitIndex) });
export const subnets = table<SubnetRow>('ec2.subnets', keyOf, byVpc);
export const routeTables = table<RouteTableRow>('ec2.route-tables', keyOf, {
  ...byVpc,
  association: (row) => row.associations.map((association) => resourceKey(row, association.associationId)),
  ...byClientToken,
});
export const internetGateways = table<InternetGatewayRow>('ec2.internet-gateways', keyOf, byVpc);
export const natGateways = table<NatGatewayRow>('ec2.nat-gateways', keyOf, {
  ...byVpc,
  subnet: (row) => resourceKey(row, row.subnetId),
  ...byClientToken,
});
export const vpcEndpoints = table<VpcEndpointRow>('ec2.vpc-endpoints', keyOf, {
  ...byVpc,
  ...byClientToken,
});
export const prefixLists = table<PrefixListRow>('ec2.prefix-lists', keyOf, {
  ...byClientToken,
});
export const dhcpOptions = table<DhcpOptionsRow>('ec2.dhcp-options', keyOf);
export const networkAcls = table<NetworkAclRow>('ec2.network-acls', keyOf, {
  ...byVpc,
  ...byClientToken,
});

export const securityGroups = table<SecurityGroupRow>('ec2.security-groups', keyOf, {
  ...byVpc,
  name: (row) => groupNameKey(row, row.vpcId, row.name),
  rule: (row) => row.rules.map((rule) => resourceKey(row, rule.ruleId)),
  references: (row) => [
    ...new Set(row.rules.flatMap((rule) => ('groupId' in rule.peer ? [resourceKey(row, rule.peer.groupId)] : []))),
  ],
  prefixLists: (row) => [
    ...new Set(
      row.rules.flatMap((rule) => ('prefixListId' in rule.peer ? [resourceKey(row, rule.peer.prefixListId)] : [])),
    ),
  ],
});

export const networkInterfaces = table<NetworkInterfaceRow>('ec2.network-interfaces', keyOf, {
  ...byVpc,
  id: (row) => row.id,
  subnet: (row) => resourceKey(row, row.subnetId),
  group: (row) => row.groups.map((group) => resourceKey(row, group.groupId)),
  privateIp: (row) => `${resourceKey(row, row.subnetId)}/${row.privateIp}`,
  ...byClientToken,
});

export const addresses = table<AddressRow>('ec2.addresses', keyOf, {
  publicIp: (row) => row.publicIp,
  association: (row) => row.association && resourceKey(row, row.association.associationId),
});

export function groupNameKey(scope: Scope, vpcId: string, name: string): string {
  return `${resourceKey(scope, vpcId)}/${name}`;
}

export const tables: readonly Table<any>[] = [
  regions,
  pools,
  vpcs,
  subnets,
  routeTables,
  internetGateways,
  natGateways,
  vpcEndpoints,
  prefixLists,
  dhcpOptions,
  networkAcls,
  securityGroups,
  networkInterfaces,
  addresses,
];
