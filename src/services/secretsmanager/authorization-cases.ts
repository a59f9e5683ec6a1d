import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const SecretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-AbCdEf';
/** Of a secret that is not there the end is not known. */
const UNKNOWN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-??????';
const onSecret = { resources: [SecretId], conditions: { 'secretsmanager:secretid': SecretId } };
const byName = { resources: [UNKNOWN], conditions: { 'secretsmanager:secretid': UNKNOWN } };
const ResourcePolicy = '{}';

/** What each operation must be allowed. */
export const SECRETSMANAGER_CASES: AuthorizationCases<'secretsmanager'> = {
  BatchGetSecretValue: {
    input: { Filters: [{ Key: 'name', Values: ['app/'] }] },
    resources: ['*'],
    also: [{ action: 'secretsmanager:ListSecrets', resources: ['*'] }],
  },
  CreateSecret: {
    input: {
      Name: 'app/db',
      Description: 'The database',
      KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1',
      Tags: [{ Key: 'team', Value: 'web' }],
    },
    resources: [UNKNOWN],
    conditions: {
      'secretsmanager:name': 'app/db',
      'secretsmanager:description': 'The database',
      'secretsmanager:kmskeyid': 'arn:aws:kms:us-east-1:123456789012:key/1',
      'secretsmanager:kmskeyarn': 'arn:aws:kms:us-east-1:123456789012:key/1',
      'aws:resourcetag/team': 'web',
      'secretsmanager:resourcetag/team': 'web',
    },
    also: [{ action: 'secretsmanager:TagResource', resources: [UNKNOWN] }],
  },
  DeleteResourcePolicy: { input: { SecretId }, ...onSecret },
  DeleteSecret: {
    input: { SecretId: 'app/db', RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: false },
    resources: byName.resources,
    conditions: {
      ...byName.conditions,
      'secretsmanager:recoverywindowindays': '7',
      'secretsmanager:forcedeletewithoutrecovery': 'false',
    },
  },
  DescribeSecret: { input: { SecretId: 'app/db' }, ...byName },
  GetRandomPassword: { input: {}, resources: ['*'] },
  GetResourcePolicy: { input: { SecretId }, ...onSecret },
  GetSecretValue: {
    input: { SecretId, VersionId: 'v' },
    resources: onSecret.resources,
    conditions: {
      ...onSecret.conditions,
      'secretsmanager:versionid': 'v',
    },
  },
  ListSecretVersionIds: { input: { SecretId }, ...onSecret },
  ListSecrets: { input: {}, resources: ['*'] },
  PutResourcePolicy: {
    input: { SecretId, ResourcePolicy, BlockPublicPolicy: true },
    resources: onSecret.resources,
    conditions: { ...onSecret.conditions, 'secretsmanager:blockpublicpolicy': 'true' },
  },
  PutSecretValue: { input: { SecretId }, ...onSecret },
  RestoreSecret: { input: { SecretId }, ...onSecret },
  TagResource: { input: { SecretId, Tags: [{ Key: 'team', Value: 'web' }] }, ...onSecret },
  UntagResource: { input: { SecretId, TagKeys: ['team'] }, ...onSecret },
  UpdateSecret: {
    input: { SecretId, Description: 'The database', KmsKeyId: 'alias/own' },
    resources: onSecret.resources,
    conditions: {
      ...onSecret.conditions,
      'secretsmanager:description': 'The database',
      'secretsmanager:kmskeyid': 'alias/own',
    },
  },
  UpdateSecretVersionStage: {
    input: { SecretId, VersionStage: 'blue' },
    resources: onSecret.resources,
    conditions: { ...onSecret.conditions, 'secretsmanager:versionstage': 'blue' },
  },
  ValidateResourcePolicy: { input: { SecretId, ResourcePolicy }, ...onSecret },
};
