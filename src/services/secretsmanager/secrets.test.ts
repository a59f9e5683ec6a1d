import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSecret, openSecrets, refused, stagesOf, token } from './testing.ts';
import type { TestSecrets } from './testing.ts';

let aws: TestSecrets;

beforeEach(() => {
  aws = openSecrets();
});

afterEach(() => aws.close());

test('a secret is described as it was made', async () => {
  const { ARN } = await aws.call('CreateSecret', {
    Name: 'app/db',
    ClientRequestToken: token(1),
    SecretString: 'x',
    Description: 'The database',
    KmsKeyId: 'alias/own',
    Tags: [{ Key: 'team', Value: 'web' }],
  });
  const made = new Date(aws.clock.now());
  assert.deepEqual(await aws.call('DescribeSecret', { SecretId: 'app/db' }), {
    ARN,
    Name: 'app/db',
    Description: 'The database',
    KmsKeyId: 'alias/own',
    CreatedDate: made,
    LastChangedDate: made,
    Tags: [{ Key: 'team', Value: 'web' }],
    VersionIdsToStages: { [token(1)]: ['AWSCURRENT'] },
  });
  const { Versions } = await aws.call('ListSecretVersionIds', { SecretId: 'app/db' });
  assert.deepEqual(Versions?.[0]?.KmsKeyIds, ['alias/own']);
});

test('the same call again makes nothing new; another with the name is refused', async () => {
  const arn = await createSecret(aws);
  assert.equal(await createSecret(aws), arn);
  await refused(createSecret(aws, 'two'), 'ResourceExistsException', /^You can't use ClientRequestToken 00000000/);
  await refused(
    aws.call('CreateSecret', { Name: 'app/db', ClientRequestToken: token(2), SecretString: 'one' }),
    'ResourceExistsException',
    'The operation failed because the secret app/db already exists.',
  );
  await refused(
    aws.call('CreateSecret', { Name: 'app/db', ClientRequestToken: token(2) }),
    'ResourceExistsException',
    /exists\.$/,
  );
  assert.notEqual(
    (await aws.call('CreateSecret', { Name: 'app/db', ClientRequestToken: token(1) }, { region: 'eu-west-1' })).ARN,
    arn,
  );
});

test('what cannot be a secret is refused', async () => {
  const create = (input: object) => aws.call('CreateSecret', { Name: 'x', ClientRequestToken: token(1), ...input });
  await refused(
    create({ Name: 'a b' }),
    'ValidationException',
    /^Invalid name\. .* any of the following: -\/_\+=\.@!$/,
  );
  await refused(create({ Name: '' }), 'ValidationException', /at 'name'/);
  await refused(create({ Name: 'x'.repeat(513) }), 'ValidationException', /less than or equal to 512/);
  await refused(create({ Description: 'x'.repeat(2049) }), 'ValidationException', /'description'/);
  await refused(create({ ClientRequestToken: 'short' }), 'ValidationException', /'short' at 'clientRequestToken'/);
  await refused(
    create({ ClientRequestToken: undefined }),
    'InvalidRequestException',
    /^You must provide a ClientRequestToken/,
  );
  await refused(
    create({ AddReplicaRegions: [{ Region: 'eu-west-1' }] }),
    'InvalidParameterException',
    /^AddReplicaRegions is not/,
  );
  await refused(
    create({ ForceOverwriteReplicaSecret: true }),
    'InvalidParameterException',
    /^ForceOverwriteReplicaSecret/,
  );
  await refused(create({ Type: 'Salesforce' }), 'InvalidParameterException', /^Type is not supported/);
  const twice = [
    { Key: 'a', Value: '1' },
    { Key: 'a', Value: '2' },
  ];
  await refused(create({ Tags: twice }), 'InvalidParameterException', /more than once/);
  assert.deepEqual((await aws.call('ListSecrets', {})).SecretList, []);
});

test('an update changes what it names, and makes a version of a value', async () => {
  const arn = await createSecret(aws);
  aws.clock.advance(1000);
  const update = (input: object) =>
    aws.call('UpdateSecret', { SecretId: 'app/db', ClientRequestToken: token(2), ...input });
  assert.deepEqual(await update({ Description: 'New' }), { ARN: arn, Name: 'app/db' });
  const described = await aws.call('DescribeSecret', { SecretId: 'app/db' });
  assert.equal(described.Description, 'New');
  assert.deepEqual(described.LastChangedDate, new Date(aws.clock.now()));
  assert.deepEqual(await update({ SecretString: 'two', KmsKeyId: 'k' }), {
    ARN: arn,
    Name: 'app/db',
    VersionId: token(2),
  });
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT'] });
  await update({ SecretString: 'two', Description: '', KmsKeyId: '' });
  const after = await aws.call('DescribeSecret', { SecretId: 'app/db' });
  assert.deepEqual([after.Description, after.KmsKeyId], [undefined, undefined]);
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT'] });
  await refused(update({ SecretString: 'three' }), 'ResourceExistsException', /is already in use/);
});

test('tags come and go', async () => {
  const SecretId = await createSecret(aws);
  const tags = async () => (await aws.call('DescribeSecret', { SecretId })).Tags;
  assert.equal(await tags(), undefined);
  await aws.call('TagResource', { SecretId, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] });
  await aws.call('TagResource', { SecretId, Tags: [{ Key: 'a', Value: '2' }] });
  assert.deepEqual(await tags(), [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ]);
  await aws.call('UntagResource', { SecretId, TagKeys: ['a', 'b', 'c'] });
  assert.deepEqual(await tags(), []);
  const many = Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
  await refused(aws.call('TagResource', { SecretId, Tags: many }), 'InvalidParameterException', /50/);
  await refused(
    aws.call('TagResource', { SecretId, Tags: [{ Key: 'aws:x', Value: '' }] }),
    'InvalidParameterException',
    /aws:/,
  );
});

test('a list is filtered, sorted and paged', async () => {
  for (const name of ['b', 'a', 'c']) {
    await createSecret(aws, 'x', name);
    aws.clock.advance(1000);
  }
  await aws.call('TagResource', { SecretId: 'b', Tags: [{ Key: 'x', Value: 'y' }] });
  const names = async (input: object) => (await aws.call('ListSecrets', input)).SecretList?.map(({ Name }) => Name);
  assert.deepEqual(await names({}), ['c', 'a', 'b']);
  assert.deepEqual(await names({ SortOrder: 'asc' }), ['b', 'a', 'c']);
  assert.deepEqual(await names({ SortBy: 'name', SortOrder: 'asc' }), ['a', 'b', 'c']);
  assert.deepEqual(await names({ SortBy: 'last-changed-date' }), ['b', 'c', 'a']);
  await aws.call('GetSecretValue', { SecretId: 'a' });
  assert.deepEqual(await names({ SortBy: 'last-accessed-date' }), ['a', 'c', 'b']);
  assert.deepEqual(await names({ Filters: [{ Key: 'tag-key', Values: ['x'] }] }), ['b']);
  await aws.call('DeleteSecret', { SecretId: 'a' });
  assert.deepEqual(await names({}), ['c', 'b']);
  assert.deepEqual(await names({ IncludePlannedDeletion: true }), ['c', 'a', 'b']);
  const first = await aws.call('ListSecrets', { MaxResults: 1 });
  assert.deepEqual(first.SecretList?.[0]?.SecretVersionsToStages, { [token(1)]: ['AWSCURRENT'] });
  const second = await aws.call('ListSecrets', { MaxResults: 1, NextToken: first.NextToken });
  assert.deepEqual([second.SecretList?.[0]?.Name, second.NextToken], ['b', undefined]);
  await refused(aws.call('ListSecrets', { NextToken: 'x' }), 'InvalidNextTokenException', /NextToken/);
  await refused(aws.call('ListSecrets', { MaxResults: 101 }), 'ValidationException', /'101' at 'maxResults'/);
  await refused(aws.call('ListSecrets', { SortBy: 'size' as 'name' }), 'ValidationException', /'sortBy'/);
});

test('a password is drawn', async () => {
  const { RandomPassword = '' } = await aws.call('GetRandomPassword', { PasswordLength: 20, ExcludePunctuation: true });
  assert.match(RandomPassword, /^[A-Za-z0-9]{20}$/);
});
