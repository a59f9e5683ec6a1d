import { actionNames, allow, awsManaged, type AwsManagedPolicy } from './managed-policy.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html */
export const ACCOUNT_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AdministratorAccess',
    description: 'Everything, in every service.',
    created: '2015-02-06T18:39:46',
    statements: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
  }),
  awsManaged({
    name: 'PowerUserAccess',
    description: 'Everything but saying who may do what: users, groups, roles, organizations and the account itself.',
    created: '2015-02-06T18:39:47',
    updated: '2026-02-12T17:59:14',
    version: 'v12',
    statements: [
      {
        Sid: 'EverythingElse',
        Effect: 'Allow',
        NotAction: actionNames({ iam: '*', organizations: '*', account: '*' }),
        Resource: '*',
      },
      allow('AccountFacts', {
        account: 'GetAccountInformation GetGovCloudAccountInformation GetPrimaryEmail ListRegions',
        organizations: 'DescribeEffectivePolicy DescribeOrganization',
      }),
      allow('ServiceLinkedRoles', { iam: 'CreateServiceLinkedRole DeleteServiceLinkedRole ListRoles' }),
    ],
  }),
];
