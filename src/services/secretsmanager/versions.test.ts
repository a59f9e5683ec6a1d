import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSecret, DAY_MS, openSecrets, refused, stagesOf, token } from './testing.ts';
import type { TestSecrets } from './testing.ts';
import { values, versions } from './tables.ts';

let aws: TestSecrets;
const SecretId = 'app/db';

beforeEach(async () => {
  aws = openSecrets();
  await createSecret(aws);
});

afterEach(() => aws.close());

const put = (n: number, VersionStages?: string[]) =>
  aws.call('PutSecretValue', { SecretId, ClientRequestToken: token(n), SecretString: `value ${n}`, VersionStages });

const move = (input: object) =>
  aws.call('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', ...input });

test('a value that is put is current, what was current is previous', async () => {
  assert.deepEqual((await put(2)).VersionStages, ['AWSCURRENT']);
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT'] });
  await put(3);
  assert.deepEqual(await stagesOf(aws), { 2: ['AWSPREVIOUS'], 3: ['AWSCURRENT'] });
});

test('a token that is used again changes nothing, or is refused', async () => {
  await put(2);
  await put(3);
  assert.deepEqual((await put(2)).VersionStages, ['AWSPREVIOUS']);
  assert.deepEqual(await stagesOf(aws), { 2: ['AWSPREVIOUS'], 3: ['AWSCURRENT'] });
  await refused(
    aws.call('PutSecretValue', { SecretId, ClientRequestToken: token(2), SecretString: 'another' }),
    'ResourceExistsException',
    /is already in use/,
  );
});

test('a rotation: put as pending, then made current', async () => {
  assert.deepEqual((await put(2, ['AWSPENDING'])).VersionStages, ['AWSPENDING']);
  await refused(
    move({ MoveToVersionId: token(2) }),
    'InvalidParameterException',
    /^The parameter RemoveFromVersionId can't be empty\. .* version 0{8}-/,
  );
  await move({ MoveToVersionId: token(2), RemoveFromVersionId: token(1) });
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT', 'AWSPENDING'] });
  await move({ VersionStage: 'AWSPENDING', RemoveFromVersionId: token(2) });
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT'] });
  await move({ MoveToVersionId: token(1), RemoveFromVersionId: token(2) });
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSCURRENT'], 2: ['AWSPREVIOUS'] });
});

test('a stage is not moved that is elsewhere, or nowhere', async () => {
  await refused(move({}), 'InvalidParameterException', /RemoveFromVersionId, MoveToVersionId/);
  await refused(move({ MoveToVersionId: token(9) }), 'InvalidParameterException', `Not a valid version: ${token(9)}`);
  await refused(
    move({ RemoveFromVersionId: token(9) }),
    'InvalidParameterException',
    /is not currently attached to version/,
  );
  await refused(
    move({ RemoveFromVersionId: token(1) }),
    'InvalidParameterException',
    /^You can only move staging label AWSCURRENT/,
  );
  await refused(move({ VersionStage: '' }), 'ValidationException', /'versionStage'/);
  await refused(move({ VersionStage: 'x'.repeat(257) }), 'ValidationException', /'versionStage'/);
  await move({ VersionStage: 'blue', MoveToVersionId: token(1) });
  assert.deepEqual(await stagesOf(aws), { 1: ['AWSCURRENT', 'blue'] });
});

test('a secret has at most 20 labels', async () => {
  const labels = Array.from({ length: 19 }, (_, i) => `label${i}`);
  await put(2, labels);
  await refused(move({ VersionStage: 'one more', MoveToVersionId: token(1) }), 'LimitExceededException', /at most 20/);
  await refused(put(3, ['one more']), 'LimitExceededException', /at most 20/);
  await refused(put(3, Array(21).fill('x')), 'ValidationException', /'versionStages'/);
  await refused(put(3, []), 'ValidationException', /'versionStages'/);
  await refused(put(3, ['']), 'ValidationException', /'versionStages'/);
});

test('versions without a label are listed on demand', async () => {
  for (const n of [2, 3]) {
    aws.clock.advance(1000);
    await put(n);
  }
  const listed = async (input: object) =>
    (await aws.call('ListSecretVersionIds', { SecretId, ...input })).Versions?.map(({ VersionId }) => VersionId);
  assert.deepEqual(await listed({}), [token(2), token(3)]);
  assert.deepEqual(await listed({ IncludeDeprecated: true }), [token(1), token(2), token(3)]);
  const first = await aws.call('ListSecretVersionIds', { SecretId, MaxResults: 1 });
  assert.deepEqual(first.Versions, [
    {
      VersionId: token(2),
      VersionStages: ['AWSPREVIOUS'],
      CreatedDate: new Date(aws.clock.now() - 1000),
      KmsKeyIds: ['DefaultEncryptionKey'],
    },
  ]);
  assert.deepEqual(await listed({ MaxResults: 1, NextToken: first.NextToken }), [token(3)]);
  assert.equal((await aws.call('GetSecretValue', { SecretId, VersionId: token(1) })).SecretString, 'one');
});

test('the oldest of more than a hundred versions go, but not within a day, nor with a label', async () => {
  await move({ VersionStage: 'keep', MoveToVersionId: token(1) });
  for (let n = 2; n <= 110; n++) {
    aws.clock.advance(1000);
    await put(n);
  }
  const count = async () => (await aws.store.read((tx) => tx.list(versions))).length;
  assert.equal(await count(), 110);
  aws.clock.advance(DAY_MS);
  await put(111);
  // The eleven oldest are over the hundred; the first of them has a label.
  assert.equal(await count(), 101);
  assert.equal((await aws.store.read((tx) => tx.list(values))).length, 101);
  assert.equal((await aws.call('GetSecretValue', { SecretId, VersionStage: 'keep' })).SecretString, 'one');
  await refused(
    aws.call('GetSecretValue', { SecretId, VersionId: token(2) }),
    'ResourceNotFoundException',
    /VersionId/,
  );
});
