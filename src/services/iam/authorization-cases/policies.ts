import type { AuthorizationCases } from '../../../api/authorization-cases.ts';

const USER = 'arn:aws:iam::123456789012:user/alice';
const GROUP = 'arn:aws:iam::123456789012:group/developers';
const ROLE = 'arn:aws:iam::123456789012:role/web';
const POLICY = 'arn:aws:iam::123456789012:policy/team/deploy';
const AWS_POLICY = 'arn:aws:iam::aws:policy/AdministratorAccess';
const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'ecs:RunTask', Resource: '*' }],
});

const tag = { Key: 'team', Value: 'blue' };
const byPolicy = { input: { PolicyArn: POLICY }, resources: [POLICY] };
const byVersion = { input: { PolicyArn: POLICY, VersionId: 'v1' }, resources: [POLICY] };

const byUser = { input: { UserName: 'alice' }, resources: [USER] };
const byGroup = { input: { GroupName: 'developers' }, resources: [GROUP] };
const byRole = { input: { RoleName: 'web' }, resources: [ROLE] };

const attached = { PolicyArn: AWS_POLICY };
const conditions = { 'iam:policyarn': AWS_POLICY };
const ofUser = { input: { UserName: 'alice', ...attached }, resources: [USER], conditions };
const ofGroup = { input: { GroupName: 'developers', ...attached }, resources: [GROUP], conditions };
const ofRole = { input: { RoleName: 'web', ...attached }, resources: [ROLE], conditions };

const inline = { PolicyName: 'own' };
const inUser = { input: { UserName: 'alice', ...inline }, resources: [USER] };
const inGroup = { input: { GroupName: 'developers', ...inline }, resources: [GROUP] };
const inRole = { input: { RoleName: 'web', ...inline }, resources: [ROLE] };

const bounded = { 'iam:permissionsboundary': AWS_POLICY };

/** Managed policies, attachments, inline policies, permissions boundaries. */
export const POLICY_CASES: AuthorizationCases<'iam'> = {
  CreatePolicy: {
    input: { PolicyName: 'deploy', Path: '/team/', PolicyDocument: DOCUMENT, Tags: [tag] },
    resources: [POLICY],
    also: [{ action: 'iam:TagPolicy', resources: [POLICY] }],
  },
  GetPolicy: byPolicy,
  ListPolicies: { input: {}, resources: ['*'] },
  DeletePolicy: byPolicy,
  CreatePolicyVersion: { input: { PolicyArn: POLICY, PolicyDocument: DOCUMENT }, resources: [POLICY] },
  GetPolicyVersion: byVersion,
  ListPolicyVersions: byPolicy,
  DeletePolicyVersion: byVersion,
  SetDefaultPolicyVersion: byVersion,
  TagPolicy: { input: { PolicyArn: POLICY, Tags: [tag] }, resources: [POLICY] },
  UntagPolicy: { input: { PolicyArn: POLICY, TagKeys: ['team'] }, resources: [POLICY] },
  ListPolicyTags: byPolicy,
  ListEntitiesForPolicy: { input: attached, resources: [AWS_POLICY] },

  AttachUserPolicy: ofUser,
  AttachGroupPolicy: ofGroup,
  AttachRolePolicy: ofRole,
  DetachUserPolicy: ofUser,
  DetachGroupPolicy: ofGroup,
  DetachRolePolicy: ofRole,
  ListAttachedUserPolicies: byUser,
  ListAttachedGroupPolicies: byGroup,
  ListAttachedRolePolicies: byRole,

  PutUserPolicy: { input: { UserName: 'alice', ...inline, PolicyDocument: DOCUMENT }, resources: [USER] },
  PutGroupPolicy: { input: { GroupName: 'developers', ...inline, PolicyDocument: DOCUMENT }, resources: [GROUP] },
  PutRolePolicy: { input: { RoleName: 'web', ...inline, PolicyDocument: DOCUMENT }, resources: [ROLE] },
  GetUserPolicy: inUser,
  GetGroupPolicy: inGroup,
  GetRolePolicy: inRole,
  DeleteUserPolicy: inUser,
  DeleteGroupPolicy: inGroup,
  DeleteRolePolicy: inRole,
  ListUserPolicies: byUser,
  ListGroupPolicies: byGroup,
  ListRolePolicies: byRole,

  PutUserPermissionsBoundary: {
    input: { UserName: 'alice', PermissionsBoundary: AWS_POLICY },
    resources: [USER],
    conditions: bounded,
  },
  PutRolePermissionsBoundary: {
    input: { RoleName: 'web', PermissionsBoundary: AWS_POLICY },
    resources: [ROLE],
    conditions: bounded,
  },
  DeleteUserPermissionsBoundary: byUser,
  DeleteRolePermissionsBoundary: byRole,

  GetAccountAuthorizationDetails: { input: {}, resources: ['*'] },
};
