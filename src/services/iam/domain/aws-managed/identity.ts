import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

/** What IAM's console shows of the organization above the account. */
const ORGANIZATION = `DescribeAccount DescribeOrganization DescribeOrganizationalUnit DescribePolicy ListChildren ListParents
  ListPolicies ListPoliciesForTarget ListRoots ListTargetsForPolicy`;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html */
export const IDENTITY_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'IAMFullAccess',
    description: 'All of IAM.',
    created: '2015-02-06T18:40:38',
    updated: '2019-06-21T19:40:00',
    version: 'v2',
    statements: [allow('Identities', { iam: '*' }), allow('LookAtOrganization', { organizations: ORGANIZATION })],
  }),
  awsManaged({
    name: 'IAMReadOnlyAccess',
    description: 'Looking at IAM, with its reports and its simulator.',
    created: '2015-02-06T18:40:39',
    updated: '2018-01-25T19:11:27',
    version: 'v4',
    statements: [
      allow('Look', { iam: 'Get* List*' }),
      allow('Reports', { iam: 'GenerateCredentialReport GenerateServiceLastAccessedDetails' }),
      allow('Simulator', { iam: 'SimulateCustomPolicy SimulatePrincipalPolicy' }),
    ],
  }),
  awsManaged({
    name: 'IAMUserChangePassword',
    description: 'Users may change their own passwords.',
    created: '2016-11-15T00:25:16',
    updated: '2026-02-12T17:58:57',
    version: 'v5',
    statements: [
      allow(
        'OwnPassword',
        { iam: 'ChangePassword' },
        { on: ['arn:aws:iam::*:user/${aws:username}', 'arn:aws:iam::*:user/*/${aws:username}'] },
      ),
      allow('PasswordRules', { iam: 'GetAccountPasswordPolicy' }),
    ],
  }),
  awsManaged({
    name: 'IAMUserSSHKeys',
    description: 'Users may keep their own SSH keys for AWS CodeCommit.',
    created: '2015-07-09T17:08:54',
    statements: [
      allow(
        'OwnKeys',
        { iam: 'UploadSSHPublicKey UpdateSSHPublicKey DeleteSSHPublicKey GetSSHPublicKey ListSSHPublicKeys' },
        { on: 'arn:aws:iam::*:user/${aws:username}' },
      ),
    ],
  }),
  awsManaged({
    name: 'IAMSelfManageServiceSpecificCredentials',
    description: 'Users may keep their own service-specific credentials.',
    created: '2016-12-22T17:25:18',
    statements: [
      allow(
        'OwnCredentials',
        {
          iam: `CreateServiceSpecificCredential UpdateServiceSpecificCredential ResetServiceSpecificCredential
            DeleteServiceSpecificCredential ListServiceSpecificCredentials`,
        },
        { on: 'arn:aws:iam::*:user/${aws:username}' },
      ),
    ],
  }),
  awsManaged({
    name: 'IAMAccessAdvisorReadOnly',
    description: 'Looking at what was last used, for reducing permissions.',
    created: '2019-06-21T19:33:45',
    statements: [
      allow('Look', { iam: 'GetPolicy GetRole ListGroups ListPolicies ListRoles ListUsers' }),
      allow('LastAccessed', {
        iam: `GenerateCredentialReport GenerateServiceLastAccessedDetails GetServiceLastAccessedDetails
          GetServiceLastAccessedDetailsWithEntities ListPoliciesGrantingServiceAccess GenerateOrganizationsAccessReport
          GetOrganizationsAccessReport`,
      }),
      allow('LookAtOrganization', { organizations: ORGANIZATION }),
    ],
  }),
  awsManaged({
    name: 'IAMAccessAnalyzerFullAccess',
    description: 'All of IAM Access Analyzer.',
    created: '2019-12-02T17:12:40',
    statements: [
      allow('Analyzers', { 'access-analyzer': '*' }),
      createLinkedRole('ServiceLinkedRole', 'access-analyzer.amazonaws.com'),
      allow('LookAtOrganization', {
        organizations: `DescribeAccount DescribeOrganization DescribeOrganizationalUnit ListAccounts ListAccountsForParent
          ListAWSServiceAccessForOrganization ListChildren ListDelegatedAdministrators
          ListOrganizationalUnitsForParent ListParents ListRoots`,
      }),
    ],
  }),
  awsManaged({
    name: 'IAMAccessAnalyzerReadOnlyAccess',
    description: 'Looking at IAM Access Analyzer, and its checks of policies.',
    created: '2019-12-02T17:12:53',
    updated: '2024-07-18T17:49:04',
    version: 'v4',
    statements: [
      allow('Analyzers', { 'access-analyzer': 'Get* List*' }),
      allow('Checks', {
        'access-analyzer': 'CheckAccessNotGranted CheckNoNewAccess CheckNoPublicAccess ValidatePolicy',
      }),
    ],
  }),
];
