import type { AuthorizationCases } from '../../../api/authorization-cases.ts';

const ROLE = 'arn:aws:iam::123456789012:role/web';
const PROFILE = 'arn:aws:iam::123456789012:instance-profile/hosts';
const PROVIDER = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
const LINKED_ROLE = 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS';
const BOUNDARY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const byRole = { input: { RoleName: 'web' }, resources: [ROLE] };
const byProfile = { input: { InstanceProfileName: 'hosts' }, resources: [PROFILE] };
const byProvider = { input: { OpenIDConnectProviderArn: PROVIDER }, resources: [PROVIDER] };
const tag = { Key: 'team', Value: 'blue' };

/** Roles, service-linked roles, instance profiles, OIDC providers. */
export const ROLE_CASES: AuthorizationCases<'iam'> = {
  CreateRole: {
    input: {
      RoleName: 'web',
      Path: '/team/',
      AssumeRolePolicyDocument: TRUST_POLICY,
      PermissionsBoundary: BOUNDARY,
      Tags: [tag],
    },
    resources: ['arn:aws:iam::123456789012:role/team/web'],
    conditions: { 'iam:permissionsboundary': BOUNDARY },
    also: [{ action: 'iam:TagRole', resources: ['arn:aws:iam::123456789012:role/team/web'] }],
  },
  GetRole: byRole,
  ListRoles: { input: {}, resources: ['*'] },
  UpdateRole: { input: { RoleName: 'web', Description: 'serves' }, resources: [ROLE] },
  UpdateRoleDescription: { input: { RoleName: 'web', Description: 'serves' }, resources: [ROLE] },
  UpdateAssumeRolePolicy: { input: { RoleName: 'web', PolicyDocument: TRUST_POLICY }, resources: [ROLE] },
  DeleteRole: byRole,
  TagRole: { input: { RoleName: 'web', Tags: [tag] }, resources: [ROLE] },
  UntagRole: { input: { RoleName: 'web', TagKeys: ['team'] }, resources: [ROLE] },
  ListRoleTags: byRole,

  CreateServiceLinkedRole: {
    input: { AWSServiceName: 'ecs.amazonaws.com' },
    resources: [LINKED_ROLE],
    conditions: { 'iam:awsservicename': 'ecs.amazonaws.com' },
  },
  DeleteServiceLinkedRole: byRole,
  GetServiceLinkedRoleDeletionStatus: {
    input: {
      DeletionTaskId:
        'task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1d4fbd6e-6f4a-4a2a-8f6c-0f6d1c1e7a11',
    },
    resources: [LINKED_ROLE],
  },

  CreateInstanceProfile: {
    input: { InstanceProfileName: 'hosts', Tags: [tag] },
    resources: [PROFILE],
    also: [{ action: 'iam:TagInstanceProfile', resources: [PROFILE] }],
  },
  GetInstanceProfile: byProfile,
  ListInstanceProfiles: { input: {}, resources: ['*'] },
  ListInstanceProfilesForRole: byRole,
  DeleteInstanceProfile: byProfile,
  AddRoleToInstanceProfile: {
    input: { InstanceProfileName: 'hosts', RoleName: 'web' },
    resources: [PROFILE],
    also: [
      {
        action: 'iam:PassRole',
        resources: [ROLE],
        conditions: { 'iam:passedtoservice': 'ec2.amazonaws.com' },
      },
    ],
  },
  RemoveRoleFromInstanceProfile: {
    input: { InstanceProfileName: 'hosts', RoleName: 'web' },
    resources: [PROFILE],
  },
  TagInstanceProfile: { input: { InstanceProfileName: 'hosts', Tags: [tag] }, resources: [PROFILE] },
  UntagInstanceProfile: { input: { InstanceProfileName: 'hosts', TagKeys: ['team'] }, resources: [PROFILE] },
  ListInstanceProfileTags: byProfile,

  CreateOpenIDConnectProvider: {
    input: { Url: 'https://token.actions.githubusercontent.com', Tags: [tag] },
    resources: [PROVIDER],
    also: [{ action: 'iam:TagOpenIDConnectProvider', resources: [PROVIDER] }],
  },
  GetOpenIDConnectProvider: byProvider,
  ListOpenIDConnectProviders: { input: {}, resources: ['*'] },
  DeleteOpenIDConnectProvider: byProvider,
  AddClientIDToOpenIDConnectProvider: {
    input: { OpenIDConnectProviderArn: PROVIDER, ClientID: 'sts.amazonaws.com' },
    resources: [PROVIDER],
  },
  RemoveClientIDFromOpenIDConnectProvider: {
    input: { OpenIDConnectProviderArn: PROVIDER, ClientID: 'sts.amazonaws.com' },
    resources: [PROVIDER],
  },
  UpdateOpenIDConnectProviderThumbprint: {
    input: { OpenIDConnectProviderArn: PROVIDER, ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'] },
    resources: [PROVIDER],
  },
  TagOpenIDConnectProvider: { input: { OpenIDConnectProviderArn: PROVIDER, Tags: [tag] }, resources: [PROVIDER] },
  UntagOpenIDConnectProvider: {
    input: { OpenIDConnectProviderArn: PROVIDER, TagKeys: ['team'] },
    resources: [PROVIDER],
  },
  ListOpenIDConnectProviderTags: byProvider,
};
