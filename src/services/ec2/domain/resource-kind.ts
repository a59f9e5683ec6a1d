import { formatArn, parseArn, type Scope } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import { malformedId, notFound } from '../errors.ts';

/** What EC2 calls a kind of resource: in ids, in ARNs and tags, and in its errors. */
export interface ResourceKind {
  /** Of its ids: `vpc` in `vpc-0a1b...`. */
  readonly prefix: string;
  /** In ARNs and tag specifications. */
  readonly type: string;
  /** In `The vpc ID 'vpc-1' does not exist`. */
  readonly noun: string;
  readonly notFound: string;
  /** Only where EC2 has such a code; elsewhere a malformed id is one that is not found. */
  readonly malformed?: string;
}

export const KINDS = {
  vpc: { prefix: 'vpc', type: 'vpc', noun: 'vpc ID', notFound: 'InvalidVpcID.NotFound' },
  subnet: { prefix: 'subnet', type: 'subnet', noun: 'subnet ID', notFound: 'InvalidSubnetID.NotFound' },
  routeTable: {
    prefix: 'rtb',
    type: 'route-table',
    noun: 'routeTable ID',
    notFound: 'InvalidRouteTableID.NotFound',
    malformed: 'InvalidRouteTableId.Malformed',
  },
  internetGateway: {
    prefix: 'igw',
    type: 'internet-gateway',
    noun: 'internetGateway ID',
    notFound: 'InvalidInternetGatewayID.NotFound',
  },
  natGateway: {
    prefix: 'nat',
    type: 'natgateway',
    noun: 'NAT gateway',
    notFound: 'NatGatewayNotFound',
    malformed: 'NatGatewayMalformed',
  },
  vpcEndpoint: {
    prefix: 'vpce',
    type: 'vpc-endpoint',
    noun: 'Vpc Endpoint Id',
    notFound: 'InvalidVpcEndpointId.NotFound',
    malformed: 'InvalidVpcEndpointId.Malformed',
  },
  prefixList: {
    prefix: 'pl',
    type: 'prefix-list',
    noun: 'prefix list ID',
    notFound: 'InvalidPrefixListID.NotFound',
    malformed: 'InvalidPrefixListId.Malformed',
  },
  dhcpOptions: {
    prefix: 'dopt',
    type: 'dhcp-options',
    noun: 'dhcpOption ID',
    notFound: 'InvalidDhcpOptionID.NotFound',
    malformed: 'InvalidDhcpOptionsId.Malformed',
  },
  networkAcl: { prefix: 'acl', type: 'network-acl', noun: 'networkAcl ID', notFound: 'InvalidNetworkAclID.NotFound' },
  securityGroup: {
    prefix: 'sg',
    type: 'security-group',
    noun: 'security group',
    notFound: 'InvalidGroup.NotFound',
    malformed: 'InvalidGroupId.Malformed',
  },
  securityGroupRule: {
    prefix: 'sgr',
    type: 'security-group-rule',
    noun: 'security group rule ID',
    notFound: 'InvalidSecurityGroupRuleId.NotFound',
    malformed: 'InvalidSecurityGroupRuleId.Malformed',
  },
  networkInterface: {
    prefix: 'eni',
    type: 'network-interface',
    noun: 'networkInterface ID',
    notFound: 'InvalidNetworkInterfaceID.NotFound',
    malformed: 'InvalidNetworkInterfaceId.Malformed',
  },
  address: {
    prefix: 'eipalloc',
    type: 'elastic-ip',
    noun: 'allocation ID',
    notFound: 'InvalidAllocationID.NotFound',
  },
  instance: {
    prefix: 'i',
    type: 'instance',
    noun: 'instance ID',
    notFound: 'InvalidInstanceID.NotFound',
    malformed: 'InvalidInstanceID.Malformed',
  },
  keyPair: { prefix: 'key', type: 'key-pair', noun: 'key pair ID', notFound: 'InvalidKeyPair.NotFound' },
  launchTemplate: {
    prefix: 'lt',
    type: 'launch-template',
    noun: 'launch template ID',
    notFound: 'InvalidLaunchTemplateId.NotFound',
    malformed: 'InvalidLaunchTemplateId.Malformed',
  },
  spotRequest: {
    prefix: 'sir',
    type: 'spot-instances-request',
    noun: 'spot instance request ID',
    notFound: 'InvalidSpotInstanceRequestID.NotFound',
  },
  volume: { prefix: 'vol', type: 'volume', noun: 'volume', notFound: 'InvalidVolume.NotFound' },
} as const satisfies Record<string, ResourceKind>;

/** A new id: the prefix and 17 hexadecimal digits. Also for ids that are no resource, such as `eipassoc`. */
export function newId(prefix: string, ids: Ids): string {
  return `${prefix}-${ids.hex(17)}`;
}

/** Throws for an id that no resource of the kind can have. */
export function checkId(kind: ResourceKind, id: string): void {
  if (kind.malformed && !new RegExp(`^${kind.prefix}-[0-9a-f]{1,17}$`).test(id)) {
    throw malformedId(kind.malformed, id, kind.prefix);
  }
}

export function notFoundOf(kind: ResourceKind, id: string): Error {
  return notFound(kind.notFound, kind.noun, id);
}

/** e.g. `arn:aws:ec2:us-east-1:123456789012:subnet/subnet-0a1b...` */
export function arnOf(kind: ResourceKind, scope: Scope, id: string): string {
  return formatArn('ec2', scope, `${kind.type}/${id}`);
}

/** For authorization: `*` where the caller did not name one. */
export function arnsOf(kind: ResourceKind, scope: Scope, ids: readonly (string | undefined)[]): readonly string[] {
  return ids.map((id) => arnOf(kind, scope, id ?? ANY));
}

/** What an ARN of EC2 names; undefined where it is of no kind, or of none in particular (`vpc/*`). */
export function resourceOfArn(arn: string): { kind: ResourceKind; scope: Scope; id: string } | undefined {
  const { service, account, region, resource = '' } = parseArn(arn) ?? {};
  const [type, ...rest] = resource.split('/');
  const id = rest.join('/');
  const kind: ResourceKind | undefined = Object.values(KINDS).find((one) => one.type === type);
  if (service !== 'ec2' || !kind || !account || !region || !id || id === ANY) return undefined;
  return { kind, scope: { account, region }, id };
}

const ANY = '*';
