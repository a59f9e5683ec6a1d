import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../../../api/audit.ts';
import type { Principal } from '../../../identity/principal.ts';
import { auditRecord } from '../testing.ts';
import { buildEvent } from './event.ts';
import { eventIdAt, timeOfEventId } from './event-id.ts';

const NOW = Date.UTC(2026, 0, 31, 9, 5, 7, 89);
const build = (change: Partial<AuditRecord> = {}) => buildEvent(auditRecord(change), 'event-1', NOW);
const identityOf = (principal: Principal) => build({ principal, accessKeyId: 'ASIAKEY' }).event.userIdentity;

const ACCOUNT = '123456789012';
const ISSUED = { issuedAtMs: NOW, expiresAtMs: NOW + 1 };
const ROLE = { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/app/web`, id: 'AROAWEB', name: 'web' } as const;

test('an event of a user, member by member', () => {
  const output = { cluster: { clusterArn: `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/web`, clusterName: 'web' } };
  const { event, username, resources } = build({ output });
  assert.deepEqual(Object.entries(event), [
    ['eventVersion', '1.11'],
    [
      'userIdentity',
      {
        type: 'IAMUser',
        principalId: 'AIDAANNA',
        arn: `arn:aws:iam::${ACCOUNT}:user/staff/anna`,
        accountId: ACCOUNT,
        accessKeyId: 'AKIAANNA',
        userName: 'anna',
      },
    ],
    ['eventTime', '2026-01-31T09:05:07Z'],
    ['eventSource', 'ecs.amazonaws.com'],
    ['eventName', 'CreateCluster'],
    ['awsRegion', 'us-east-1'],
    ['sourceIPAddress', '192.0.2.7'],
    ['userAgent', 'aws-cli/2.9'],
    ['requestParameters', { clusterName: 'web' }],
    ['responseElements', output],
    ['requestID', 'request-1'],
    ['eventID', 'event-1'],
    ['readOnly', false],
    [
      'resources',
      [{ accountId: ACCOUNT, type: 'AWS::ECS::Cluster', ARN: `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/web` }],
    ],
    ['eventType', 'AwsApiCall'],
    ['managementEvent', true],
    ['recipientAccountId', ACCOUNT],
    ['eventCategory', 'Management'],
  ]);
  assert.equal(username, 'anna');
  assert.deepEqual(
    resources.map(({ type, name }) => [type, name]),
    [['AWS::ECS::Cluster', 'web']],
  );
});

test('every kind of caller', () => {
  const root = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT } as const;
  assert.deepEqual(identityOf(root), {
    type: 'Root',
    principalId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    accountId: ACCOUNT,
    accessKeyId: 'ASIAKEY',
  });
  const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.example`;
  const token = { provider, subject: 'repo:a/b', audience: 'sts.amazonaws.com' };
  assert.deepEqual(
    identityOf({
      kind: 'assumed-role',
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/s1`,
      userId: 'AROAWEB:s1',
      session: { ...ISSUED, issuer: ROLE, name: 's1', sourceIdentity: 'anna', webIdentity: token },
      invokedBy: 'ecs.amazonaws.com',
    }),
    {
      type: 'AssumedRole',
      principalId: 'AROAWEB:s1',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/s1`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAKEY',
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAWEB', arn: ROLE.arn, accountId: ACCOUNT, userName: 'web' },
        webIdFederationData: { federatedProvider: provider, attributes: {} },
        attributes: { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'false' },
        sourceIdentity: 'anna',
      },
      invokedBy: 'ecs.amazonaws.com',
    },
  );
  const issuer = { type: 'User', arn: `arn:aws:iam::${ACCOUNT}:user/anna`, id: 'AIDAANNA', name: 'anna' } as const;
  const federated = identityOf({
    kind: 'federated-user',
    account: ACCOUNT,
    arn: `arn:aws:sts::${ACCOUNT}:federated-user/guest`,
    userId: `${ACCOUNT}:guest`,
    session: { ...ISSUED, issuer, name: 'guest' },
  });
  assert.equal(federated['type'], 'FederatedUser');
  const service = { kind: 'service', account: ACCOUNT, arn: 'x', userId: 'ecs.amazonaws.com' } as const;
  assert.deepEqual(identityOf(service), { type: 'AWSService', invokedBy: 'ecs.amazonaws.com' });
  assert.deepEqual(
    identityOf({
      kind: 'web-identity',
      account: ACCOUNT,
      arn: provider,
      userId: 'x',
      session: { ...ISSUED, issuer: ROLE, webIdentity: token },
    }),
    {
      type: 'WebIdentityUser',
      principalId: `${provider}:sts.amazonaws.com:repo:a/b`,
      userName: 'repo:a/b',
      identityProvider: provider,
    },
  );
  const { principal: _, ...unsigned } = auditRecord();
  assert.deepEqual(buildEvent(unsigned, 'e', NOW).event.userIdentity, { type: 'Unknown', accessKeyId: 'AKIAANNA' });
});

test('what only reads, and what failed, answers nothing', () => {
  const output = { clusters: [] };
  assert.equal(build({ readOnly: true, output }).event.responseElements, null);
  const { event } = build({ error: { code: 'AccessDeniedException', message: 'x'.repeat(5000) }, output });
  assert.equal(event.responseElements, null);
  assert.equal(event.errorCode, 'AccessDenied');
  assert.equal(event.errorMessage?.length, 1024);
  const ec2 = build({ service: 'ec2', error: { code: 'InvalidGroup.NotFound', message: 'no' } }).event;
  assert.equal(ec2.errorCode, 'Client.InvalidGroup.NotFound');
  const fault = build({ service: 'ec2', error: { code: 'InternalError', message: 'a bug' } }).event;
  assert.equal(fault.errorCode, 'Server.InternalError');
  assert.equal(build({ input: {} }).event.requestParameters, null);
});

test('services without regions are recorded in us-east-1, others where they were called', () => {
  const sources = (['iam', 'route53', 'elbv2', 'sts'] as const).map((service) => {
    const { eventSource, awsRegion } = build({ service, region: 'eu-west-1' }).event;
    return [eventSource, awsRegion];
  });
  assert.deepEqual(sources, [
    ['iam.amazonaws.com', 'us-east-1'],
    ['route53.amazonaws.com', 'us-east-1'],
    ['elasticloadbalancing.amazonaws.com', 'eu-west-1'],
    ['sts.amazonaws.com', 'eu-west-1'],
  ]);
});

test('members in lower camel case, dates in words, no blobs and no secrets', () => {
  const expiration = new Date(NOW);
  const input = {
    RoleArn: 'arn:aws:iam::1:role/web',
    VPC: { VPCId: 'v' },
    Body: Buffer.from('x'),
    Tags: [{ Key: 'A' }],
  };
  const credentials = {
    AccessKeyId: 'ASIA1',
    SecretAccessKey: 'secret',
    SessionToken: 'token',
    Expiration: expiration,
  };
  const { event, resources } = build({
    service: 'sts',
    operation: 'AssumeRole',
    readOnly: true,
    input,
    output: { Credentials: credentials },
    resources: [],
  });
  assert.deepEqual(event.requestParameters, {
    roleArn: 'arn:aws:iam::1:role/web',
    vPC: { vPCId: 'v' },
    tags: [{ key: 'A' }],
  });
  assert.deepEqual(event.responseElements, {
    credentials: { accessKeyId: 'ASIA1', expiration: 'Jan 31, 2026, 9:05:07 AM' },
  });
  assert.deepEqual(resources, [{ type: 'AWS::IAM::AccessKey', name: 'ASIA1' }]);
  const asked = build({ service: 'sts', operation: 'GetCallerIdentity', readOnly: true, output: { Account: ACCOUNT } });
  assert.equal(asked.event.responseElements, null);
});

test('the keys of a map stay as they are, whatever they are called', () => {
  const labels: object = JSON.parse('{"Team":"a","__proto__":"b"}');
  const parameters = build({ input: { dockerLabels: labels } }).event.requestParameters;
  assert.equal(JSON.stringify(parameters), '{"dockerLabels":{"Team":"a","__proto__":"b"}}');
});

test("EC2's lists are sets of items, and its resources are known by their ids", () => {
  const { event, resources } = build({
    service: 'ec2',
    operation: 'CreateVpc',
    resources: [`arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/*`],
    input: {
      InstanceIds: ['i-1'],
      Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }],
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'x' }] }],
      GroupIds: [],
      UserData: 'c2VjcmV0',
    },
    output: { Vpc: { VpcId: 'vpc-9', CreatedAt: new Date(5) } },
  });
  assert.deepEqual(event.requestParameters, {
    instancesSet: { items: [{ instanceId: 'i-1' }] },
    filterSet: { items: [{ name: 'vpc-id', valueSet: { items: [{ value: 'vpc-1' }] } }] },
    tagSpecificationSet: { items: [{ resourceType: 'vpc', tagSet: { items: [{ key: 'Name', value: 'x' }] } }] },
    securityGroupIdSet: {},
    userData: '<sensitiveDataRemoved>',
  });
  assert.deepEqual(event.responseElements, { requestId: 'request-1', vpc: { vpcId: 'vpc-9', createdAt: 5 } });
  assert.equal(event.resources, undefined);
  assert.deepEqual(
    resources.map(({ type, name }) => `${type} ${name}`),
    ['AWS::EC2::Instance i-1', 'AWS::EC2::VPC vpc-9'],
  );
  assert.deepEqual(build({ service: 'ec2', output: {} }).event.responseElements, {
    requestId: 'request-1',
    _return: true,
  });
});

test("S3's header fields go by their names, and its XML as it stands there", () => {
  const input = {
    Bucket: 'b',
    ACL: 'private',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  };
  const { requestParameters } = build({ service: 's3', host: '127.0.0.1:4566', input }).event;
  assert.deepEqual(requestParameters, {
    Host: '127.0.0.1:4566',
    bucketName: 'b',
    'x-amz-acl': 'private',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  });
});

test('a field over 100 KB is left out and says so', () => {
  const { requestParameters } = build({ input: { containerDefinitions: 'x'.repeat(200_000) } }).event;
  assert.deepEqual(Object.keys(requestParameters ?? {}), ['omitted', 'originalSize', 'reason']);
});

test('an id tells its time', () => {
  const id = eventIdAt(NOW, '0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab');
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7a6b-8c7d-0123456789ab$/);
  assert.equal(timeOfEventId(id), NOW);
  assert.equal(timeOfEventId('0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab'), undefined);
});

test('names that every object has are names like others', () => {
  const cluster = `arn:aws:ecs:us-east-1:${ACCOUNT}:constructor/x`;
  assert.equal(build({ resources: [cluster] }).resources[0]?.type, 'AWS::ECS::Constructor');
  const metadata = { Metadata: { constructor: 'x' } };
  const { event } = build({ service: 's3', operation: 'CreateBucket', input: metadata });
  assert.deepEqual(event.requestParameters, metadata);
  assert.deepEqual(build({ service: 'ec2', input: { constructor: ['a'] } }).event.requestParameters, {
    constructor: { items: ['a'] },
  });
});
