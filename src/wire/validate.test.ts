import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../kernel/errors.ts';
import { Contracts, type WireService } from './contracts.ts';
import { validate } from './validate.ts';

const contracts = new Contracts();

async function problem(service: WireService, name: string, input: object): Promise<string | undefined> {
  const contract = await contracts.get(service);
  const operation = contract.operations.get(name);
  assert.ok(operation, name);
  try {
    validate({ service, operation, protocol: contract.protocol }, input);
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return `${error.code}: ${error.message}`;
  }
  return undefined;
}

test('what fits passes; members the model does not know do not matter', async () => {
  assert.equal(await problem('ecs', 'CreateService', { serviceName: 'web', desiredCount: 3, tea: 1 }), undefined);
  assert.equal(await problem('logs', 'DescribeLogGroups', {}), undefined);
  assert.equal(
    await problem('acm', 'ImportCertificate', { Certificate: new Uint8Array(1), PrivateKey: Buffer.from('k') }),
    undefined,
  );
});

test('missing members, in the words of each service', async () => {
  assert.equal(await problem('ecs', 'CreateService', {}), 'InvalidParameterException: ServiceName can not be blank.');
  assert.equal(
    await problem('ecs', 'RegisterTaskDefinition', { family: 'web' }),
    'ClientException: ContainerDefinitions should not be null or empty.',
  );
  assert.equal(
    await problem('ecr', 'CreateRepository', {}),
    "InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must not be null'",
  );
  assert.equal(
    await problem('acm', 'RequestCertificate', {}),
    "ValidationException: 1 validation error detected: Value null at 'domainName' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    await problem('secretsmanager', 'GetSecretValue', {}),
    "ValidationException: 1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    await problem('logs', 'PutLogEvents', { logGroupName: 'g', logEvents: [{ message: 'm' }] }),
    "InvalidParameterException: 2 validation errors detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null; Value null at 'logEvents.1.member.timestamp' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    await problem('elbv2', 'RegisterTargets', { TargetGroupArn: 'arn', Targets: [{ Id: 'i-1' }, {}] }),
    "ValidationError: 1 validation error detected: Value null at 'targets.2.member.id' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    await problem('ec2', 'AttachInternetGateway', { InternetGatewayId: 'igw-1' }),
    'MissingParameter: The request must contain the parameter VpcId',
  );
  assert.match(
    String(await problem('route53', 'CreateHostedZone', { Name: 'a.' })),
    /^InvalidInput: .*'callerReference'/,
  );
});

test('wrong types are named with their place, before missing members', async () => {
  assert.equal(
    await problem('ecs', 'CreateService', { desiredCount: '3' }),
    'SerializationException: STRING_VALUE can not be converted to an Integer (desiredCount)',
  );
  assert.equal(
    await problem('ecs', 'DescribeClusters', { clusters: 'default' }),
    'SerializationException: STRING_VALUE can not be converted to a List (clusters)',
  );
  assert.equal(
    await problem('ecs', 'DescribeClusters', { clusters: ['a', 5] }),
    'SerializationException: NUMBER_VALUE can not be converted to a String (clusters.2.member)',
  );
  const logConfiguration = { logDriver: 'awslogs', options: { 'awslogs-group': ['g'] } };
  assert.equal(
    await problem('ecs', 'RegisterTaskDefinition', {
      family: 'web',
      containerDefinitions: [{ name: 'web', logConfiguration }],
    }),
    'SerializationException: START_ARRAY can not be converted to a String (containerDefinitions.1.member.logConfiguration.options.awslogs-group.member)',
  );
  assert.match(String(await problem('ecs', 'CreateCluster', { settings: [null] })), /^InvalidParameterException/);
  assert.match(
    String(await problem('ecs', 'UpdateService', { service: 's', forceNewDeployment: 'true' })),
    /a Boolean/,
  );
  assert.match(String(await problem('ecs', 'CreateService', { desiredCount: Number.NaN })), /an Integer/);
});
