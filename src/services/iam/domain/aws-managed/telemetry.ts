import { allow, createLinkedRole, type Statement } from './managed-policy.ts';

const LINKED = 'arn:aws:iam::*:role/aws-service-role';
const SIGNALS_CHANNELS = 'arn:aws:cloudtrail:*:*:channel/aws-service-channel/application-signals/*';
const LOG_TABLES = 'arn:aws:s3tables:*:*:bucket/aws-cloudwatch';

export const SIGNALS_ROLE = `${LINKED}/application-signals.cloudwatch.amazonaws.com/AWSServiceRoleForCloudWatchApplicationSignals`;

/** Which quotas Application Signals shows beside a service. */
export const QUOTAS_OF_SIGNALS: Statement = allow(
  'QuotasOfSignals',
  { servicequotas: 'GetServiceQuota' },
  {
    on: ['bedrock', 'dynamodb', 'ec2', 'elasticloadbalancing', 'fargate', 'kinesis', 'lambda', 's3', 'sns'].map(
      (service) => `arn:aws:servicequotas:*:*:${service}/*`,
    ),
  },
);

/** Where Application Signals finds services that send nothing. */
export const SIGNALS_VIEWS: Statement = allow(
  'SignalsViews',
  { 'resource-explorer-2': 'ListIndexes Search' },
  {
    on: ['AWSServiceViewForApplicationSignals', 'AWSServiceViewForApplicationSignalsOrgScopeProd'].map(
      (view) => `arn:aws:resource-explorer-2:*::view/${view}/service-view`,
    ),
  },
);

/** Of CloudWatchReadOnlyAccess. */
export const LOOK_AT_SIGNALS: readonly Statement[] = [
  allow('SignalsChannels', { cloudtrail: 'GetChannel' }, { on: SIGNALS_CHANNELS }),
  allow('LookAtTelemetry', {
    observabilityadmin: `GetCentralizationRuleForOrganization ListCentralizationRulesForOrganization GetTelemetryEvaluationStatus
      GetTelemetryEvaluationStatusForOrganization GetTelemetryRule GetTelemetryRuleForOrganization ListTelemetryRules
      ListTelemetryRulesForOrganization ListResourceTelemetry ListResourceTelemetryForOrganization
      GetTelemetryEnrichmentStatus GetTelemetryPipeline ListTelemetryPipelines TestTelemetryPipeline
      ValidateTelemetryPipelineConfiguration GetS3TableIntegration ListS3TableIntegrations ListTagsForResource`,
  }),
];

function passedFor(sid: string, resource: string, services: string | readonly string[]): Statement {
  const when = {
    ArnLike: { 'iam:AssociatedResourceArn': resource },
    StringEquals: { 'iam:PassedToService': services },
  };
  return allow(sid, { iam: 'PassRole' }, { when });
}

/** Of CloudWatchFullAccessV2. */
export const FULL_TELEMETRY: readonly Statement[] = [
  createLinkedRole('SignalsRole', 'application-signals.cloudwatch.amazonaws.com', SIGNALS_ROLE),
  createLinkedRole(
    'ResourceExplorerRole',
    'resource-explorer-2.amazonaws.com',
    `${LINKED}/resource-explorer-2.amazonaws.com/AWSServiceRoleForResourceExplorer`,
  ),
  allow('SignalsIndex', { 'resource-explorer-2': 'CreateIndex' }, { on: 'arn:aws:resource-explorer-2:*:*:index/*' }),
  allow('SignalsChannels', { cloudtrail: 'CreateServiceLinkedChannel GetChannel' }, { on: SIGNALS_CHANNELS }),
  allow('ListChannels', { cloudtrail: 'ListChannels' }),
  allow('Telemetry', {
    observabilityadmin: `CreateCentralizationRuleForOrganization GetCentralizationRuleForOrganization
      ListCentralizationRulesForOrganization UpdateCentralizationRuleForOrganization
      DeleteCentralizationRuleForOrganization StartTelemetryEvaluation StopTelemetryEvaluation
      GetTelemetryEvaluationStatus StartTelemetryEvaluationForOrganization StopTelemetryEvaluationForOrganization
      GetTelemetryEvaluationStatusForOrganization ListResourceTelemetry ListResourceTelemetryForOrganization
      StartTelemetryEnrichment StopTelemetryEnrichment GetTelemetryEnrichmentStatus`,
  }),
  allow('TelemetryRules', {
    observabilityadmin: `CreateTelemetryRule GetTelemetryRule ListTelemetryRules UpdateTelemetryRule DeleteTelemetryRule
      CreateTelemetryRuleForOrganization GetTelemetryRuleForOrganization ListTelemetryRulesForOrganization
      UpdateTelemetryRuleForOrganization DeleteTelemetryRuleForOrganization TagResource UntagResource
      ListTagsForResource`,
  }),
  allow('TelemetryPipelines', {
    observabilityadmin: `CreateTelemetryPipeline GetTelemetryPipeline ListTelemetryPipelines UpdateTelemetryPipeline
      DeleteTelemetryPipeline TestTelemetryPipeline ValidateTelemetryPipelineConfiguration CreateS3TableIntegration
      GetS3TableIntegration ListS3TableIntegrations DeleteS3TableIntegration`,
  }),
  allow(
    'MakeLogTables',
    { s3tables: 'CreateTableBucket PutTableBucketEncryption' },
    {
      on: LOG_TABLES,
      when: { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'observabilityadmin.amazonaws.com' } },
    },
  ),
  allow('ShareLogTables', { s3tables: 'PutTableBucketPolicy' }, { on: LOG_TABLES }),
  passedFor('TableRoles', 'arn:aws:observabilityadmin:*:*:s3tableintegration/*', 'logs.amazonaws.com'),
  passedFor('PipelineRoles', 'arn:aws:observabilityadmin:*:*:telemetry-pipeline/*', [
    'logs.amazonaws.com',
    'telemetry-pipelines.observabilityadmin.amazonaws.com',
  ]),
  passedFor('QueryRoles', 'arn:aws:logs:*:*:scheduled-query:*', 'logs.amazonaws.com'),
  passedFor('AlarmRoles', 'arn:aws:cloudwatch:*:*:alarm:*', 'cloudwatch.amazonaws.com'),
];
