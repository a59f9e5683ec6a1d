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
import type { LoadBalancerRow } from './tables.ts';

export interface Placement {
  readonly vpcId: string;
  readonly subnets: LoadBalancerRow['subnets'];
}

/** The subnets of a request, from either of the two members that may name them. */
export function requestedSubnets(input: {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined;
}): readonly string[] {
  const mappings = input.SubnetMappings ?? [];
  if (mappings.length > 0 && input.Subnets?.length) {
    throw invalid('You must specify either subnets or subnet mappings, but not both');
  }
  for (const { AllocationId, PrivateIPv4Address, IPv6Address, SourceNatIpv6Prefix } of mappings) {
    if (AllocationId ?? PrivateIPv4Address ?? IPv6Address ?? SourceNatIpv6Prefix) {
      throw invalidConfiguration('Addresses cannot be specified for load balancers of type application');
    }
  }
  const ids = mappings.length > 0 ? mappings.map((mapping) => mapping.SubnetId ?? '') : (input.Subnets ?? []);
  return [...new Set(ids)];
}

/** Where a load balancer stands: subnets of one VPC in at least two Availability Zones, one in each. */
export async function placementOf(ctx: Context, subnetIds: readonly string[]): Promise<Placement> {
  if (subnetIds.length === 0)
    throw invalid('At least two subnets in two different Availability Zones must be specified');
  const { Subnets = [] } = await translating(
    ctx.call('ec2', 'DescribeSubnets', { SubnetIds: [...subnetIds] }),
    'InvalidSubnetI',
    subnetNotFound,
  );
  const subnets = subnetIds.map((subnetId) => {
    const found = Subnets.find((subnet) => subnet.SubnetId === subnetId);
    if (!found) throw subnetNotFound(`The subnet ID '${subnetId}' does not exist`);
    return { subnetId, zoneName: found.AvailabilityZone ?? '', vpcId: found.VpcId ?? '' };
  });
  const [vpcId = '', ...otherVpcs] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (otherVpcs.length > 0) throw invalidConfiguration('All subnets must belong to the same VPC');
  const zones = new Set(subnets.map((subnet) => subnet.zoneName));
  if (zones.size < subnets.length) {
    throw invalidConfiguration('A load balancer cannot be attached to multiple subnets in the same Availability Zone');
  }
  if (zones.size < 2) throw invalid('At least two subnets in two different Availability Zones must be specified');
  return { vpcId, subnets: subnets.map(({ subnetId, zoneName }) => ({ subnetId, zoneName })) };
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
