import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const WEB = 'arn:aws:ecr:us-east-1:123456789012:repository/team/web';
const API = 'arn:aws:ecr:us-east-1:123456789012:repository/team/api';
const web = { repositoryName: 'team/web' };
const imageIds = [{ imageTag: 'v1' }];
const prefixed = { prefix: 'team', appliedFor: ['CREATE_ON_PUSH' as const] };
const ROLE = 'arn:aws:iam::123456789012:role/templates';
const UNDER_TEAM = 'arn:aws:ecr:us-east-1:123456789012:repository/team/*';
/** What a template's writer must be allowed to do to the repositories that it makes. */
const given = ['CreateRepository', 'SetRepositoryPolicy', 'PutLifecyclePolicy', 'TagResource'].map((name) => ({
  action: `ecr:${name}`,
  resources: [UNDER_TEAM],
}));
const tags = [{ Key: 'team', Value: 'web' }];

const BACKFILL = { replicationBackfillId: '00000000-0000-4000-8000-000000000000' };
/** Newer than the reference that iam-data holds. */
const inApi = (name: string) => ({
  resources: ['*'],
  beyondReference: {
    [`ecr:${name}`]: `https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_${name}.html`,
  },
});

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/mine-a1b2c3';

export const ECR_CASES: AuthorizationCases<'ecr'> = {
  CreatePullThroughCacheRule: {
    input: { ecrRepositoryPrefix: 'mine', upstreamRegistryUrl: 'registry.example.com', credentialArn: SECRET },
    resources: ['*'],
    also: [{ action: 'secretsmanager:GetSecretValue', resources: [SECRET] }],
  },
  UpdatePullThroughCacheRule: {
    input: { ecrRepositoryPrefix: 'mine', credentialArn: SECRET },
    resources: ['*'],
    also: [{ action: 'secretsmanager:GetSecretValue', resources: [SECRET] }],
  },
  DeletePullThroughCacheRule: { input: { ecrRepositoryPrefix: 'quay' }, resources: ['*'] },
  DescribePullThroughCacheRules: { input: { ecrRepositoryPrefixes: ['quay'] }, resources: ['*'] },
  ValidatePullThroughCacheRule: { input: { ecrRepositoryPrefix: 'quay' }, resources: ['*'] },
  PutReplicationConfiguration: { input: { replicationConfiguration: { rules: [] } }, resources: ['*'] },
  DescribeImageReplicationStatus: { input: { ...web, imageId: { imageTag: 'v1' } }, resources: [WEB] },
  StartReplicationBackfill: {
    input: { destination: { region: 'eu-west-1', registryId: '123456789012' } },
    ...inApi('StartReplicationBackfill'),
  },
  StopReplicationBackfill: { input: BACKFILL, ...inApi('StopReplicationBackfill') },
  ListReplicationBackfills: { input: {}, ...inApi('ListReplicationBackfills') },
  DescribeReplicationBackfillResults: { input: BACKFILL, ...inApi('DescribeReplicationBackfillResults') },
  GetAuthorizationToken: { input: {}, resources: ['*'] },
  DescribeRegistry: { input: {}, resources: ['*'] },
  CreateRepository: {
    input: { ...web, tags },
    resources: [WEB],
    also: [{ action: 'ecr:TagResource', resources: [WEB] }],
  },
  DescribeRepositories: { input: { repositoryNames: ['team/web', 'team/api'] }, resources: [WEB, API] },
  DeleteRepository: { input: web, resources: [WEB] },
  PutImageTagMutability: { input: { ...web, imageTagMutability: 'IMMUTABLE' }, resources: [WEB] },
  ListImages: { input: web, resources: [WEB] },
  DescribeImages: { input: web, resources: [WEB] },
  BatchGetImage: { input: { ...web, imageIds }, resources: [WEB] },
  BatchDeleteImage: { input: { ...web, imageIds }, resources: [WEB] },
  PutImage: { input: { ...web, imageManifest: '{}' }, resources: [WEB] },
  ListImageReferrers: {
    input: { ...web, subjectId: { imageDigest: `sha256:${'0'.repeat(64)}` } },
    action: 'ecr:BatchGetImage',
    resources: [WEB],
  },
  UpdateImageStorageClass: {
    input: { ...web, imageId: { imageTag: 'v1' }, targetStorageClass: 'ARCHIVE' },
    resources: [WEB],
  },
  StartImageScan: { input: { ...web, imageId: { imageTag: 'v1' } }, resources: [WEB] },
  DescribeImageScanFindings: { input: { ...web, imageId: { imageTag: 'v1' } }, resources: [WEB] },
  InitiateLayerUpload: { input: web, resources: [WEB] },
  UploadLayerPart: {
    input: { ...web, uploadId: 'u', partFirstByte: 0, partLastByte: 0, layerPartBlob: new Uint8Array(1) },
    resources: [WEB],
  },
  CompleteLayerUpload: { input: { ...web, uploadId: 'u', layerDigests: ['sha256:0'] }, resources: [WEB] },
  GetDownloadUrlForLayer: { input: { ...web, layerDigest: 'sha256:0' }, resources: [WEB] },
  BatchCheckLayerAvailability: { input: { ...web, layerDigests: [] }, resources: [WEB] },
  PutLifecyclePolicy: { input: { ...web, lifecyclePolicyText: '{}' }, resources: [WEB] },
  GetLifecyclePolicy: { input: web, resources: [WEB] },
  DeleteLifecyclePolicy: { input: web, resources: [WEB] },
  StartLifecyclePolicyPreview: { input: web, resources: [WEB] },
  GetLifecyclePolicyPreview: { input: web, resources: [WEB] },
  TagResource: { input: { resourceArn: WEB, tags }, resources: [WEB] },
  UntagResource: { input: { resourceArn: WEB, tagKeys: ['team'] }, resources: [WEB] },
  ListTagsForResource: { input: { resourceArn: WEB }, resources: [WEB] },
  PutImageScanningConfiguration: {
    input: { ...web, imageScanningConfiguration: { scanOnPush: true } },
    resources: [WEB],
  },
  BatchGetRepositoryScanningConfiguration: {
    input: { repositoryNames: ['team/web', 'team/api'] },
    resources: [WEB, API],
  },
  GetRegistryScanningConfiguration: { input: {}, resources: ['*'] },
  PutRegistryScanningConfiguration: { input: { scanType: 'BASIC', rules: [] }, resources: ['*'] },
  SetRepositoryPolicy: { input: { ...web, policyText: '{}' }, resources: [WEB] },
  GetRepositoryPolicy: { input: web, resources: [WEB] },
  DeleteRepositoryPolicy: { input: web, resources: [WEB] },
  PutRegistryPolicy: { input: { policyText: '{}' }, resources: ['*'] },
  GetRegistryPolicy: { input: {}, resources: ['*'] },
  DeleteRegistryPolicy: { input: {}, resources: ['*'] },
  GetAccountSetting: {
    input: { name: 'BLOB_MOUNTING' },
    resources: ['*'],
    conditions: { 'ecr:accountsetting': 'BLOB_MOUNTING' },
  },
  PutAccountSetting: {
    input: { name: 'BLOB_MOUNTING', value: 'DISABLED' },
    resources: ['*'],
    conditions: { 'ecr:accountsetting': 'BLOB_MOUNTING' },
  },
  RegisterPullTimeUpdateExclusion: { input: { principalArn: ROLE }, resources: ['*'] },
  DeregisterPullTimeUpdateExclusion: { input: { principalArn: ROLE }, resources: ['*'] },
  ListPullTimeUpdateExclusions: { input: {}, resources: ['*'] },
  CreateRepositoryCreationTemplate: {
    input: {
      ...prefixed,
      repositoryPolicy: '{}',
      lifecyclePolicy: '{}',
      resourceTags: tags,
      customRoleArn: ROLE,
    },
    resources: ['*'],
    also: [
      ...given,
      { action: 'iam:PassRole', resources: [ROLE], conditions: { 'iam:passedtoservice': 'ecr.amazonaws.com' } },
    ],
  },
  UpdateRepositoryCreationTemplate: {
    input: { prefix: 'team', description: 'of the team' },
    resources: ['*'],
    also: [{ action: 'ecr:CreateRepository', resources: [UNDER_TEAM] }],
  },
  DeleteRepositoryCreationTemplate: { input: { prefix: 'team' }, resources: ['*'] },
  DescribeRepositoryCreationTemplates: { input: {}, resources: ['*'] },
};
