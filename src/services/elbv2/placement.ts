import type { SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../api/context.ts';
import {
  invalid,
  invalidConfiguration,
  invalidSecurityGroup,
  invalidSubnet,
  notSupported,
  subnetNotFound,
  translating,
} from './errors.ts';
import type { LoadBalancerRow, SubnetRow } from './tables.ts';

/** A subnet with the addresses that the client chose. */
export type AskedSubnet = Omit<SubnetRow, 'zoneName'>;

export interface Placement {
  readonly vpcId: string;
  readonly subnets: LoadBalancerRow['subnets'];
}

/** The subnets of a request, from either of the two members that may name them. */
export function requestedSubnets(
  input: {
    readonly Subnets?: readonly string[] | undefined;
    readonly SubnetMappings?: readonly SubnetMapping[] | undefined;
  },
  loadBalancer: Pick<LoadBalancerRow, 'type' | 'scheme'>,
): readonly AskedSubnet[] {
  const mappings = input.SubnetMappings ?? [];
  if (mappings.length > 0 && input.Subnets?.length) {
    throw invalid('You must specify either subnets or subnet mappings, but not both');
  }
  for (const mapping of mappings) checkAddresses(mapping, loadBalancer);
  if (mappings.length === 0) return [...new Set(input.Subnets)].map((subnetId) => ({ subnetId }));
  const asked = mappings.map(({ SubnetId: subnetId = '', AllocationId, PrivateIPv4Address }) => ({
    subnetId,
    ...(AllocationId === undefined ? {} : { allocationId: AllocationId }),
    ...(PrivateIPv4Address === undefined ? {} : { privateIp: PrivateIPv4Address }),
  }));
  return [...new Map(asked.map((it) => [it.subnetId, it])).values()];
}

function checkAddresses(mapping: SubnetMapping, { type, scheme }: Pick<LoadBalancerRow, 'type' | 'scheme'>): void {
  const { AllocationId, PrivateIPv4Address, IPv6Address, SourceNatIpv6Prefix } = mapping;
  if (IPv6Address !== undefined) throw notSupported('IPv6Address');
  if (SourceNatIpv6Prefix !== undefined) throw notSupported('SourceNatIpv6Prefix');
  if (type !== 'network' && (AllocationId ?? PrivateIPv4Address) !== undefined) {
    throw invalidConfiguration('Addresses cannot be specified for load balancers of type application');
  }
  if (AllocationId !== undefined && scheme === 'internal') {
    throw invalidConfiguration('Elastic IP addresses cannot be specified for internal load balancers');
  }
  if (PrivateIPv4Address !== undefined && scheme !== 'internal') {
    throw invalidConfiguration('Private IPv4 addresses can be specified for internal load balancers only');
  }
}

/**
 * Where a load balancer stands: subnets of one VPC, one in each Availability Zone. An application load balancer needs at
 * least two.
 */
export async function placementOf(
  ctx: Context,
  asked: readonly AskedSubnet[],
  type?: LoadBalancerRow['type'],
): Promise<Placement> {
  const few =
    type === 'network'
      ? 'At least one subnet must be specified'
      : 'At least two subnets in two different Availability Zones must be specified';
  if (asked.length === 0) throw invalid(few);
  const subnetIds = asked.map((it) => it.subnetId);
  const { Subnets = [] } = await translating(
    ctx.call('ec2', 'DescribeSubnets', { SubnetIds: [...subnetIds] }),
    'InvalidSubnetI',
    subnetNotFound,
  );
  const subnets = asked.map((it) => {
    const found = Subnets.find((subnet) => subnet.SubnetId === it.subnetId);
    if (!found) throw subnetNotFound(`The subnet ID '${it.subnetId}' does not exist`);
    return { ...it, zoneName: found.AvailabilityZone ?? '', vpcId: found.VpcId ?? '' };
  });
  const [vpcId = '', ...otherVpcs] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (otherVpcs.length > 0) throw invalidConfiguration('All subnets must belong to the same VPC');
  const zones = new Set(subnets.map((subnet) => subnet.zoneName));
  if (zones.size < subnets.length) {
    throw invalidConfiguration('A load balancer cannot be attached to multiple subnets in the same Availability Zone');
  }
  if (zones.size < 2 && type !== 'network') throw invalid(few);
  const zoneOf = (subnetId: string) => subnets.find((it) => it.subnetId === subnetId)?.zoneName ?? '';
  return { vpcId, subnets: asked.map((it) => ({ ...it, zoneName: zoneOf(it.subnetId) })) };
}

/** The security groups of a load balancer, all of its VPC; the VPC's default group where none is named. */
export async function securityGroupsOf(
  ctx: Context,
  vpcId: string,
  requested: readonly string[] = [],
): Promise<readonly string[]> {
  const ids = [...new Set(requested)];
  const { SecurityGroups = [] } = await translating(
    ctx.call(
      'ec2',
      'DescribeSecurityGroups',
      ids.length > 0
        ? { GroupIds: ids }
        : {
            Filters: [
              { Name: 'vpc-id', Values: [vpcId] },
              { Name: 'group-name', Values: ['default'] },
            ],
          },
    ),
    'InvalidGroup',
    invalidSecurityGroup,
  );
  if (SecurityGroups.some((group) => group.VpcId !== vpcId)) {
    throw invalidConfiguration('One or more security groups are invalid: they belong to another VPC');
  }
  return ids.length > 0 ? ids : SecurityGroups.map((group) => group.GroupId ?? '');
}

/** Only a VPC with an internet gateway can have an internet-facing load balancer. */
export async function requireInternetGateway(ctx: Context, vpcId: string): Promise<void> {
  const { InternetGateways = [] } = await ctx.call('ec2', 'DescribeInternetGateways', {
    Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }],
  });
  if (InternetGateways.length === 0) throw invalidSubnet(`VPC ${vpcId} has no internet gateway`);
}

export function checkIpAddressType(type: string | undefined): void {
  if (type !== undefined && type !== 'ipv4') throw notSupported(`IP address type '${type}'`, `Use 'ipv4'.`);
}
