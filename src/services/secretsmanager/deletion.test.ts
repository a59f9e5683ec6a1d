import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSecret, DAY_MS, openSecrets, refused, token } from './testing.ts';
import type { TestSecrets } from './testing.ts';
import { secrets, values, versions } from './tables.ts';

let aws: TestSecrets;
let arn: string;
const SecretId = 'app/db';
const MARKED = "You can't perform this operation on the secret because it was marked for deletion.";

beforeEach(async () => {
  aws = openSecrets();
  arn = await createSecret(aws);
});

afterEach(() => aws.close());

const rows = () =>
  aws.store.read(
    async (tx) => (await tx.list(secrets)).length + (await tx.list(versions)).length + (await tx.list(values)).length,
  );

test('a secret that is scheduled for deletion is not used, but can be restored', async () => {
  const DeletionDate = new Date(aws.clock.now() + 7 * DAY_MS);
  const deleted = await aws.call('DeleteSecret', { SecretId, RecoveryWindowInDays: 7 });
  assert.deepEqual(deleted, { ARN: arn, Name: SecretId, DeletionDate });
  const value = { SecretId, ClientRequestToken: token(2), SecretString: 'x' };
  const ResourcePolicy = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}';
  for (const call of [
    aws.call('GetSecretValue', { SecretId }),
    aws.call('PutSecretValue', value),
    aws.call('UpdateSecret', value),
    aws.call('TagResource', { SecretId, Tags: [] }),
    aws.call('UntagResource', { SecretId, TagKeys: [] }),
    aws.call('UpdateSecretVersionStage', { SecretId, VersionStage: 'x', MoveToVersionId: token(1) }),
    aws.call('GetResourcePolicy', { SecretId }),
    aws.call('PutResourcePolicy', { SecretId, ResourcePolicy }),
    aws.call('DeleteResourcePolicy', { SecretId }),
  ]) {
    await refused(call, 'InvalidRequestException', MARKED);
  }
  assert.deepEqual((await aws.call('DescribeSecret', { SecretId })).DeletedDate, DeletionDate);
  assert.equal((await aws.call('ListSecretVersionIds', { SecretId })).Versions?.length, 1);
  await refused(
    aws.call('DeleteSecret', { SecretId }),
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was already scheduled for deletion.",
  );
  await refused(
    createSecret(aws),
    'InvalidRequestException',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );
  assert.deepEqual(await aws.call('RestoreSecret', { SecretId }), { ARN: arn, Name: SecretId });
  assert.equal((await aws.call('GetSecretValue', { SecretId })).SecretString, 'one');
  assert.equal((await aws.call('DescribeSecret', { SecretId })).DeletedDate, undefined);
  aws.clock.advance(40 * DAY_MS);
  await aws.reconcile();
  assert.equal(await rows(), 3);
});

test('restoring what is not to be deleted changes nothing', async () => {
  const before = await aws.call('DescribeSecret', { SecretId });
  aws.clock.advance(1000);
  await aws.call('RestoreSecret', { SecretId });
  assert.deepEqual(await aws.call('DescribeSecret', { SecretId }), before);
  await refused(aws.call('RestoreSecret', { SecretId: 'nothing' }), 'ResourceNotFoundException', /can't find/);
});

test('after 30 days it is gone for good, whatever happened in between', async () => {
  const { DeletionDate } = await aws.call('DeleteSecret', { SecretId });
  assert.deepEqual(DeletionDate, new Date(aws.clock.now() + 30 * DAY_MS));
  await aws.reconcile();
  aws.clock.advance(30 * DAY_MS - 1);
  await aws.reconcile();
  assert.equal(await rows(), 3);
  aws.clock.advance(1);
  await aws.reconcile();
  assert.equal(await rows(), 0);
  assert.notEqual(await createSecret(aws), arn);
});

test('by force it is gone at once, and is no error where there is nothing', async () => {
  const { ARN } = await aws.call('DeleteSecret', { SecretId: arn, ForceDeleteWithoutRecovery: true });
  assert.equal(ARN, arn);
  assert.equal(await rows(), 0);
  const again = await aws.call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
  assert.equal(again.Name, SecretId);
  await refused(aws.call('DeleteSecret', { SecretId }), 'ResourceNotFoundException', /can't find/);
  assert.notEqual(await createSecret(aws), arn);
});

test('one that is scheduled already can be deleted by force', async () => {
  await aws.call('DeleteSecret', { SecretId });
  await aws.call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
  assert.equal(await rows(), 0);
});

test('the recovery window is of 7 to 30 days', async () => {
  const remove = (input: object) => aws.call('DeleteSecret', { SecretId, ...input });
  for (const days of [0, 6, 31, 7.5]) {
    await refused(
      remove({ RecoveryWindowInDays: days }),
      'InvalidParameterException',
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    );
  }
  await refused(
    remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }),
    'InvalidParameterException',
    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
  );
});
