import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const LOOK_AT_VPCS = `DescribeAccountAttributes DescribeAddresses DescribeCarrierGateways DescribeClassicLinkInstances
  DescribeCustomerGateways DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs
  DescribeInternetGateways DescribeLocalGatewayRouteTables DescribeLocalGatewayRouteTableVpcAssociations
  DescribeMovingAddresses DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaceAttribute
  DescribeNetworkInterfacePermissions DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables
  DescribeSecurityGroupReferences DescribeSecurityGroupRules DescribeSecurityGroups
  DescribeSecurityGroupVpcAssociations DescribeStaleSecurityGroups DescribeSubnets DescribeTags DescribeVpcAttribute
  DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport DescribeVpcEndpointConnectionNotifications
  DescribeVpcEndpointConnections DescribeVpcEndpoints DescribeVpcEndpointServiceConfigurations
  DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices DescribeVpcPeeringConnections DescribeVpcs
  DescribeVpnConnections DescribeVpnGateways GetSecurityGroupsForVpc`;

/**
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-iam-awsmanpol.html and
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-iam-awsmanpol.html
 */
export const NETWORK_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonEC2FullAccess',
    description: 'All of Amazon EC2, with Auto Scaling, load balancers and metrics.',
    created: '2015-02-06T18:40:15',
    updated: '2018-11-27T02:16:56',
    version: 'v5',
    statements: [
      allow('Compute', { ec2: '*', autoscaling: '*', cloudwatch: '*', elasticloadbalancing: '*' }),
      createLinkedRole('ServiceLinkedRoles', [
        'autoscaling.amazonaws.com',
        'ec2scheduled.amazonaws.com',
        'elasticloadbalancing.amazonaws.com',
        'spot.amazonaws.com',
        'spotfleet.amazonaws.com',
        'transitgateway.amazonaws.com',
      ]),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ReadOnlyAccess',
    description: 'Looking at Amazon EC2, with Auto Scaling, load balancers and metrics.',
    created: '2015-02-06T18:40:17',
    updated: '2026-02-12T18:03:17',
    version: 'v5',
    statements: [
      allow('Compute', {
        ec2: 'Describe* GetSecurityGroupsForVpc',
        autoscaling: 'Describe*',
        cloudwatch: 'Describe* GetMetricStatistics ListMetrics',
        elasticloadbalancing: 'Describe*',
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonVPCReadOnlyAccess',
    description: 'Looking at Amazon VPC.',
    created: '2015-02-06T18:41:17',
    updated: '2026-02-12T17:58:19',
    version: 'v12',
    statements: [allow('Look', { ec2: LOOK_AT_VPCS })],
  }),
  awsManaged({
    name: 'AmazonVPCFullAccess',
    description: 'All of Amazon VPC.',
    created: '2015-02-06T18:41:16',
    updated: '2026-02-12T18:00:44',
    version: 'v13',
    statements: [
      allow('Look', {
        ec2: `${LOOK_AT_VPCS} DescribeAvailabilityZones DescribeInstances DescribeIpv6Pools DescribeKeyPairs`,
      }),
      allow('Vpcs', {
        ec2: `CreateVpc CreateDefaultVpc DeleteVpc ModifyVpcAttribute ModifyVpcTenancy AssociateVpcCidrBlock
          DisassociateVpcCidrBlock CreateDhcpOptions AssociateDhcpOptions DeleteDhcpOptions CreateFlowLogs
          DeleteFlowLogs CreateTags DeleteTags AttachClassicLinkVpc DetachClassicLinkVpc EnableVpcClassicLink
          DisableVpcClassicLink EnableVpcClassicLinkDnsSupport DisableVpcClassicLinkDnsSupport`,
      }),
      allow('Subnets', {
        ec2: `CreateSubnet CreateDefaultSubnet DeleteSubnet ModifySubnetAttribute AssociateSubnetCidrBlock
          DisassociateSubnetCidrBlock CreateNetworkAcl DeleteNetworkAcl CreateNetworkAclEntry ReplaceNetworkAclEntry
          DeleteNetworkAclEntry ReplaceNetworkAclAssociation`,
      }),
      allow('Routes', {
        ec2: `CreateRouteTable DeleteRouteTable AssociateRouteTable ReplaceRouteTableAssociation DisassociateRouteTable
          CreateRoute ReplaceRoute DeleteRoute EnableVgwRoutePropagation DisableVgwRoutePropagation
          CreateLocalGatewayRouteTableVpcAssociation DeleteLocalGatewayRouteTableVpcAssociation`,
      }),
      allow('Gateways', {
        ec2: `CreateInternetGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway
          CreateEgressOnlyInternetGateway DeleteEgressOnlyInternetGateway CreateNatGateway DeleteNatGateway
          CreateCarrierGateway DeleteCarrierGateway CreateCustomerGateway DeleteCustomerGateway CreateVpnGateway
          AttachVpnGateway DetachVpnGateway DeleteVpnGateway CreateVpnConnection DeleteVpnConnection
          CreateVpnConnectionRoute DeleteVpnConnectionRoute`,
      }),
      allow('Addresses', {
        ec2: `AllocateAddress AssociateAddress DisassociateAddress ReleaseAddress MoveAddressToVpc RestoreAddressToClassic
          AssignPrivateIpAddresses UnassignPrivateIpAddresses AssignIpv6Addresses UnassignIpv6Addresses`,
      }),
      allow('Interfaces', {
        ec2: `CreateNetworkInterface AttachNetworkInterface DetachNetworkInterface DeleteNetworkInterface
          ModifyNetworkInterfaceAttribute ResetNetworkInterfaceAttribute CreateNetworkInterfacePermission
          DeleteNetworkInterfacePermission`,
      }),
      allow('SecurityGroups', {
        ec2: `CreateSecurityGroup DeleteSecurityGroup AssociateSecurityGroupVpc DisassociateSecurityGroupVpc
          AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress
          RevokeSecurityGroupEgress ModifySecurityGroupRules UpdateSecurityGroupRuleDescriptionsIngress
          UpdateSecurityGroupRuleDescriptionsEgress`,
      }),
      allow('PeeringAndEndpoints', {
        ec2: `CreateVpcPeeringConnection AcceptVpcPeeringConnection RejectVpcPeeringConnection
          ModifyVpcPeeringConnectionOptions DeleteVpcPeeringConnection CreateVpcEndpoint ModifyVpcEndpoint
          DeleteVpcEndpoints AcceptVpcEndpointConnections RejectVpcEndpointConnections
          CreateVpcEndpointServiceConfiguration ModifyVpcEndpointServiceConfiguration
          DeleteVpcEndpointServiceConfigurations ModifyVpcEndpointServicePermissions
          CreateVpcEndpointConnectionNotification ModifyVpcEndpointConnectionNotification
          DeleteVpcEndpointConnectionNotifications`,
      }),
    ],
  }),
];
