import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as ecsPackage from '@aws-sdk/client-ecs';
import { readPackage } from './contracts.ts';
import { HIDDEN, redact } from './redact.ts';

const { operations } = readPackage(secretsmanager);

test('secret values are hidden wherever they stand, the rest is shown', () => {
  const SecretBinary = Buffer.from('hush');
  const input = { SecretId: 'app/db', SecretString: 'hush', SecretBinary, VersionStages: ['AWSCURRENT'] };
  assert.deepEqual(redact(operations.get('PutSecretValue')?.input, { ...input, RotationToken: 'hush' }), {
    SecretId: 'app/db',
    SecretString: HIDDEN,
    SecretBinary: HIDDEN,
    VersionStages: ['AWSCURRENT'],
    RotationToken: HIDDEN,
  });
  const SecretValues = [{ Name: 'app/db', SecretString: 'hush', SecretBinary }];
  assert.deepEqual(redact(operations.get('BatchGetSecretValue')?.output, { SecretValues }), {
    SecretValues: [{ Name: 'app/db', SecretString: HIDDEN, SecretBinary: HIDDEN }],
  });
  assert.deepEqual(redact(operations.get('GetRandomPassword')?.output, { RandomPassword: 'hush' }), {
    RandomPassword: HIDDEN,
  });
});

test('a map keeps every key that it has', () => {
  const ecs = readPackage(ecsPackage).operations.get('RegisterTaskDefinition')?.input;
  const dockerLabels = JSON.parse('{"__proto__":"a","constructor":"b"}');
  const containerDefinitions = [{ name: 'c', dockerLabels }];
  assert.deepEqual(redact(ecs, { family: 'f', containerDefinitions }), { family: 'f', containerDefinitions });
});
