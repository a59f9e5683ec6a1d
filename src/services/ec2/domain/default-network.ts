import type { Scope } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type {
  DhcpOptionsRow,
  InternetGatewayRow,
  NetworkAclRow,
  Resource,
  RouteTableRow,
  SecurityGroupRow,
  SubnetRow,
  VpcRow,
} from '../tables.ts';
import { cidrOf, formatCidr } from './cidr.ts';
import { internalDomain } from './dns-name.ts';
import { lastEntries } from './network-acl.ts';
import { newId } from './resource-kind.ts';
import { allowAllTo, newRule } from './security-rule.ts';
import { zonesOf } from './zones.ts';

/** Everything a region has before anyone asked: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html */
interface DefaultNetwork {
  readonly vpc: VpcRow;
  readonly dhcpOptions: DhcpOptionsRow;
  readonly internetGateway: InternetGatewayRow;
  readonly routeTable: RouteTableRow;
  readonly subnets: readonly SubnetRow[];
  readonly networkAcl: NetworkAclRow;
  readonly securityGroup: SecurityGroupRow;
}

const VPC_CIDR = '172.31.0.0/16';
const SUBNET_PREFIX = 20;

export function defaultNetwork(scope: Scope, ids: Ids, transitIndex: number): DefaultNetwork {
  const resource = (prefix: string): Resource => ({
    account: scope.account,
    region: scope.region,
    id: newId(prefix, ids),
    tags: {},
  });
  const dhcpOptions = defaultDhcpOptions(resource('dopt'));
  const vpc: VpcRow = {
    ...resource('vpc'),
    cidrBlocks: [{ associationId: newId('vpc-cidr-assoc', ids), cidrBlock: VPC_CIDR }],
    isDefault: true,
    dhcpOptionsId: dhcpOptions.id,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    transitIndex,
  };
  const subnets = zonesOf(scope.region).map((zone, index) => ({
    ...resource('subnet'),
    vpcId: vpc.id,
    cidrBlock: subnetCidr(index),
    zoneName: zone.name,
    zoneId: zone.id,
    defaultForAz: true,
    mapPublicIpOnLaunch: true,
    addressesInUse: 0,
  }));
  const internetGateway = { ...resource('igw'), vpcId: vpc.id };
  return {
    vpc,
    dhcpOptions,
    internetGateway,
    subnets,
    routeTable: {
      ...mainRouteTable(resource('rtb'), vpc, ids, [
        { destinationCidrBlock: '0.0.0.0/0', gatewayId: internetGateway.id, origin: 'CreateRoute' },
      ]),
    },
    networkAcl: defaultNetworkAcl(resource('acl'), vpc, subnets, ids),
    securityGroup: defaultSecurityGroup(resource('sg'), vpc, ids),
  };
}

export function defaultDhcpOptions(resource: Resource): DhcpOptionsRow {
  return {
    ...resource,
    options: { 'domain-name': [internalDomain(resource.region)], 'domain-name-servers': ['AmazonProvidedDNS'] },
  };
}

/** What every VPC gets: a main route table with the local route. */
export function mainRouteTable(
  resource: Resource,
  vpc: VpcRow,
  ids: Ids,
  further: RouteTableRow['routes'] = [],
): RouteTableRow {
  const local = vpc.cidrBlocks.map(({ cidrBlock }) => ({
    destinationCidrBlock: cidrBlock,
    gatewayId: 'local',
    origin: 'CreateRouteTable' as const,
  }));
  return {
    ...resource,
    vpcId: vpc.id,
    routes: [...local, ...further],
    associations: [{ associationId: newId('rtbassoc', ids), main: true }],
  };
}

/** What every VPC gets: a group whose members reach each other and everything outside. */
export function defaultSecurityGroup(resource: Resource, vpc: VpcRow, ids: Ids): SecurityGroupRow {
  const name = 'default';
  return {
    ...resource,
    vpcId: vpc.id,
    name,
    description: 'default VPC security group',
    rules: [
      newRule({ ...allowAllTo({ groupId: resource.id, groupName: name }), egress: false }, ids),
      newRule(allowAllTo({ cidr: '0.0.0.0/0' }), ids),
    ],
  };
}

/** What every VPC gets: an ACL that lets everything pass both ways. */
export function defaultNetworkAcl(
  resource: Resource,
  vpc: VpcRow,
  subnets: readonly SubnetRow[],
  ids: Ids,
): NetworkAclRow {
  return {
    ...resource,
    vpcId: vpc.id,
    isDefault: true,
    associations: subnets.map((subnet) => ({ associationId: newId('aclassoc', ids), subnetId: subnet.id })),
    entries: lastEntries().flatMap((last) => [{ ...last, ruleNumber: 100, action: 'allow' as const }, last]),
  };
}

function subnetCidr(index: number): string {
  return formatCidr({ base: cidrOf(VPC_CIDR).base + index * 2 ** (32 - SUBNET_PREFIX), prefix: SUBNET_PREFIX });
}
