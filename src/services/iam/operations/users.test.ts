import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { users } from '../tables.ts';
import { openTestIam, refusal, userPrincipal } from '../testing.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(() => {
  iam = openTestIam();
});
afterEach(() => iam.close());

const noAlice = refusal('NoSuchEntityException', 'The user with name alice cannot be found.');
const inTheWay = (what: string) => refusal('DeleteConflictException', `Cannot delete entity, must ${what} first.`);

async function createAlice(): Promise<string> {
  return (await iam.call('CreateUser', { UserName: 'alice' })).User?.UserId ?? '';
}

test('a user is answered as AWS answers it, and found whatever the case of its name', async () => {
  const input = { UserName: 'Alice', Path: '/team/', Tags: [{ Key: 'a', Value: 'b' }] };
  const { User } = await iam.call('CreateUser', input);
  assert.match(User?.UserId ?? '', /^AIDA[A-Z2-7]{17}$/);
  assert.deepEqual(User, {
    Path: '/team/',
    UserName: 'Alice',
    UserId: User?.UserId,
    Arn: 'arn:aws:iam::123456789012:user/team/Alice',
    CreateDate: new Date(iam.clock.now()),
    Tags: input.Tags,
  });
  assert.deepEqual((await iam.call('GetUser', { UserName: 'ALICE' })).User, User);
  await assert.rejects(
    iam.call('CreateUser', { UserName: 'alice' }),
    refusal('EntityAlreadyExistsException', 'User with name alice already exists.'),
  );
});

test('another account has users of its own, and a region makes no difference', async () => {
  await createAlice();
  await assert.rejects(iam.call('GetUser', { UserName: 'alice' }, { account: '210987654321' }), noAlice);
  await iam.call('GetUser', { UserName: 'alice' }, { region: 'eu-central-1' });
});

test('without a name the caller is answered: a user, after a rename too, root, and nobody for a role', async () => {
  const principal = userPrincipal('alice', await createAlice());
  assert.equal((await iam.call('GetUser', {}, { principal })).User?.UserName, 'alice');
  await iam.call('UpdateUser', { UserName: 'alice', NewUserName: 'bob' });
  assert.equal((await iam.call('GetUser', {}, { principal })).User?.UserName, 'bob');
  const { User: root } = await iam.call('GetUser', {});
  assert.equal(root?.Arn, 'arn:aws:iam::123456789012:root');
  assert.equal(root?.UserId, '123456789012');
  const role = {
    kind: 'assumed-role',
    account: TEST_SCOPE.account,
    arn: 'arn:aws:sts::1:x',
    userId: 'AROA:x',
  } as const;
  await assert.rejects(
    iam.call('GetUser', {}, { principal: role }),
    refusal('ValidationError', 'Must specify userName when calling with non-User credentials'),
  );
});

test('a boundary is answered, and must be a policy that exists', async () => {
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const { User } = await iam.call('CreateUser', { UserName: 'alice', PermissionsBoundary });
  assert.deepEqual(User?.PermissionsBoundary, {
    PermissionsBoundaryType: 'Policy',
    PermissionsBoundaryArn: PermissionsBoundary,
  });
  const missing = 'arn:aws:iam::123456789012:policy/none';
  await assert.rejects(
    iam.call('CreateUser', { UserName: 'bob', PermissionsBoundary: missing }),
    refusal('NoSuchEntityException', `Scope ARN: ${missing} does not exist or is not attachable.`),
  );
});

test('lists are by name, under a prefix of their path, and without tags', async () => {
  for (const [UserName, Path] of Object.entries({ b: '/x/', A: '/', c: '/x/y/' })) {
    await iam.call('CreateUser', { UserName, Path, Tags: [{ Key: 'k', Value: 'v' }] });
  }
  const names = async (input: { PathPrefix?: string; MaxItems?: number }) =>
    (await iam.call('ListUsers', input)).Users?.map(({ UserName }) => UserName);
  assert.deepEqual(await names({}), ['A', 'b', 'c']);
  assert.deepEqual(await names({ PathPrefix: '/x' }), ['b', 'c']);
  assert.deepEqual(await names({ MaxItems: 1 }), ['A']);
  assert.equal((await iam.call('ListUsers', {})).Users?.[0]?.Tags, undefined);
});

test('a renamed user takes its keys and its groups along', async () => {
  const id = await createAlice();
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('AddUserToGroup', { UserName: 'alice', GroupName: 'devs' });
  const { AccessKey } = await iam.call('CreateAccessKey', { UserName: 'alice' });
  await iam.call('UpdateUser', { UserName: 'alice', NewUserName: 'bob', NewPath: '/x/' });
  const { User } = await iam.call('GetUser', { UserName: 'bob' });
  assert.equal(User?.Arn, 'arn:aws:iam::123456789012:user/x/bob');
  assert.equal(User?.UserId, id);
  const { AccessKeyMetadata } = await iam.call('ListAccessKeys', { UserName: 'bob' });
  assert.deepEqual(
    AccessKeyMetadata?.map((key) => [key.AccessKeyId, key.UserName]),
    [[AccessKey?.AccessKeyId, 'bob']],
  );
  assert.equal((await iam.call('GetGroup', { GroupName: 'devs' })).Users?.[0]?.UserName, 'bob');
  await assert.rejects(iam.call('GetUser', { UserName: 'alice' }), noAlice);
});

test('a name that is taken is refused, but its own in another case is not', async () => {
  await createAlice();
  await iam.call('CreateUser', { UserName: 'bob' });
  await assert.rejects(
    iam.call('UpdateUser', { UserName: 'alice', NewUserName: 'BOB' }),
    refusal('EntityAlreadyExistsException', 'User with name BOB already exists.'),
  );
  await iam.call('UpdateUser', { UserName: 'alice', NewUserName: 'Alice' });
  assert.equal((await iam.call('GetUser', { UserName: 'alice' })).User?.UserName, 'Alice');
});

test('what a user still has is in the way of its deletion, named one by one', async () => {
  await createAlice();
  const put = async (change: object) => {
    await iam.store.write(async (tx) => {
      const [row] = await tx.list(users);
      if (row) await tx.put(users, { ...row, ...change });
    });
  };
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('AddUserToGroup', { UserName: 'alice', GroupName: 'devs' });
  await iam.call('CreateLoginProfile', { UserName: 'alice', Password: 'Correct-Horse-1' });
  const { AccessKey } = await iam.call('CreateAccessKey', { UserName: 'alice' });
  await put({ inline: { p: '{}' }, attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] });
  const remove = () => iam.call('DeleteUser', { UserName: 'alice' });
  await assert.rejects(remove, inTheWay('delete policies'));
  await put({ inline: {} });
  await assert.rejects(remove, inTheWay('detach all policies'));
  await put({ attached: [] });
  await assert.rejects(remove, inTheWay('delete access keys'));
  await iam.call('DeleteAccessKey', { UserName: 'alice', AccessKeyId: AccessKey?.AccessKeyId });
  await assert.rejects(remove, inTheWay('delete login profile'));
  await iam.call('DeleteLoginProfile', { UserName: 'alice' });
  await assert.rejects(remove, inTheWay('remove users from group'));
  await iam.call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'devs' });
  await remove();
  await assert.rejects(remove, noAlice);
});

test('tags of a user are added, replaced, listed and taken away', async () => {
  await createAlice();
  const UserName = 'alice';
  await iam.call('TagUser', {
    UserName,
    Tags: [
      { Key: 'b', Value: '1' },
      { Key: 'a', Value: '2' },
    ],
  });
  await iam.call('TagUser', { UserName, Tags: [{ Key: 'B', Value: '3' }] });
  await iam.call('UntagUser', { UserName, TagKeys: ['A'] });
  assert.deepEqual(await iam.call('ListUserTags', { UserName }), {
    Tags: [{ Key: 'B', Value: '3' }],
    IsTruncated: false,
  });
  for (const operation of ['TagUser', 'UntagUser', 'ListUserTags', 'UpdateUser'] as const) {
    const input = { UserName: 'none', Tags: [], TagKeys: [] };
    await assert.rejects(iam.call(operation, input), { code: 'NoSuchEntityException' });
  }
});

test('an account has 5000 users at most', async () => {
  await iam.store.write(async (tx) => {
    const { account } = TEST_SCOPE;
    const row = { account, path: '/', createdAtMs: 0, inline: {}, attached: [], groups: [], tags: {} };
    for (let n = 0; n < 5000; n++) await tx.put(users, { ...row, name: `u${n}`, id: `AIDA${n}` });
  });
  await assert.rejects(
    iam.call('CreateUser', { UserName: 'alice' }),
    refusal('LimitExceededException', 'Cannot exceed quota for UsersPerAccount: 5000'),
  );
});
