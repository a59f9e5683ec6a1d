import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import type { Principal } from '../../../identity/principal.ts';
import { accessKeys, lastUses } from '../tables.ts';
import { openTestIam, refusal, ROOT_KEY, TEST_BOX, userPrincipal } from '../testing.ts';

let iam: ReturnType<typeof openTestIam>;
let alice: Principal;
beforeEach(async () => {
  iam = openTestIam();
  const { User } = await iam.call('CreateUser', { UserName: 'alice' });
  alice = userPrincipal('alice', User?.UserId ?? '');
});
afterEach(() => iam.close());

async function createKey(): Promise<string> {
  return (await iam.call('CreateAccessKey', { UserName: 'alice' })).AccessKey?.AccessKeyId ?? '';
}

const rootsKey =
  "The root user's access key is made and kept by the server and cannot be changed here; name a user in UserName.";

test('the secret is answered once and kept sealed', async () => {
  const { AccessKey } = await iam.call('CreateAccessKey', { UserName: 'ALICE' });
  assert.match(AccessKey?.AccessKeyId ?? '', /^AKIA[A-Z2-7]{16}$/);
  assert.equal(AccessKey?.SecretAccessKey?.length, 40);
  assert.deepEqual([AccessKey?.UserName, AccessKey?.Status], ['alice', 'Active']);
  const [row] = await iam.store.read((tx) => tx.list(accessKeys));
  assert.ok(!JSON.stringify(row).includes(AccessKey?.SecretAccessKey ?? 'none'));
  assert.equal(TEST_BOX.open(row?.sealedSecret ?? ''), AccessKey?.SecretAccessKey);
  const { AccessKeyMetadata } = await iam.call('ListAccessKeys', { UserName: 'alice' });
  const CreateDate = new Date(iam.clock.now());
  assert.deepEqual(AccessKeyMetadata, [
    { UserName: 'alice', AccessKeyId: AccessKey?.AccessKeyId, Status: 'Active', CreateDate },
  ]);
});

test('a user has two keys at most', async () => {
  await createKey();
  await createKey();
  await assert.rejects(createKey(), refusal('LimitExceededException', 'Cannot exceed quota for AccessKeysPerUser: 2'));
});

test("without a name the keys are the caller's", async () => {
  const { AccessKey } = await iam.call('CreateAccessKey', {}, { principal: alice });
  const AccessKeyId = AccessKey?.AccessKeyId;
  await iam.call('UpdateAccessKey', { AccessKeyId, Status: 'Inactive' }, { principal: alice });
  const { AccessKeyMetadata } = await iam.call('ListAccessKeys', {}, { principal: alice });
  assert.deepEqual(
    AccessKeyMetadata?.map(({ Status }) => Status),
    ['Inactive'],
  );
  await iam.call('DeleteAccessKey', { AccessKeyId }, { principal: alice });
  assert.deepEqual((await iam.call('ListAccessKeys', {}, { principal: alice })).AccessKeyMetadata, []);
});

test("root's key is listed and stays as it is", async () => {
  assert.deepEqual(await iam.call('ListAccessKeys', {}), {
    AccessKeyMetadata: [{ AccessKeyId: ROOT_KEY, Status: 'Active' }],
    IsTruncated: false,
  });
  await assert.rejects(iam.call('CreateAccessKey', {}), refusal('ValidationError', rootsKey));
  await assert.rejects(iam.call('DeleteAccessKey', { AccessKeyId: ROOT_KEY }), refusal('ValidationError', rootsKey));
});

test("a key that the user does not have is not found, be it another's", async () => {
  const AccessKeyId = await createKey();
  await iam.call('CreateUser', { UserName: 'bob' });
  const missing = refusal('NoSuchEntityException', `The Access Key with id ${AccessKeyId} cannot be found.`);
  await assert.rejects(iam.call('DeleteAccessKey', { UserName: 'bob', AccessKeyId }), missing);
  await assert.rejects(iam.call('UpdateAccessKey', { UserName: 'bob', AccessKeyId, Status: 'Active' }), missing);
  await assert.rejects(iam.call('CreateAccessKey', { UserName: 'none' }), {
    message: 'The user with name none cannot be found.',
  });
});

test('a status that does not exist, and an id of the wrong form, are refused', async () => {
  const AccessKeyId = await createKey();
  await assert.rejects(iam.call('UpdateAccessKey', { UserName: 'alice', AccessKeyId, Status: 'Expired' }), {
    code: 'ValidationError',
    message: /at 'status' failed to satisfy constraint: Member must satisfy enum value set: \[Active, Inactive\]$/,
  });
  await assert.rejects(iam.call('DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIA' }), /equal to 16$/);
  await assert.rejects(iam.call('DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIA-AKIA-AKIA-AKIA' }), {
    message: 'The specified value for accessKeyId is invalid. It must contain only alphanumeric characters.',
  });
});

test('the last use is N/A before the first', async () => {
  const AccessKeyId = await createKey();
  const asked = () => iam.call('GetAccessKeyLastUsed', { AccessKeyId });
  assert.deepEqual(await asked(), {
    UserName: 'alice',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  });
  const use = { id: AccessKeyId, account: TEST_SCOPE.account, atMs: 5000, region: 'eu-west-1', service: 'ecs' };
  await iam.store.write((tx) => tx.put(lastUses, use));
  assert.deepEqual((await asked()).AccessKeyLastUsed, {
    LastUsedDate: new Date(5000),
    ServiceName: 'ecs',
    Region: 'eu-west-1',
  });
  await iam.call('GetAccessKeyLastUsed', { AccessKeyId: ROOT_KEY });
});

test("a key that nobody has, or that is another account's, is not to be asked about", async () => {
  const AccessKeyId = await createKey();
  const denied = (arn: string, id: string) =>
    refusal(
      'AccessDenied',
      `User: ${arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${id}`,
    );
  await assert.rejects(
    iam.call('GetAccessKeyLastUsed', { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    denied('arn:aws:iam::123456789012:root', 'AKIAIOSFODNN7EXAMPLE'),
  );
  await assert.rejects(
    iam.call('GetAccessKeyLastUsed', { AccessKeyId }, { account: '210987654321' }),
    denied('arn:aws:iam::210987654321:root', AccessKeyId),
  );
});
