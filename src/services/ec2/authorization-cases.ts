import type { AuthorizationCases } from '../../api/authorization-cases.ts';
import { INSTANCE_CASES } from './instance-authorization-cases.ts';

const ARN = 'arn:aws:ec2:us-east-1:123456789012';
const TAGS = [{ Key: 'team', Value: 'web' }];
const REGION = { 'ec2:region': 'us-east-1' };
const GROUP = { ...REGION, 'ec2:securitygroupid': 'sg-1' };
const RULE_ADDED = {
  resources: [`${ARN}:security-group/sg-1`, `${ARN}:security-group-rule/*`],
  conditions: GROUP,
  also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:security-group-rule/*`] }],
};
const DESCRIBED = { input: {}, resources: ['*'], conditions: REGION };

const LIST = { resources: [`${ARN}:prefix-list/pl-1`], conditions: REGION };
const VPC = { resources: [`${ARN}:vpc/vpc-1`], conditions: { ...REGION, 'ec2:vpcid': 'vpc-1' } };

const SUBNET = { resources: [`${ARN}:subnet/subnet-1`], conditions: { ...REGION, 'ec2:subnetid': 'subnet-1' } };
const ROUTE_TABLE = { resources: [`${ARN}:route-table/rtb-1`], conditions: { ...REGION, 'ec2:routetableid': 'rtb-1' } };
const GATEWAY_AND_VPC = {
  resources: [`${ARN}:internet-gateway/igw-1`, `${ARN}:vpc/vpc-1`],
  conditions: { ...VPC.conditions, 'ec2:internetgatewayid': 'igw-1' },
};

const ACL = { resources: [`${ARN}:network-acl/acl-1`], conditions: { ...REGION, 'ec2:networkaclid': 'acl-1' } };
const ACL_ENTRY = {
  RuleNumber: 100,
  Egress: false,
  RuleAction: 'deny',
  Protocol: '-1',
  CidrBlock: '0.0.0.0/0',
} as const;

/** A new resource that gets tags, and what it is made in or of. */
function created(type: string, ...others: readonly string[]) {
  const resource = `${ARN}:${type}/*`;
  return {
    resources: [resource, ...others],
    conditions: REGION,
    also: [{ action: 'ec2:CreateTags', resources: [resource] }],
  };
}

/** What rows tell besides (names, associations, VPCs) is in authorization.test.ts. */
export const EC2_CASES: AuthorizationCases<'ec2'> = {
  ...INSTANCE_CASES,
  AllocateAddress: {
    input: { TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: TAGS }] },
    resources: [`${ARN}:elastic-ip/*`],
    conditions: REGION,
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:elastic-ip/*`] }],
  },
  AssociateAddress: {
    input: { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1', InstanceId: 'i-1' },
    resources: [`${ARN}:elastic-ip/eipalloc-1`, `${ARN}:network-interface/eni-1`, `${ARN}:instance/i-1`],
    conditions: {
      ...REGION,
      'ec2:allocationid': 'eipalloc-1',
      'ec2:networkinterfaceid': 'eni-1',
      'ec2:instanceid': 'i-1',
    },
  },
  DisassociateAddress: {
    input: { AssociationId: 'eipassoc-1' },
    resources: [`${ARN}:elastic-ip/*`, `${ARN}:network-interface/*`],
    conditions: REGION,
  },
  ReleaseAddress: {
    input: { AllocationId: 'eipalloc-1' },
    resources: [`${ARN}:elastic-ip/eipalloc-1`],
    conditions: { ...REGION, 'ec2:allocationid': 'eipalloc-1' },
  },
  CreateNetworkInterface: {
    input: {
      SubnetId: 'subnet-1',
      Groups: ['sg-1'],
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: TAGS }],
    },
    resources: [`${ARN}:network-interface/*`, `${ARN}:subnet/subnet-1`, `${ARN}:security-group/sg-1`],
    conditions: { ...GROUP, 'ec2:subnetid': 'subnet-1' },
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:network-interface/*`] }],
  },
  DeleteNetworkInterface: {
    input: { NetworkInterfaceId: 'eni-1' },
    resources: [`${ARN}:network-interface/eni-1`],
    conditions: { ...REGION, 'ec2:networkinterfaceid': 'eni-1' },
  },
  ModifyNetworkInterfaceAttribute: {
    input: { NetworkInterfaceId: 'eni-1', Groups: ['sg-1'] },
    resources: [`${ARN}:network-interface/eni-1`, `${ARN}:security-group/sg-1`],
    conditions: { ...GROUP, 'ec2:networkinterfaceid': 'eni-1' },
  },
  CreateSecurityGroup: {
    input: {
      GroupName: 'web',
      Description: 'web',
      VpcId: 'vpc-1',
      TagSpecifications: [{ ResourceType: 'security-group', Tags: TAGS }],
    },
    resources: [`${ARN}:security-group/*`, `${ARN}:vpc/vpc-1`],
    conditions: { ...REGION, 'ec2:vpcid': 'vpc-1' },
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:security-group/*`] }],
  },
  DeleteSecurityGroup: { input: { GroupId: 'sg-1' }, resources: [`${ARN}:security-group/sg-1`], conditions: GROUP },
  AuthorizeSecurityGroupEgress: {
    input: { GroupId: 'sg-1', TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: TAGS }] },
    ...RULE_ADDED,
  },
  AuthorizeSecurityGroupIngress: {
    input: { GroupId: 'sg-1', TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: TAGS }] },
    ...RULE_ADDED,
  },
  RevokeSecurityGroupEgress: {
    input: { GroupId: 'sg-1', SecurityGroupRuleIds: ['sgr-1'] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  RevokeSecurityGroupIngress: {
    input: { GroupId: 'sg-1', SecurityGroupRuleIds: ['sgr-1'] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  ModifySecurityGroupRules: {
    input: {
      GroupId: 'sg-1',
      SecurityGroupRules: [{ SecurityGroupRuleId: 'sgr-1' }, { SecurityGroupRuleId: 'sgr-2' }],
    },
    resources: [`${ARN}:security-group/sg-1`, `${ARN}:security-group-rule/sgr-1`, `${ARN}:security-group-rule/sgr-2`],
    conditions: GROUP,
  },
  UpdateSecurityGroupRuleDescriptionsEgress: {
    input: { GroupId: 'sg-1', SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: 'sgr-1' }] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  UpdateSecurityGroupRuleDescriptionsIngress: {
    input: { GroupId: 'sg-1', SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: 'sgr-1' }] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  CreateTags: {
    input: {
      Resources: ['vpc-1', 'subnet-1', 'rtb-1', 'igw-1', 'dopt-1', 'acl-1', 'sg-1', 'sgr-1', 'eni-1', 'eipalloc-1'],
      Tags: TAGS,
    },
    resources: [
      `${ARN}:vpc/vpc-1`,
      `${ARN}:subnet/subnet-1`,
      `${ARN}:route-table/rtb-1`,
      `${ARN}:internet-gateway/igw-1`,
      `${ARN}:dhcp-options/dopt-1`,
      `${ARN}:network-acl/acl-1`,
      `${ARN}:security-group/sg-1`,
      `${ARN}:security-group-rule/sgr-1`,
      `${ARN}:network-interface/eni-1`,
      `${ARN}:elastic-ip/eipalloc-1`,
    ],
    conditions: {
      ...GROUP,
      'ec2:vpcid': 'vpc-1',
      'ec2:subnetid': 'subnet-1',
      'ec2:routetableid': 'rtb-1',
      'ec2:internetgatewayid': 'igw-1',
      'ec2:dhcpoptionsid': 'dopt-1',
      'ec2:networkaclid': 'acl-1',
      'ec2:networkinterfaceid': 'eni-1',
      'ec2:allocationid': 'eipalloc-1',
    },
  },
  DeleteTags: {
    input: { Resources: ['sg-1'], Tags: [{ Key: 'team' }] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  DescribeVpcAttribute: {
    input: { VpcId: 'vpc-1', Attribute: 'enableDnsSupport' },
    resources: [`${ARN}:vpc/vpc-1`],
    conditions: { ...REGION, 'ec2:vpcid': 'vpc-1' },
  },
  ModifyVpcAttribute: { input: { VpcId: 'vpc-1', EnableDnsSupport: { Value: true } }, ...VPC },
  CreateNetworkAcl: {
    input: { VpcId: 'vpc-1', TagSpecifications: [{ ResourceType: 'network-acl', Tags: TAGS }] },
    ...created('network-acl', `${ARN}:vpc/vpc-1`),
    conditions: VPC.conditions,
  },
  DeleteNetworkAcl: { input: { NetworkAclId: 'acl-1' }, ...ACL },
  CreateNetworkAclEntry: { input: { NetworkAclId: 'acl-1', ...ACL_ENTRY }, ...ACL },
  ReplaceNetworkAclEntry: { input: { NetworkAclId: 'acl-1', ...ACL_ENTRY }, ...ACL },
  DeleteNetworkAclEntry: { input: { NetworkAclId: 'acl-1', RuleNumber: 100, Egress: false }, ...ACL },
  ReplaceNetworkAclAssociation: {
    input: { AssociationId: 'aclassoc-1', NetworkAclId: 'acl-1' },
    resources: [`${ARN}:network-acl/acl-1`, `${ARN}:subnet/*`],
    conditions: ACL.conditions,
  },
  CreateDhcpOptions: {
    input: {
      DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.com'] }],
      TagSpecifications: [{ ResourceType: 'dhcp-options', Tags: TAGS }],
    },
    ...created('dhcp-options'),
  },
  AssociateDhcpOptions: {
    input: { DhcpOptionsId: 'dopt-1', VpcId: 'vpc-1' },
    resources: [`${ARN}:dhcp-options/dopt-1`, `${ARN}:vpc/vpc-1`],
    conditions: { ...VPC.conditions, 'ec2:dhcpoptionsid': 'dopt-1' },
  },
  DeleteDhcpOptions: {
    input: { DhcpOptionsId: 'dopt-1' },
    resources: [`${ARN}:dhcp-options/dopt-1`],
    conditions: { ...REGION, 'ec2:dhcpoptionsid': 'dopt-1' },
  },
  CreateVpcEndpoint: {
    input: {
      VpcId: 'vpc-1',
      ServiceName: 'com.amazonaws.us-east-1.ecr.api',
      VpcEndpointType: 'Interface',
      SubnetIds: ['subnet-1'],
      SecurityGroupIds: ['sg-1'],
      TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: TAGS }],
    },
    ...created('vpc-endpoint', `${ARN}:vpc/vpc-1`, `${ARN}:subnet/subnet-1`, `${ARN}:security-group/sg-1`),
    conditions: {
      ...VPC.conditions,
      ...GROUP,
      'ec2:subnetid': 'subnet-1',
      'ec2:vpceservicename': 'com.amazonaws.us-east-1.ecr.api',
      'ec2:vpceserviceowner': 'amazon',
      'ec2:vpceserviceregion': 'us-east-1',
    },
  },
  ModifyVpcEndpoint: {
    input: { VpcEndpointId: 'vpce-1', AddRouteTableIds: ['rtb-1'] },
    resources: [`${ARN}:vpc-endpoint/vpce-1`, `${ARN}:route-table/rtb-1`],
    conditions: ROUTE_TABLE.conditions,
  },
  DeleteVpcEndpoints: {
    input: { VpcEndpointIds: ['vpce-1', 'vpce-2'] },
    resources: [`${ARN}:vpc-endpoint/vpce-1`, `${ARN}:vpc-endpoint/vpce-2`],
    conditions: REGION,
  },
  DescribeVpcEndpoints: DESCRIBED,
  DescribeVpcEndpointServices: DESCRIBED,
  DescribePrefixLists: DESCRIBED,
  DescribeAddressesAttribute: DESCRIBED,
  CreateVpc: {
    input: { CidrBlock: '10.0.0.0/16', TagSpecifications: [{ ResourceType: 'vpc', Tags: TAGS }] },
    ...created('vpc'),
  },
  CreateDefaultVpc: DESCRIBED,
  DeleteVpc: { input: { VpcId: 'vpc-1' }, ...VPC },
  CreateSubnet: {
    input: {
      VpcId: 'vpc-1',
      CidrBlock: '10.0.0.0/24',
      TagSpecifications: [{ ResourceType: 'subnet', Tags: TAGS }],
    },
    ...created('subnet', `${ARN}:vpc/vpc-1`),
    conditions: VPC.conditions,
  },
  DeleteSubnet: { input: { SubnetId: 'subnet-1' }, ...SUBNET },
  ModifySubnetAttribute: { input: { SubnetId: 'subnet-1', MapPublicIpOnLaunch: { Value: true } }, ...SUBNET },
  CreateInternetGateway: {
    input: { TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: TAGS }] },
    ...created('internet-gateway'),
  },
  AttachInternetGateway: { input: { InternetGatewayId: 'igw-1', VpcId: 'vpc-1' }, ...GATEWAY_AND_VPC },
  DetachInternetGateway: { input: { InternetGatewayId: 'igw-1', VpcId: 'vpc-1' }, ...GATEWAY_AND_VPC },
  DeleteInternetGateway: {
    input: { InternetGatewayId: 'igw-1' },
    resources: [`${ARN}:internet-gateway/igw-1`],
    conditions: { ...REGION, 'ec2:internetgatewayid': 'igw-1' },
  },
  CreateRouteTable: {
    input: { VpcId: 'vpc-1', TagSpecifications: [{ ResourceType: 'route-table', Tags: TAGS }] },
    ...created('route-table', `${ARN}:vpc/vpc-1`),
    conditions: VPC.conditions,
  },
  DeleteRouteTable: { input: { RouteTableId: 'rtb-1' }, ...ROUTE_TABLE },
  CreateRoute: { input: { RouteTableId: 'rtb-1', DestinationCidrBlock: '0.0.0.0/0' }, ...ROUTE_TABLE },
  ReplaceRoute: { input: { RouteTableId: 'rtb-1', DestinationCidrBlock: '0.0.0.0/0' }, ...ROUTE_TABLE },
  DeleteRoute: { input: { RouteTableId: 'rtb-1', DestinationCidrBlock: '0.0.0.0/0' }, ...ROUTE_TABLE },
  AssociateRouteTable: {
    input: { RouteTableId: 'rtb-1', SubnetId: 'subnet-1' },
    resources: [`${ARN}:route-table/rtb-1`, `${ARN}:subnet/subnet-1`],
    conditions: { ...ROUTE_TABLE.conditions, 'ec2:subnetid': 'subnet-1' },
  },
  DisassociateRouteTable: {
    input: { AssociationId: 'rtbassoc-1' },
    resources: [`${ARN}:route-table/*`],
    conditions: REGION,
  },
  ReplaceRouteTableAssociation: { input: { AssociationId: 'rtbassoc-1', RouteTableId: 'rtb-1' }, ...ROUTE_TABLE },
  CreateNatGateway: {
    input: {
      SubnetId: 'subnet-1',
      AllocationId: 'eipalloc-1',
      TagSpecifications: [{ ResourceType: 'natgateway', Tags: TAGS }],
    },
    ...created('natgateway', `${ARN}:subnet/subnet-1`, `${ARN}:elastic-ip/eipalloc-1`),
    conditions: { ...SUBNET.conditions, 'ec2:allocationid': 'eipalloc-1' },
  },
  DeleteNatGateway: {
    input: { NatGatewayId: 'nat-1' },
    resources: [`${ARN}:natgateway/nat-1`],
    conditions: REGION,
  },
  DescribeNatGateways: DESCRIBED,
  CreateManagedPrefixList: {
    input: {
      PrefixListName: 'offices',
      MaxEntries: 5,
      AddressFamily: 'IPv4',
      TagSpecifications: [{ ResourceType: 'prefix-list', Tags: TAGS }],
    },
    resources: [`${ARN}:prefix-list/*`],
    conditions: REGION,
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:prefix-list/*`] }],
  },
  ModifyManagedPrefixList: { input: { PrefixListId: 'pl-1', MaxEntries: 5 }, ...LIST },
  DeleteManagedPrefixList: { input: { PrefixListId: 'pl-1' }, ...LIST },
  GetManagedPrefixListEntries: { input: { PrefixListId: 'pl-1' }, ...LIST },
  GetManagedPrefixListAssociations: { input: { PrefixListId: 'pl-1' }, ...LIST },
  GetSecurityGroupsForVpc: { input: { VpcId: 'vpc-1' }, ...VPC },
  DescribeSecurityGroupReferences: {
    input: { GroupId: ['sg-1'] },
    resources: [`${ARN}:security-group/sg-1`],
    conditions: GROUP,
  },
  DescribeManagedPrefixLists: DESCRIBED,
  DescribeStaleSecurityGroups: { ...DESCRIBED, input: { VpcId: 'vpc-1' } },
  DescribeAccountAttributes: DESCRIBED,
  DescribeAddresses: DESCRIBED,
  DescribeAvailabilityZones: DESCRIBED,
  DescribeDhcpOptions: DESCRIBED,
  DescribeInternetGateways: DESCRIBED,
  DescribeNetworkAcls: DESCRIBED,
  DescribeNetworkInterfaces: DESCRIBED,
  DescribeRegions: DESCRIBED,
  DescribeRouteTables: DESCRIBED,
  DescribeSecurityGroupRules: DESCRIBED,
  DescribeSecurityGroups: DESCRIBED,
  DescribeSubnets: DESCRIBED,
  DescribeTags: DESCRIBED,
  DescribeVpcs: DESCRIBED,
};
