import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSecret, DAY_MS, openSecrets, refused, token } from './testing.ts';
import type { TestSecrets } from './testing.ts';
import { values } from './tables.ts';

let aws: TestSecrets;

beforeEach(() => {
  aws = openSecrets();
});

afterEach(() => aws.close());

const NOT_FOUND = "Secrets Manager can't find the specified secret.";

test('a secret is read by its name, its ARN, and its ARN without the end', async () => {
  const arn = await createSecret(aws);
  assert.match(arn, /^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/db-[A-Za-z0-9]{6}$/);
  for (const SecretId of ['app/db', arn, arn.slice(0, -7)]) {
    assert.deepEqual(await aws.call('GetSecretValue', { SecretId }), {
      ARN: arn,
      Name: 'app/db',
      VersionId: token(1),
      SecretString: 'one',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(aws.clock.now()),
    });
  }
  const wrong = `${arn.slice(0, -6)}zzzzzz`;
  for (const SecretId of ['app', wrong, arn.replace('us-east-1', 'eu-west-1')]) {
    await refused(aws.call('GetSecretValue', { SecretId }), 'ResourceNotFoundException', NOT_FOUND);
  }
  await refused(
    aws.call('GetSecretValue', { SecretId: 'app/db' }, { region: 'eu-west-1' }),
    'ResourceNotFoundException',
    NOT_FOUND,
  );
  await refused(
    aws.call('GetSecretValue', { SecretId: 'app db' }),
    'ValidationException',
    /^Invalid name\. Must be a valid/,
  );
  await refused(aws.call('GetSecretValue', { SecretId: '' }), 'ValidationException', /at 'secretId'/);
});

test('versions are read by their id and by their stage', async () => {
  await createSecret(aws);
  await aws.call('PutSecretValue', { SecretId: 'app/db', ClientRequestToken: token(2), SecretString: 'two' });
  const read = async (wanted: object) =>
    (await aws.call('GetSecretValue', { SecretId: 'app/db', ...wanted })).SecretString;
  assert.equal(await read({}), 'two');
  assert.equal(await read({ VersionStage: 'AWSPREVIOUS' }), 'one');
  assert.equal(await read({ VersionId: token(1) }), 'one');
  assert.equal(await read({ VersionId: token(1), VersionStage: 'AWSPREVIOUS' }), 'one');
  await refused(
    read({ VersionId: token(1), VersionStage: 'AWSCURRENT' }),
    'InvalidRequestException',
    'You provided a VersionStage that is not associated to the provided VersionId.',
  );
  const not = "Secrets Manager can't find the specified secret value for";
  await refused(read({ VersionStage: 'AWSPENDING' }), 'ResourceNotFoundException', `${not} staging label: AWSPENDING`);
  await refused(read({ VersionId: token(9) }), 'ResourceNotFoundException', `${not} VersionId: ${token(9)}`);
});

test('a secret without a value has none to read', async () => {
  const { ARN } = await aws.call('CreateSecret', { Name: 'empty', ClientRequestToken: token(1) });
  assert.ok(ARN);
  await refused(
    aws.call('GetSecretValue', { SecretId: 'empty' }),
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  );
  assert.equal((await aws.call('DescribeSecret', { SecretId: 'empty' })).VersionIdsToStages, undefined);
});

test('bytes come back as they were', async () => {
  const SecretBinary = Uint8Array.from({ length: 256 }, (_, i) => i);
  await aws.call('CreateSecret', { Name: 'key', ClientRequestToken: token(1), SecretBinary });
  const got = await aws.call('GetSecretValue', { SecretId: 'key' });
  assert.deepEqual(Buffer.from(got.SecretBinary ?? []), Buffer.from(SecretBinary));
  assert.equal(got.SecretString, undefined);
  const other = { SecretId: 'key', ClientRequestToken: token(1), SecretBinary: new Uint8Array(2) };
  await refused(aws.call('PutSecretValue', other), 'ResourceExistsException', /is already in use for a version/);
});

test('the day of the last access is kept, not the time', async () => {
  await createSecret(aws);
  const accessed = async () => (await aws.call('DescribeSecret', { SecretId: 'app/db' })).LastAccessedDate;
  assert.equal(await accessed(), undefined);
  const day = aws.clock.now();
  aws.clock.advance(DAY_MS / 2);
  await aws.call('GetSecretValue', { SecretId: 'app/db' });
  assert.deepEqual(await accessed(), new Date(day));
  aws.clock.advance(DAY_MS);
  await aws.call('GetSecretValue', { SecretId: 'app/db' });
  assert.deepEqual(await accessed(), new Date(day + DAY_MS));
  const { Versions } = await aws.call('ListSecretVersionIds', { SecretId: 'app/db' });
  assert.deepEqual(Versions?.[0]?.LastAccessedDate, new Date(day + DAY_MS));
});

test('a value that is not one is refused, without being repeated', async () => {
  const put = (given: object) =>
    aws.call('PutSecretValue', { SecretId: 'app/db', ClientRequestToken: token(2), ...given });
  await createSecret(aws);
  await refused(put({}), 'InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
  await refused(
    put({ SecretString: 'x', SecretBinary: new Uint8Array(1) }),
    'InvalidParameterException',
    /^You can't specify both/,
  );
  await refused(
    put({ SecretString: '' }),
    'ValidationException',
    /^1 validation error detected: Value at 'secretString'/,
  );
  await put({ SecretString: 'ü'.repeat(32_768) });
  await refused(put({ SecretString: 'ü'.repeat(32_769) }), 'ValidationException', /less than or equal to 65536$/);
  await refused(put({ SecretBinary: new Uint8Array(65_537) }), 'ValidationException', /'secretBinary'/);
  await refused(
    put({ SecretString: 'x', RotationToken: 'r'.repeat(40) }),
    'InvalidParameterException',
    /^RotationToken is not supported/,
  );
});

test('only sealed values are stored, each for its own version', async () => {
  const arn = await createSecret(aws, 'a plain word');
  const [row] = await aws.store.read((tx) => tx.list(values));
  assert.ok(row && !JSON.stringify(row).includes('plain'));
  await aws.call('PutSecretValue', { SecretId: 'app/db', ClientRequestToken: token(2), SecretString: 'two' });
  await aws.store.write(async (tx) => {
    const second = await tx.get(values, `${arn}|${token(2)}`);
    assert.ok(second);
    await tx.put(values, { ...second, sealed: row.sealed });
  });
  await refused(aws.call('GetSecretValue', { SecretId: 'app/db' }), 'DecryptionFailure', /can't decrypt/);
});

test('several values are read at once, and what is wrong with one stands beside them', async () => {
  const arn = await createSecret(aws);
  await createSecret(aws, 'web', 'app/web');
  await createSecret(aws, 'gone', 'gone');
  await aws.call('DeleteSecret', { SecretId: 'gone' });
  const { SecretValues = [], Errors = [] } = await aws.call('BatchGetSecretValue', {
    SecretIdList: [arn, 'app/web', 'gone', 'nothing'],
  });
  assert.deepEqual(
    SecretValues.map(({ SecretString }) => SecretString),
    ['one', 'web'],
  );
  assert.deepEqual(
    Errors.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]),
    [
      ['gone', 'InvalidRequestException'],
      ['nothing', 'ResourceNotFoundException'],
    ],
  );
  const page = await aws.call('BatchGetSecretValue', { Filters: [{ Key: 'name', Values: ['app/'] }], MaxResults: 1 });
  assert.equal(page.SecretValues?.[0]?.Name, 'app/web');
  const { NextToken } = page;
  const next = await aws.call('BatchGetSecretValue', {
    Filters: [{ Key: 'name', Values: ['app/'] }],
    MaxResults: 1,
    NextToken,
  });
  assert.equal(next.SecretValues?.[0]?.Name, 'app/db');
  assert.equal(next.NextToken, undefined);
  await refused(
    aws.call('BatchGetSecretValue', {}),
    'InvalidParameterException',
    /^Either 'SecretIdList' or 'Filters'/,
  );
  await refused(
    aws.call('BatchGetSecretValue', { SecretIdList: Array(21).fill('x') }),
    'ValidationException',
    /'secretIdList'/,
  );
});
