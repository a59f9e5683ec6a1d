import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const ZONAL_SHIFTS = allow('ZonalShifts', { 'arc-zonal-shift': 'ListManagedResources ListZonalShifts' });
const LOAD_BALANCERS = 'arn:aws:elasticloadbalancing:*:*:loadbalancer/*';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/managed-policies.html */
export const LOAD_BALANCING_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'ElasticLoadBalancingFullAccess',
    description: 'All of Elastic Load Balancing, and looking at what it stands on.',
    created: '2018-09-20T20:42:07',
    updated: '2026-02-23T18:57:07',
    version: 'v9',
    statements: [
      allow('LoadBalancers', { elasticloadbalancing: '*' }),
      allow('LookAtNetworks', {
        ec2: `DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeClassicLinkInstances
          DescribeCoipPools DescribeInstances DescribeInternetGateways DescribeNetworkInterfaces DescribeRouteTables
          DescribeSecurityGroups DescribeSubnets DescribeVpcClassicLink DescribeVpcPeeringConnections DescribeVpcs
          GetCoipPoolUsage GetSecurityGroupsForVpc`,
      }),
      allow('LookAtUserPools', { 'cognito-idp': 'DescribeUserPoolClient' }),
      createLinkedRole('ServiceLinkedRole', 'elasticloadbalancing.amazonaws.com'),
      allow('ShiftLoadBalancers', { 'arc-zonal-shift': '*' }, { on: LOAD_BALANCERS }),
      ZONAL_SHIFTS,
    ],
  }),
  awsManaged({
    name: 'ElasticLoadBalancingReadOnly',
    description: 'Looking at Elastic Load Balancing.',
    created: '2018-09-20T20:17:09',
    updated: '2023-11-26T18:15:46',
    version: 'v3',
    statements: [
      allow('LoadBalancers', { elasticloadbalancing: 'Describe* Get*' }),
      allow('LookAtNetworks', { ec2: 'DescribeClassicLinkInstances DescribeInstances DescribeSecurityGroups' }),
      allow('ShiftOfLoadBalancers', { 'arc-zonal-shift': 'GetManagedResource' }, { on: LOAD_BALANCERS }),
      ZONAL_SHIFTS,
    ],
  }),
  awsManaged({
    name: 'AWSElasticLoadBalancingServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Elastic Load Balancing does in networks, in its service-linked role.',
    created: '2017-09-19T22:19:04',
    updated: '2026-02-12T17:58:08',
    version: 'v14',
    statements: [
      allow('LookAtNetworks', {
        ec2: `DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeClassicLinkInstances
          DescribeCoipPools DescribeInstances DescribeInternetGateways DescribeNetworkInterfaces DescribeSecurityGroups
          DescribeSubnets DescribeVpcClassicLink DescribeVpcPeeringConnections DescribeVpcs GetCoipPoolUsage
          GetSecurityGroupsForVpc`,
        outposts: 'GetOutpostInstanceTypes',
      }),
      allow('Interfaces', {
        ec2: `CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute AttachNetworkInterface
          DetachNetworkInterface AssignPrivateIpAddresses AssignIpv6Addresses UnassignIpv6Addresses`,
      }),
      allow('Addresses', {
        ec2: 'AllocateAddress AssociateAddress DisassociateAddress ReleaseAddress AllocateIpamPoolCidr',
      }),
      allow('SecurityGroups', { ec2: 'CreateSecurityGroup AuthorizeSecurityGroupIngress' }),
      allow('DeliverLogs', {
        logs: 'CreateLogDelivery GetLogDelivery ListLogDeliveries UpdateLogDelivery DeleteLogDelivery',
      }),
    ],
  }),
];
