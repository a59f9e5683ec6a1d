import { allow, awsManaged, createLinkedRole, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

const ANY_ROLE = 'arn:aws:iam::*:role/*';
const BY_SNS = { StringEquals: { 'aws:CalledViaLast': 'sns.amazonaws.com' } };

const LOOK_AT_EVENTS = {
  events: `DescribeApiDestination DescribeArchive DescribeConnection DescribeEndpoint DescribeEventBus DescribeEventSource
    DescribeReplay DescribeRule ListApiDestinations ListArchives ListConnections ListEndpoints ListEventBuses
    ListEventSources ListReplays ListRuleNamesByTarget ListRules ListTargetsByRule TestEventPattern`,
  pipes: 'DescribePipe ListPipes ListTagsForResource',
  scheduler: 'GetSchedule GetScheduleGroup ListScheduleGroups ListSchedules ListTagsForResource',
  schemas: `DescribeCodeBinding DescribeDiscoverer DescribeRegistry DescribeSchema ExportSchema GetCodeBindingSource
    GetDiscoveredSchema GetResourcePolicy ListDiscoverers ListRegistries ListSchemas ListSchemaVersions
    ListTagsForResource SearchSchemas`,
};

/** Those of EventBridge and the older ones of CloudWatch Events allow the same. */
const ALL_EVENTS = [
  allow('Events', { events: '*', pipes: '*', scheduler: '*', schemas: '*' }),
  createLinkedRole(
    'DestinationsRole',
    'apidestinations.events.amazonaws.com',
    'arn:aws:iam::*:role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations',
  ),
  createLinkedRole(
    'SchemasRole',
    'schemas.amazonaws.com',
    'arn:aws:iam::*:role/aws-service-role/schemas.amazonaws.com/AWSServiceRoleForSchemas',
  ),
  allow(
    'CredentialsOfConnections',
    { secretsmanager: 'CreateSecret UpdateSecret DeleteSecret GetSecretValue PutSecretValue' },
    { on: 'arn:aws:secretsmanager:*:*:secret:events!*' },
  ),
  passRoleTo('ScheduleRoles', 'scheduler.amazonaws.com', ANY_ROLE),
  passRoleTo('PipeRoles', 'pipes.amazonaws.com', ANY_ROLE),
];

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/security-iam-awsmanpol.html and
 * https://docs.aws.amazon.com/sns/latest/dg/security-iam-awsmanpol.html
 */
export const MESSAGE_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonEventBridgeFullAccess',
    description: 'All of Amazon EventBridge.',
    created: '2019-07-11T14:08:55',
    updated: '2026-02-12T17:58:25',
    version: 'v7',
    statements: [...ALL_EVENTS, passRoleTo('TargetRoles', 'events.amazonaws.com', ANY_ROLE)],
  }),
  awsManaged({
    name: 'AmazonEventBridgeReadOnlyAccess',
    description: 'Looking at Amazon EventBridge.',
    created: '2019-07-11T13:59:07',
    updated: '2022-12-01T17:02:48',
    version: 'v6',
    statements: [allow('Events', LOOK_AT_EVENTS)],
  }),
  awsManaged({
    name: 'CloudWatchEventsFullAccess',
    description: 'All of Amazon EventBridge, under its older name.',
    created: '2016-01-14T18:37:08',
    updated: '2026-02-12T18:00:32',
    version: 'v5',
    statements: [
      ...ALL_EVENTS,
      allow('TargetRole', { iam: 'PassRole' }, { on: 'arn:aws:iam::*:role/AWS_Events_Invoke_Targets' }),
    ],
  }),
  awsManaged({
    name: 'CloudWatchEventsReadOnlyAccess',
    description: 'Looking at Amazon EventBridge, under its older name.',
    created: '2016-01-14T18:27:18',
    updated: '2022-12-01T16:29:31',
    version: 'v3',
    statements: [allow('Events', LOOK_AT_EVENTS)],
  }),
  awsManaged({
    name: 'AmazonEventBridgeSchedulerFullAccess',
    description: 'All of Amazon EventBridge Scheduler.',
    created: '2022-11-10T18:37:25',
    updated: '2026-02-12T18:03:15',
    version: 'v4',
    statements: [
      allow('Schedules', { scheduler: '*' }),
      passRoleTo('ScheduleRoles', 'scheduler.amazonaws.com', ANY_ROLE),
    ],
  }),
  awsManaged({
    name: 'AmazonEventBridgeSchedulerReadOnlyAccess',
    description: 'Looking at Amazon EventBridge Scheduler.',
    created: '2022-11-10T18:50:12',
    updated: '2026-04-02T17:57:20',
    version: 'v5',
    statements: [allow('Schedules', { scheduler: 'Get* List*' })],
  }),
  awsManaged({
    name: 'AmazonSQSFullAccess',
    description: 'All queues of Amazon SQS.',
    created: '2015-02-06T18:41:07',
    statements: [allow('Queues', { sqs: '*' })],
  }),
  awsManaged({
    name: 'AmazonSQSReadOnlyAccess',
    description: 'Looking at queues of Amazon SQS.',
    created: '2015-02-06T18:41:08',
    updated: '2024-05-24T18:16:44',
    version: 'v4',
    statements: [
      allow('Queues', {
        sqs: `GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueues ListQueueTags`,
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonSNSFullAccess',
    description: 'All topics of Amazon SNS.',
    created: '2015-02-06T18:41:05',
    updated: '2024-09-24T22:32:05',
    version: 'v2',
    statements: [
      allow('Topics', { sns: '*' }),
      allow(
        'TextMessages',
        {
          'sms-voice': `SendTextMessage CreateVerifiedDestinationNumber DeleteVerifiedDestinationNumber
            DescribeVerifiedDestinationNumbers SendDestinationNumberVerificationCode VerifyDestinationNumber
            DescribeAccountAttributes DescribePhoneNumbers DescribeSpendLimits SetTextMessageSpendLimitOverride
            DescribeOptedOutNumbers DeleteOptedOutNumber`,
        },
        { when: BY_SNS },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonSNSReadOnlyAccess',
    description: 'Looking at topics of Amazon SNS.',
    created: '2015-02-06T18:41:06',
    updated: '2024-09-24T22:13:12',
    version: 'v2',
    statements: [
      allow('Topics', {
        sns: `List* GetTopicAttributes GetSubscriptionAttributes GetEndpointAttributes GetPlatformApplicationAttributes
          GetDataProtectionPolicy GetSMSAttributes GetSMSSandboxAccountStatus CheckIfPhoneNumberIsOptedOut`,
      }),
      allow(
        'TextMessages',
        {
          'sms-voice': `DescribeAccountAttributes DescribeOptedOutNumbers DescribePhoneNumbers DescribeSpendLimits
            DescribeVerifiedDestinationNumbers`,
        },
        { when: BY_SNS },
      ),
    ],
  }),
];
