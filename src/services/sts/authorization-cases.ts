import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const role = 'arn:aws:iam::123456789012:role/team/app';
const federatedUser = 'arn:aws:sts::123456789012:federated-user/ann';
const asked = {
  'sts:rolesessionname': 'session',
  'sts:externalid': 'secret',
  'sts:sourceidentity': 'ann',
  'sts:transitivetagkeys': ['team'],
};

export const STS_CASES: AuthorizationCases<'sts'> = {
  AssumeRole: {
    input: {
      RoleArn: role,
      RoleSessionName: 'session',
      ExternalId: 'secret',
      SourceIdentity: 'ann',
      Tags: [{ Key: 'team', Value: 'a' }],
      TransitiveTagKeys: ['team'],
    },
    resources: [role],
    conditions: asked,
    also: [
      { action: 'sts:TagSession', resources: [role], conditions: asked },
      { action: 'sts:SetSourceIdentity', resources: [role], conditions: asked },
    ],
  },
  AssumeRoleWithWebIdentity: {
    input: { RoleArn: role, RoleSessionName: 'session', WebIdentityToken: 'a.b.c' },
    resources: [role],
    conditions: { 'sts:rolesessionname': 'session' },
    free: true,
  },
  DecodeAuthorizationMessage: { input: { EncodedMessage: 'message' }, resources: ['*'] },
  GetAccessKeyInfo: { input: { AccessKeyId: 'AKIAQAAAAAAAAAAAAAAA' }, resources: ['*'] },
  GetCallerIdentity: { input: {}, resources: ['*'], free: true },
  GetFederationToken: {
    input: { Name: 'ann', Tags: [{ Key: 'team', Value: 'a' }] },
    resources: [federatedUser],
    also: [{ action: 'sts:TagSession', resources: [federatedUser] }],
    beyondReference: {
      'sts:TagSession':
        'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-getfederationtoken',
    },
  },
  GetSessionToken: { input: {}, resources: ['*'], free: true },
};
