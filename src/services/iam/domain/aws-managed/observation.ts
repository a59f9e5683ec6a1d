import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';
import { FULL_TELEMETRY, LOOK_AT_SIGNALS, QUOTAS_OF_SIGNALS, SIGNALS_ROLE, SIGNALS_VIEWS } from './telemetry.ts';

const EVENTS_ROLE = 'arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*';
const SINKS = 'arn:aws:oam:*:*:sink/*';
const AGENT_PARAMETERS = 'arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*';
const READ_LOGS = `Describe* Get* List* FilterLogEvents TestMetricFilter StartQuery StopQuery StartLiveTail StopLiveTail`;
const AGENT_LOGS =
  'CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents PutRetentionPolicy';
const SEND_TRACES = `PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingStatisticSummaries
  GetSamplingTargets`;
const AI_QUERIES = 'GenerateQuery GenerateQueryResultsSummary';
const LOG_TABLES = 'GetS3TableIntegration ListS3TableIntegrations ListTelemetryPipelines';

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/managed-policies-cloudwatch.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-identity-based-access-control-cwl.html
 */
export const OBSERVATION_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'CloudWatchLogsFullAccess',
    description: 'All of Amazon CloudWatch Logs.',
    created: '2015-02-06T18:40:02',
    updated: '2026-02-12T18:00:33',
    version: 'v8',
    statements: [allow('Logs', { logs: '*', cloudwatch: AI_QUERIES, observabilityadmin: LOG_TABLES })],
  }),
  awsManaged({
    name: 'CloudWatchLogsReadOnlyAccess',
    description: 'Reading Amazon CloudWatch Logs.',
    created: '2015-02-06T18:40:03',
    updated: '2026-02-12T17:59:13',
    version: 'v12',
    statements: [allow('Logs', { logs: READ_LOGS, cloudwatch: AI_QUERIES, observabilityadmin: LOG_TABLES })],
  }),
  awsManaged({
    name: 'CloudWatchFullAccess',
    description: 'All of Amazon CloudWatch, as it was; CloudWatchFullAccessV2 follows it.',
    created: '2015-02-06T18:40:00',
    updated: '2022-11-27T13:23:49',
    version: 'v4',
    statements: [
      allow('MetricsAndLogs', { cloudwatch: '*', logs: '*', sns: '*' }),
      allow('Look', { autoscaling: 'Describe*', iam: 'GetPolicy GetPolicyVersion GetRole', oam: 'ListSinks' }),
      allow('LookAtLinks', { oam: 'ListAttachedLinks' }, { on: SINKS }),
      allow(
        'EventsRole',
        { iam: 'CreateServiceLinkedRole' },
        { on: EVENTS_ROLE, when: { StringLike: { 'iam:AWSServiceName': 'events.amazonaws.com' } } },
      ),
    ],
  }),
  awsManaged({
    name: 'CloudWatchFullAccessV2',
    description: 'All of Amazon CloudWatch.',
    created: '2023-08-01T11:32:57',
    updated: '2026-06-08T13:27:16',
    version: 'v16',
    statements: [
      allow('MetricsAndLogs', {
        'application-signals': '*',
        cloudwatch: '*',
        logs: '*',
        rum: '*',
        synthetics: '*',
        xray: '*',
      }),
      allow('AlarmsAndScaling', {
        'application-autoscaling': 'DescribeScalingPolicies',
        autoscaling: 'DescribeAutoScalingGroups DescribePolicies',
        sns: 'CreateTopic ListSubscriptions ListSubscriptionsByTopic ListTopics Subscribe',
      }),
      allow('Look', { iam: 'GetPolicy GetPolicyVersion GetRole', oam: 'ListSinks' }),
      allow('LookAtLinks', { oam: 'ListAttachedLinks' }, { on: SINKS }),
      createLinkedRole('EventsRole', 'events.amazonaws.com', EVENTS_ROLE),
      ...FULL_TELEMETRY,
      QUOTAS_OF_SIGNALS,
      SIGNALS_VIEWS,
    ],
  }),
  awsManaged({
    name: 'CloudWatchReadOnlyAccess',
    description: 'Reading Amazon CloudWatch.',
    created: '2015-02-06T18:40:01',
    updated: '2026-02-12T18:01:50',
    version: 'v24',
    statements: [
      allow('MetricsAndLogs', {
        'application-signals': 'BatchGet* Get* List*',
        cloudwatch: 'BatchGet* Describe* Get* List* GenerateQuery',
        logs: READ_LOGS,
        rum: 'BatchGet* Get* List*',
        synthetics: 'Describe* Get* List*',
        xray: 'BatchGet* Get* List* StartTraceRetrieval CancelTraceRetrieval',
      }),
      allow('AlarmsAndScaling', {
        'application-autoscaling': 'DescribeScalingPolicies',
        autoscaling: 'Describe*',
        sns: 'Get* List*',
      }),
      allow('LookAtSinks', { cloudtrail: 'ListChannels', oam: 'ListSinks' }),
      allow('LookAtLinks', { oam: 'ListAttachedLinks' }, { on: SINKS }),
      allow('SignalsRole', { iam: 'GetRole' }, { on: SIGNALS_ROLE }),
      ...LOOK_AT_SIGNALS,
      QUOTAS_OF_SIGNALS,
      SIGNALS_VIEWS,
    ],
  }),
  awsManaged({
    name: 'CloudWatchAgentServerPolicy',
    description: 'What the Amazon CloudWatch agent does on a server.',
    created: '2018-03-07T01:06:44',
    updated: '2024-02-06T16:37:37',
    version: 'v3',
    statements: [
      allow('Metrics', { cloudwatch: 'PutMetricData', ec2: 'DescribeTags DescribeVolumes' }),
      allow('Logs', { logs: AGENT_LOGS }),
      allow('Traces', { xray: SEND_TRACES }),
      allow('ReadConfiguration', { ssm: 'GetParameter' }, { on: AGENT_PARAMETERS }),
    ],
  }),
  awsManaged({
    name: 'CloudWatchAgentAdminPolicy',
    description: 'What the Amazon CloudWatch agent does, and storing its configuration.',
    created: '2018-03-07T00:52:31',
    updated: '2024-02-05T20:59:57',
    version: 'v2',
    statements: [
      allow('Metrics', { cloudwatch: 'PutMetricData', ec2: 'DescribeTags' }),
      allow('Logs', { logs: AGENT_LOGS }),
      allow('Traces', { xray: SEND_TRACES }),
      allow('StoreConfiguration', { ssm: 'GetParameter PutParameter' }, { on: AGENT_PARAMETERS }),
    ],
  }),
  awsManaged({
    name: 'AWSXRayDaemonWriteAccess',
    description: 'What the AWS X-Ray daemon does beside an application.',
    created: '2018-08-28T23:00:33',
    updated: '2024-02-13T21:58:30',
    version: 'v2',
    statements: [allow('Traces', { xray: SEND_TRACES })],
  }),
  awsManaged({
    name: 'AWSXrayWriteOnlyAccess',
    description: 'Sending traces to AWS X-Ray.',
    created: '2016-12-01T18:19:53',
    updated: '2018-08-28T23:03:04',
    version: 'v2',
    statements: [allow('Traces', { xray: SEND_TRACES })],
  }),
  awsManaged({
    name: 'AWSXrayFullAccess',
    description: 'All of AWS X-Ray.',
    created: '2016-12-01T18:30:55',
    updated: '2024-04-11T17:07:36',
    version: 'v2',
    statements: [allow('Traces', { xray: '*' })],
  }),
  awsManaged({
    name: 'AmazonPrometheusRemoteWriteAccess',
    description: 'Sending metrics to Amazon Managed Service for Prometheus.',
    created: '2020-12-19T01:04:32',
    statements: [allow('Metrics', { aps: 'RemoteWrite' })],
  }),
];
