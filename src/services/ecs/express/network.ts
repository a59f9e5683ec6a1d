import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';
import type { ExpressGatewayServiceNetworkConfiguration } from '@aws-sdk/client-ecs';
import type { Call } from '../../../api/context.ts';
import { checkAwsVpc } from '../domain/awsvpc.ts';
import { invalidParameter } from '../errors.ts';

/** One place in five is for the security group that lets the load balancer in. */
const MOST_GROUPS = 4;

export interface ExpressNetwork {
  readonly vpcId: string;
  readonly subnets: readonly string[];
  /** Its subnets route to an internet gateway: the endpoint is for everybody. */
  readonly isPublic: boolean;
}

/** Where an Express service goes: the subnets that are named, or the default subnets of the default VPC. */
export async function expressNetwork(
  call: Call,
  wanted: ExpressGatewayServiceNetworkConfiguration,
): Promise<ExpressNetwork> {
  const { subnets: named = [], securityGroups: groups = [] } = wanted;
  if (groups.length > MOST_GROUPS) throw invalidParameter(`securityGroups can have at most ${MOST_GROUPS} items.`);
  const subnets = named.length > 0 ? named : await defaultSubnets(call);
  await checkAwsVpc(call, { awsvpcConfiguration: { subnets, securityGroups: groups } });
  const { Subnets: found = [] } = await call('ec2', 'DescribeSubnets', { SubnetIds: subnets });
  if (new Set(found.map((subnet) => subnet.AvailabilityZone)).size < 2) {
    throw invalidParameter('At least two subnets in two different Availability Zones must be specified.');
  }
  const vpcId = found[0]?.VpcId ?? '';
  const { RouteTables = [] } = await call('ec2', 'DescribeRouteTables', {
    Filters: [{ Name: 'vpc-id', Values: [vpcId] }],
  });
  return { vpcId, subnets, isPublic: found.every((subnet) => isPublic(subnet, RouteTables)) };
}

async function defaultSubnets(call: Call): Promise<string[]> {
  const { Vpcs = [] } = await call('ec2', 'DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] });
  const vpcId = Vpcs[0]?.VpcId;
  if (vpcId === undefined) {
    throw invalidParameter('There is no default VPC: create one, or specify subnets in networkConfiguration.');
  }
  const { Subnets = [] } = await call('ec2', 'DescribeSubnets', {
    Filters: [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'default-for-az', Values: ['true'] },
    ],
  });
  return Subnets.map((subnet) => subnet.SubnetId ?? '');
}

function isPublic({ SubnetId }: Subnet, tables: readonly RouteTable[]): boolean {
  const own = tables.find((table) => table.Associations?.some((one) => one.SubnetId === SubnetId));
  const table = own ?? tables.find((one) => one.Associations?.some((each) => each.Main));
  return table?.Routes?.some((route) => route.GatewayId?.startsWith('igw-') && route.State !== 'blackhole') === true;
}
