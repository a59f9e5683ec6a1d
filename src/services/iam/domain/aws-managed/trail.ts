import { allow, awsManaged, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

const SAME_ACCOUNT = { StringEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } };

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security-iam-awsmanpol.html */
export const TRAIL_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AWSCloudTrail_FullAccess',
    description: 'All of AWS CloudTrail, and making the buckets, topics and log groups that trails deliver to.',
    created: '2020-10-08T23:41:15',
    updated: '2021-02-22T19:01:00',
    version: 'v3',
    statements: [
      allow('Trails', { cloudtrail: '*' }),
      allow('LookAtBuckets', { s3: 'ListAllMyBuckets GetBucketLocation GetBucketPolicy' }),
      allow(
        'MakeBuckets',
        { s3: 'CreateBucket PutBucketPolicy PutBucketPublicAccessBlock' },
        { on: 'arn:aws:s3:::aws-cloudtrail-logs*' },
      ),
      allow(
        'MakeTopics',
        { sns: 'CreateTopic AddPermission GetTopicAttributes SetTopicAttributes' },
        { on: 'arn:aws:sns:*:*:aws-cloudtrail-logs*' },
      ),
      allow('MakeLogGroups', { logs: 'CreateLogGroup' }, { on: 'arn:aws:logs:*:*:log-group:aws-cloudtrail-logs*' }),
      allow('MakeKeys', { kms: 'CreateKey CreateAlias ListKeys ListAliases' }),
      allow('LookAtRoles', { iam: 'ListRoles GetRolePolicy GetUser' }),
      passRoleTo('DeliveryRole', 'cloudtrail.amazonaws.com'),
      allow('LookAtSources', { dynamodb: 'ListTables ListGlobalTables', lambda: 'ListFunctions', sns: 'ListTopics' }),
    ],
  }),
  awsManaged({
    name: 'AWSCloudTrail_ReadOnlyAccess',
    description: 'Looking at AWS CloudTrail.',
    created: '2022-06-14T17:19:05',
    statements: [allow('Trails', { cloudtrail: 'Describe* Get* List* LookupEvents' })],
  }),
  awsManaged({
    name: 'CloudTrailServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What AWS CloudTrail does for trails and event data stores, in its service-linked role.',
    created: '2018-10-24T21:21:44',
    updated: '2023-11-27T01:18:10',
    version: 'v3',
    statements: [
      allow('Trails', { cloudtrail: '*' }),
      allow('LookAtOrganization', {
        organizations: 'DescribeAccount DescribeOrganization ListAccounts ListAWSServiceAccessForOrganization',
      }),
      allow(
        'LookAtAdministrators',
        { organizations: 'ListDelegatedAdministrators' },
        { when: { StringEquals: { 'organizations:ServicePrincipal': ['cloudtrail.amazonaws.com'] } } },
      ),
      allow(
        'EndFederation',
        { glue: 'DeleteTable' },
        {
          on: [
            'arn:*:glue:*:*:catalog',
            'arn:*:glue:*:*:database/aws:cloudtrail',
            'arn:*:glue:*:*:table/aws:cloudtrail/*',
          ],
          when: SAME_ACCOUNT,
        },
      ),
      allow('EndSharing', { lakeformation: 'DeregisterResource' }, { when: SAME_ACCOUNT }),
    ],
  }),
];
