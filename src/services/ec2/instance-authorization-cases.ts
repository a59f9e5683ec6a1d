import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ARN = 'arn:aws:ec2:us-east-1:123456789012';
const IMAGE = 'arn:aws:ec2:us-east-1::image/ami-1';
const TAGS = [{ Key: 'team', Value: 'web' }];
const REGION = { 'ec2:region': 'us-east-1' };
const DESCRIBED = { input: {}, resources: ['*'], conditions: REGION };
const INSTANCE = { resources: [`${ARN}:instance/i-1`], conditions: { ...REGION, 'ec2:instanceid': 'i-1' } };
const INSTANCES = { input: { InstanceIds: ['i-1'] }, ...INSTANCE };
const TEMPLATE = { resources: [`${ARN}:launch-template/lt-1`], conditions: REGION };
const NEW_PROFILE = { 'ec2:newinstanceprofile': 'arn:aws:iam::123456789012:instance-profile/app' };
const OF_ASSOCIATION = { resources: [`${ARN}:instance/*`], conditions: REGION };

function newKeyPair() {
  const resources = [`${ARN}:key-pair/deploy`];
  const conditions = { ...REGION, 'ec2:keypairname': 'deploy' };
  return { resources, conditions, also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:key-pair/*`] }] };
}

/** The role of an instance profile is known to IAM alone: iam:PassRole on it is asked for by the handlers. */
export const INSTANCE_CASES: AuthorizationCases<'ec2'> = {
  RunInstances: {
    input: {
      ImageId: 'ami-1',
      MinCount: 1,
      MaxCount: 1,
      KeyName: 'deploy',
      SubnetId: 'subnet-1',
      SecurityGroupIds: ['sg-1'],
      LaunchTemplate: { LaunchTemplateId: 'lt-1' },
      TagSpecifications: [
        { ResourceType: 'instance', Tags: TAGS },
        { ResourceType: 'volume', Tags: TAGS },
      ],
    },
    resources: [
      `${ARN}:instance/*`,
      `${ARN}:volume/*`,
      `${ARN}:network-interface/*`,
      IMAGE,
      `${ARN}:subnet/subnet-1`,
      `${ARN}:security-group/sg-1`,
      `${ARN}:key-pair/deploy`,
      `${ARN}:launch-template/lt-1`,
    ],
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:instance/*`, `${ARN}:volume/*`] }],
  },
  StartInstances: INSTANCES,
  StopInstances: INSTANCES,
  TerminateInstances: INSTANCES,
  RebootInstances: INSTANCES,
  DescribeInstances: DESCRIBED,
  DescribeInstanceStatus: DESCRIBED,
  DescribeInstanceAttribute: { input: { InstanceId: 'i-1', Attribute: 'userData' }, ...INSTANCE },
  ModifyInstanceAttribute: {
    input: { InstanceId: 'i-1', Groups: ['sg-1'] },
    resources: [`${ARN}:instance/i-1`, `${ARN}:security-group/sg-1`],
    conditions: { ...INSTANCE.conditions, 'ec2:securitygroupid': 'sg-1' },
  },
  ModifyInstanceMetadataOptions: {
    input: { InstanceId: 'i-1', HttpTokens: 'required' },
    resources: INSTANCE.resources,
    conditions: { ...INSTANCE.conditions, 'ec2:attribute': ['HttpTokens'], 'ec2:attribute/httptokens': 'required' },
  },
  MonitorInstances: INSTANCES,
  UnmonitorInstances: INSTANCES,
  DescribeInstanceCreditSpecifications: DESCRIBED,
  DescribeVolumes: DESCRIBED,
  GetConsoleOutput: { input: { InstanceId: 'i-1' }, ...INSTANCE },
  AssociateIamInstanceProfile: {
    input: { InstanceId: 'i-1', IamInstanceProfile: { Name: 'app' } },
    resources: INSTANCE.resources,
    conditions: { ...INSTANCE.conditions, ...NEW_PROFILE },
  },
  DisassociateIamInstanceProfile: { input: { AssociationId: 'iip-assoc-1' }, ...OF_ASSOCIATION },
  ReplaceIamInstanceProfileAssociation: {
    input: { AssociationId: 'iip-assoc-1', IamInstanceProfile: { Name: 'app' } },
    resources: OF_ASSOCIATION.resources,
    conditions: { ...REGION, ...NEW_PROFILE },
  },
  DescribeIamInstanceProfileAssociations: DESCRIBED,
  CreateLaunchTemplate: {
    input: {
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: 'ami-1' },
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: TAGS }],
    },
    resources: [`${ARN}:launch-template/*`],
    conditions: REGION,
    also: [{ action: 'ec2:CreateTags', resources: [`${ARN}:launch-template/*`] }],
  },
  CreateLaunchTemplateVersion: { input: { LaunchTemplateId: 'lt-1', LaunchTemplateData: {} }, ...TEMPLATE },
  ModifyLaunchTemplate: { input: { LaunchTemplateId: 'lt-1', DefaultVersion: '2' }, ...TEMPLATE },
  DeleteLaunchTemplate: { input: { LaunchTemplateId: 'lt-1' }, ...TEMPLATE },
  DeleteLaunchTemplateVersions: { input: { LaunchTemplateId: 'lt-1', Versions: ['1'] }, ...TEMPLATE },
  DescribeLaunchTemplates: DESCRIBED,
  DescribeLaunchTemplateVersions: DESCRIBED,
  CreateKeyPair: {
    input: { KeyName: 'deploy', TagSpecifications: [{ ResourceType: 'key-pair', Tags: TAGS }] },
    ...newKeyPair(),
  },
  ImportKeyPair: {
    input: {
      KeyName: 'deploy',
      PublicKeyMaterial: new Uint8Array([1]),
      TagSpecifications: [{ ResourceType: 'key-pair', Tags: TAGS }],
    },
    ...newKeyPair(),
  },
  DeleteKeyPair: {
    input: { KeyName: 'deploy' },
    resources: [`${ARN}:key-pair/deploy`],
    conditions: { ...REGION, 'ec2:keypairname': 'deploy' },
  },
  DescribeKeyPairs: DESCRIBED,
  DescribeImages: DESCRIBED,
  DescribeSpotInstanceRequests: DESCRIBED,
  CancelSpotInstanceRequests: {
    input: { SpotInstanceRequestIds: ['sir-1'] },
    resources: [`${ARN}:spot-instances-request/sir-1`],
    conditions: REGION,
  },
  DescribeInstanceTypes: DESCRIBED,
  GetInstanceTypesFromInstanceRequirements: {
    ...DESCRIBED,
    input: {
      ArchitectureTypes: ['x86_64'],
      VirtualizationTypes: ['hvm'],
      InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 4096 } },
    },
  },
  DescribeInstanceTypeOfferings: DESCRIBED,
};
