import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const SSM_ROLE = 'arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*';
const CHANNELS = { ssmmessages: 'CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel' };
const MESSAGES = { ec2messages: 'AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply' };

/** What the SSM Agent does on every instance. */
const AGENT = `UpdateInstanceInformation ListAssociations ListInstanceAssociations DescribeAssociation
  UpdateAssociationStatus UpdateInstanceAssociationStatus GetDocument DescribeDocument GetManifest
  GetDeployablePatchSnapshotForInstance PutInventory PutComplianceItems PutConfigurePackageResult`;

/**
 * Parameters, secrets and keys: https://docs.aws.amazon.com/systems-manager/latest/userguide/security-iam-awsmanpol.html and
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_available-policies.html
 */
export const SECRET_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonSSMFullAccess',
    description: 'All of AWS Systems Manager.',
    created: '2015-05-29T17:39:47',
    updated: '2019-11-20T20:08:56',
    version: 'v4',
    statements: [
      allow('SystemsManager', { ssm: '*', ec2messages: '*', ...CHANNELS }),
      allow('Report', { cloudwatch: 'PutMetricData', logs: '*' }),
      allow('Instances', { ds: 'CreateComputer DescribeDirectories', ec2: 'DescribeInstanceStatus' }),
      createLinkedRole('ServiceLinkedRole', 'ssm.amazonaws.com', SSM_ROLE),
      allow(
        'KeepServiceLinkedRole',
        { iam: 'DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus' },
        { on: SSM_ROLE },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonSSMReadOnlyAccess',
    description: 'Reading AWS Systems Manager, its parameters too.',
    created: '2015-05-29T17:44:19',
    statements: [allow('SystemsManager', { ssm: 'Describe* Get* List*' })],
  }),
  awsManaged({
    name: 'AmazonSSMManagedInstanceCore',
    description: 'What the AWS Systems Manager agent does on an instance.',
    created: '2019-03-15T17:22:12',
    updated: '2019-05-23T16:54:21',
    version: 'v2',
    statements: [
      allow('Agent', { ssm: AGENT }),
      allow('Parameters', { ssm: 'GetParameter GetParameters' }),
      allow('Sessions', CHANNELS),
      allow('Commands', MESSAGES),
    ],
  }),
  awsManaged({
    name: 'AmazonSSMManagedEC2InstanceDefaultPolicy',
    description: 'What the AWS Systems Manager agent does on instances that have no instance profile.',
    created: '2022-08-30T20:54:27',
    updated: '2024-07-16T18:14:07',
    version: 'v2',
    statements: [allow('Agent', { ssm: AGENT }), allow('Sessions', CHANNELS), allow('Commands', MESSAGES)],
  }),
  awsManaged({
    name: 'SecretsManagerReadWrite',
    description: 'All of AWS Secrets Manager, and making the functions that rotate secrets.',
    created: '2018-04-04T18:05:29',
    updated: '2024-02-22T18:12:06',
    version: 'v5',
    statements: [
      allow('Secrets', { secretsmanager: '*' }),
      allow('LookAtDatabases', {
        'docdb-elastic': 'GetCluster ListClusters',
        rds: 'DescribeDBClusters DescribeDBInstances',
        redshift: 'DescribeClusters',
        'redshift-serverless': 'GetNamespace ListWorkgroups',
        tag: 'GetResources',
      }),
      allow('Look', {
        ec2: 'DescribeSecurityGroups DescribeSubnets DescribeVpcs',
        kms: 'DescribeKey ListAliases ListKeys',
        lambda: 'ListFunctions',
      }),
      allow('RotationStacks', {
        cloudformation: 'CreateChangeSet DescribeChangeSet ExecuteChangeSet DescribeStackResource DescribeStacks',
      }),
      allow(
        'RotationFunctions',
        { lambda: 'AddPermission CreateFunction GetFunction InvokeFunction UpdateFunctionConfiguration' },
        { on: 'arn:aws:lambda:*:*:function:SecretsManager*' },
      ),
      allow(
        'RotationTemplates',
        { serverlessrepo: 'CreateCloudFormationChangeSet GetApplication' },
        { on: 'arn:aws:serverlessrepo:*:*:applications/SecretsManager*' },
      ),
      allow(
        'RotationCode',
        { s3: 'GetObject' },
        { on: ['arn:aws:s3:::awsserverlessrepo-changesets*', 'arn:aws:s3:::secrets-manager-rotation-apps-*/*'] },
      ),
    ],
  }),
  awsManaged({
    name: 'AWSSecretsManagerClientReadOnlyAccess',
    description: 'Reading secrets of AWS Secrets Manager.',
    created: '2025-11-05T20:04:08',
    updated: '2026-06-02T20:42:11',
    version: 'v4',
    statements: [
      allow(
        'ReadSecrets',
        { secretsmanager: 'DescribeSecret GetSecretValue' },
        { on: 'arn:aws:secretsmanager:*:*:secret:*' },
      ),
      allow('FindSecrets', { secretsmanager: 'BatchGetSecretValue ListSecrets' }),
      allow(
        'DecryptSecrets',
        { kms: 'Decrypt' },
        {
          on: 'arn:aws:kms:*:*:key/*',
          when: {
            StringLike: {
              'kms:ViaService': 'secretsmanager.*.amazonaws.com',
              'kms:EncryptionContext:SecretARN': 'arn:aws:secretsmanager:*:*:secret:*',
            },
          },
        },
      ),
    ],
  }),
  awsManaged({
    name: 'AWSKeyManagementServicePowerUser',
    description: 'Making keys of AWS KMS and looking at them.',
    created: '2015-02-06T18:40:40',
    updated: '2017-03-07T00:55:11',
    version: 'v2',
    statements: [
      allow('Keys', {
        kms: 'CreateKey CreateAlias DeleteAlias Describe* Get* List* GenerateRandom TagResource UntagResource',
      }),
      allow('LookAtIdentities', { iam: 'ListGroups ListRoles ListUsers' }),
    ],
  }),
];
