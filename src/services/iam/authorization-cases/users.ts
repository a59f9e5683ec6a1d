import type { AuthorizationCases } from '../../../api/authorization-cases.ts';
import { CALLER } from '../../../api/operation.ts';

const BOUNDARY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const ALICE = ['arn:aws:iam::123456789012:user/alice'];
const DEVS = ['arn:aws:iam::123456789012:group/devs'];
const EVERY_USER = ['arn:aws:iam::123456789012:user/*'];
const NO_RESOURCE = ['*'];
const ofAlice = { input: { UserName: 'alice' }, resources: ALICE };
const ofDevs = { input: { GroupName: 'devs' }, resources: DEVS };
const ofAccount = { input: {}, resources: NO_RESOURCE };
const KEY = 'AKIAIOSFODNN7EXAMPLE';

/** Users, groups, access keys and the account. */
export const USER_CASES: AuthorizationCases<'iam'> = {
  CreateUser: {
    input: { UserName: 'alice', Path: '/team/', PermissionsBoundary: BOUNDARY, Tags: [{ Key: 'a', Value: 'b' }] },
    resources: ['arn:aws:iam::123456789012:user/team/alice'],
    conditions: { 'iam:permissionsboundary': BOUNDARY },
    also: [{ action: 'iam:TagUser', resources: ['arn:aws:iam::123456789012:user/team/alice'] }],
  },
  GetUser: ofAlice,
  ListUsers: ofAccount,
  UpdateUser: {
    input: { UserName: 'alice', NewUserName: 'bob', NewPath: '/team/' },
    resources: [...ALICE, 'arn:aws:iam::123456789012:user/team/bob'],
  },
  DeleteUser: ofAlice,
  TagUser: { input: { UserName: 'alice', Tags: [{ Key: 'a', Value: 'b' }] }, resources: ALICE },
  UntagUser: { input: { UserName: 'alice', TagKeys: ['a'] }, resources: ALICE },
  ListUserTags: ofAlice,

  CreateGroup: {
    input: { GroupName: 'devs', Path: '/team/' },
    resources: ['arn:aws:iam::123456789012:group/team/devs'],
  },
  GetGroup: ofDevs,
  ListGroups: ofAccount,
  UpdateGroup: {
    input: { GroupName: 'devs', NewGroupName: 'ops' },
    resources: [...DEVS, 'arn:aws:iam::123456789012:group/ops'],
  },
  DeleteGroup: ofDevs,
  AddUserToGroup: { input: { GroupName: 'devs', UserName: 'alice' }, resources: DEVS },
  RemoveUserFromGroup: { input: { GroupName: 'devs', UserName: 'alice' }, resources: DEVS },
  ListGroupsForUser: ofAlice,

  CreateAccessKey: ofAlice,
  ListAccessKeys: { input: {}, resources: [CALLER] },
  UpdateAccessKey: { input: { UserName: 'alice', AccessKeyId: KEY, Status: 'Inactive' }, resources: ALICE },
  DeleteAccessKey: { input: { UserName: 'alice', AccessKeyId: KEY }, resources: ALICE },
  GetAccessKeyLastUsed: { input: { AccessKeyId: KEY }, resources: EVERY_USER },

  CreateLoginProfile: { input: { UserName: 'alice', Password: 'Correct-Horse-1' }, resources: ALICE },
  GetLoginProfile: ofAlice,
  UpdateLoginProfile: ofAlice,
  DeleteLoginProfile: ofAlice,
  ChangePassword: {
    input: { OldPassword: 'Correct-Horse-1', NewPassword: 'Correct-Horse-2' },
    resources: [CALLER],
  },

  UpdateAccountPasswordPolicy: ofAccount,
  GetAccountPasswordPolicy: ofAccount,
  DeleteAccountPasswordPolicy: ofAccount,
  CreateAccountAlias: { input: { AccountAlias: 'my-company' }, resources: NO_RESOURCE },
  ListAccountAliases: ofAccount,
  DeleteAccountAlias: { input: { AccountAlias: 'my-company' }, resources: NO_RESOURCE },
  GetAccountSummary: ofAccount,
  GenerateCredentialReport: ofAccount,
  GetCredentialReport: ofAccount,

  ListMFADevices: ofAlice,
  ListSigningCertificates: ofAlice,
  ListSSHPublicKeys: ofAlice,
  ListServiceSpecificCredentials: { input: { AllUsers: true }, resources: EVERY_USER },
  ListVirtualMFADevices: ofAccount,
  ListServerCertificates: ofAccount,
  ListSAMLProviders: ofAccount,
};
