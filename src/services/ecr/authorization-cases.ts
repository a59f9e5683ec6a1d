import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const WEB = 'arn:aws:ecr:us-east-1:123456789012:repository/team/web';
const API = 'arn:aws:ecr:us-east-1:123456789012:repository/team/api';
const web = { repositoryName: 'team/web' };
const imageIds = [{ imageTag: 'v1' }];
const tags = [{ Key: 'team', Value: 'web' }];

export const ECR_CASES: AuthorizationCases<'ecr'> = {
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
  BatchCheckLayerAvailability: { input: { ...web, layerDigests: [] }, resources: [WEB] },
  TagResource: { input: { resourceArn: WEB, tags }, resources: [WEB] },
  UntagResource: { input: { resourceArn: WEB, tagKeys: ['team'] }, resources: [WEB] },
  ListTagsForResource: { input: { resourceArn: WEB }, resources: [WEB] },
};
