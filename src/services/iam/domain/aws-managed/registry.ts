import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const PULL = 'GetAuthorizationToken BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer';
const LOOK = `DescribeImageScanFindings DescribeImages DescribeRepositories GetLifecyclePolicy GetLifecyclePolicyPreview
  GetRepositoryPolicy ListImages ListTagsForResource`;
const PUSH = 'InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImage';

const PUBLIC_LOOK = `GetAuthorizationToken BatchCheckLayerAvailability DescribeImages DescribeImageTags DescribeRegistries
  DescribeRepositories GetRegistryCatalogData GetRepositoryCatalogData GetRepositoryPolicy`;

const SAME_ACCOUNT = { StringEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } };

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam-awsmanpol.html */
export const REGISTRY_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonEC2ContainerRegistryPullOnly',
    description: 'Pulling images from Amazon ECR, also through pull through cache rules.',
    created: '2024-10-04T16:58:49',
    statements: [
      allow('PullImages', { ecr: 'GetAuthorizationToken BatchGetImage GetDownloadUrlForLayer' }),
      allow('PullThroughCache', { ecr: 'BatchImportUpstreamImage' }),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerRegistryReadOnly',
    description: 'Pulling images from Amazon ECR and looking at repositories.',
    created: '2015-12-21T17:04:15',
    updated: '2019-12-10T20:56:32',
    version: 'v3',
    statements: [allow('PullImages', { ecr: PULL }), allow('LookAtRepositories', { ecr: LOOK })],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerRegistryPowerUser',
    description: 'Pulling and pushing images of Amazon ECR, without deleting or changing who may use them.',
    created: '2015-12-21T17:05:33',
    updated: '2019-12-10T20:48:08',
    version: 'v3',
    statements: [
      allow('PullImages', { ecr: PULL }),
      allow('PushImages', { ecr: PUSH }),
      allow('LookAtRepositories', { ecr: LOOK }),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerRegistryFullAccess',
    description: 'All of Amazon ECR.',
    created: '2015-12-21T17:06:48',
    updated: '2020-12-05T00:04:19',
    version: 'v3',
    statements: [
      allow('Registry', { ecr: '*' }),
      allow('WhoDidWhat', { cloudtrail: 'LookupEvents' }),
      createLinkedRole('ReplicationRole', 'replication.ecr.amazonaws.com'),
    ],
  }),
  awsManaged({
    name: 'AmazonElasticContainerRegistryPublicReadOnly',
    description: 'Looking at repositories of Amazon ECR Public.',
    created: '2020-12-01T17:27:04',
    statements: [allow('LookAtRepositories', { 'ecr-public': PUBLIC_LOOK, sts: 'GetServiceBearerToken' })],
  }),
  awsManaged({
    name: 'AmazonElasticContainerRegistryPublicPowerUser',
    description: 'Pushing images to Amazon ECR Public, without deleting or changing who may use them.',
    created: '2020-12-01T16:16:54',
    statements: [
      allow('LookAtRepositories', { 'ecr-public': PUBLIC_LOOK, sts: 'GetServiceBearerToken' }),
      allow('PushImages', { 'ecr-public': PUSH }),
    ],
  }),
  awsManaged({
    name: 'AmazonElasticContainerRegistryPublicFullAccess',
    description: 'All of Amazon ECR Public.',
    created: '2020-12-01T17:25:52',
    statements: [allow('PublicRegistry', { 'ecr-public': '*', sts: 'GetServiceBearerToken' })],
  }),
  awsManaged({
    name: 'AWSECRPullThroughCache_ServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon ECR does for pull through cache rules.',
    created: '2021-11-26T21:51:09',
    updated: '2026-05-12T18:12:08',
    version: 'v4',
    statements: [
      allow(
        'KeepUpstreamImages',
        { ecr: `${PULL} ${PUSH} BatchImportUpstreamImage GetImageCopyStatus` },
        { when: SAME_ACCOUNT },
      ),
      allow(
        'UpstreamCredentials',
        { secretsmanager: 'GetSecretValue' },
        { on: 'arn:aws:secretsmanager:*:*:secret:ecr-pullthroughcache/*', when: SAME_ACCOUNT },
      ),
    ],
  }),
  awsManaged({
    name: 'ECRReplicationServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon ECR does to replicate images.',
    created: '2020-12-04T22:11:28',
    statements: [allow('Replicate', { ecr: 'CreateRepository ReplicateImage' })],
  }),
  awsManaged({
    name: 'ECRTemplateServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon ECR does for repository creation templates.',
    created: '2024-06-19T23:11:37',
    statements: [allow('CreateFromTemplate', { ecr: 'CreateRepository' })],
  }),
];
