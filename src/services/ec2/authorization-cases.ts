import type { AuthorizationCases } from '../../api/authorization-cases.ts';

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

/** What rows tell besides (names, associations, VPCs) is in authorization.test.ts. */
export const EC2_CASES: AuthorizationCases<'ec2'> = {
  AllocateAddress: {
    input: { TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: TAGS }] },
    resources: [`${ARN}:elastic-ip/*`],
    conditions: REGION,
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:elastic-ip/*`] }],
  },
  AssociateAddress: {
    input: { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-1', InstanceId: 'i-1' },
    resources: [`${ARN}:elastic-ip/eipalloc-1`, `${ARN}:network-interface/eni-1`, `${ARN}:instance/i-1`],
    conditions: { ...REGION, 'ec2:allocationid': 'eipalloc-1', 'ec2:networkinterfaceid': 'eni-1' },
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
