import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { openParameterStore } from './testing.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db-AbCdEf';
const Name = '/aws/reference/secretsmanager/team/db';

test('a secret of Secrets Manager is read as a parameter', async () => {
  const asked: object[] = [];
  const store = openParameterStore({
    'secretsmanager:GetSecretValue': (input: { SecretId: string }) => {
      asked.push(input);
      if (input.SecretId !== 'team/db') throw new ServiceError('ResourceNotFoundException', 'no');
      return {
        ARN,
        Name: 'team/db',
        SecretString: 'open sesame',
        VersionId: 'v',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: new Date(1500),
      };
    },
  });
  const { Parameter = {} } = await store.call('GetParameter', { Name, WithDecryption: true });
  const { SourceResult = '{}', ...rest } = Parameter;
  assert.deepEqual(rest, {
    Name,
    Type: 'SecureString',
    Value: 'open sesame',
    Version: 0,
    LastModifiedDate: new Date(1500),
    ARN,
    DataType: 'text',
  });
  assert.deepEqual(JSON.parse(SourceResult), {
    ARN,
    Name: 'team/db',
    VersionId: 'v',
    SecretString: 'open sesame',
    VersionStages: ['AWSCURRENT'],
    CreatedDate: 1.5,
  });
  const id = '11111111-2222-4333-8444-555555555555';
  for (const selector of ['AWSPREVIOUS', id]) {
    const found = await store.call('GetParameter', { Name: `${Name}:${selector}`, WithDecryption: true });
    assert.equal(found.Parameter?.Selector, `:${selector}`);
  }
  assert.deepEqual(asked.slice(1), [
    { SecretId: 'team/db', VersionStage: 'AWSPREVIOUS' },
    { SecretId: 'team/db', VersionId: id },
  ]);
  await assert.rejects(store.call('GetParameter', { Name }), {
    code: 'ValidationException',
    message: 'WithDecryption flag must be True for retrieving a Secret Manager secret.',
  });
  const gone = '/aws/reference/secretsmanager/gone';
  await assert.rejects(store.call('GetParameter', { Name: gone, WithDecryption: true }), {
    code: 'ParameterNotFound',
    message: `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${gone} not found.`,
  });
  const both = await store.call('GetParameters', { Names: [Name, gone], WithDecryption: true });
  assert.deepEqual([both.Parameters?.length, both.InvalidParameters], [1, [gone]]);
  await store.close();
});
