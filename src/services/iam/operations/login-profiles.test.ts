import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Principal } from '../../../identity/principal.ts';
import { users } from '../tables.ts';
import { openTestIam, refusal, userPrincipal } from '../testing.ts';

const PASSWORD = 'Correct-Horse-1';
const DAY_MS = 86_400_000;

let iam: ReturnType<typeof openTestIam>;
let alice: Principal;
beforeEach(async () => {
  iam = openTestIam();
  const { User } = await iam.call('CreateUser', { UserName: 'alice' });
  alice = userPrincipal('alice', User?.UserId ?? '');
});
afterEach(() => iam.close());

const create = (Password = PASSWORD) => iam.call('CreateLoginProfile', { UserName: 'alice', Password });
const change = (OldPassword: string, NewPassword: string) =>
  iam.call('ChangePassword', { OldPassword, NewPassword }, { principal: alice });
const violation = (message: string) => refusal('PasswordPolicyViolationException', message);

test('a login profile is a record, and its password is kept as a hash', async () => {
  const { LoginProfile } = await create();
  const expected = { UserName: 'alice', CreateDate: new Date(iam.clock.now()), PasswordResetRequired: false };
  assert.deepEqual(LoginProfile, expected);
  assert.deepEqual((await iam.call('GetLoginProfile', { UserName: 'alice' })).LoginProfile, expected);
  assert.deepEqual((await iam.call('GetLoginProfile', {}, { principal: alice })).LoginProfile, expected);
  const [row] = await iam.store.read((tx) => tx.list(users));
  assert.ok(!JSON.stringify(row).includes(PASSWORD));
  await assert.rejects(
    create(),
    refusal('EntityAlreadyExistsException', 'Login Profile for user alice already exists.'),
  );
});

test('it is updated, taken along by a rename, and deleted', async () => {
  await create();
  await iam.call('UpdateLoginProfile', { UserName: 'alice', PasswordResetRequired: true });
  await iam.call('UpdateUser', { UserName: 'alice', NewUserName: 'bob' });
  const { LoginProfile } = await iam.call('GetLoginProfile', { UserName: 'bob' });
  assert.deepEqual([LoginProfile?.UserName, LoginProfile?.PasswordResetRequired], ['bob', true]);
  await iam.call('DeleteLoginProfile', { UserName: 'bob' });
  const missing = refusal('NoSuchEntityException', 'Login Profile for User bob cannot be found.');
  await assert.rejects(iam.call('DeleteLoginProfile', { UserName: 'bob' }), missing);
  await assert.rejects(iam.call('GetLoginProfile', { UserName: 'bob' }), missing);
  await assert.rejects(iam.call('UpdateLoginProfile', { UserName: 'bob', Password: PASSWORD }), missing);
  await assert.rejects(create(), { message: 'The user with name alice cannot be found.' });
});

test('a user changes its own password, knowing the old one', async () => {
  await create();
  await assert.rejects(change('wrong', 'Another-Horse-2'), { code: 'AccessDenied', httpStatus: 403 });
  await change(PASSWORD, 'Another-Horse-2');
  await change('Another-Horse-2', PASSWORD);
  await assert.rejects(
    iam.call('ChangePassword', { OldPassword: PASSWORD, NewPassword: PASSWORD }),
    refusal('InvalidUserTypeException', 'Only IAM Users can change their own password'),
  );
});

test("passwords keep the account's policy", async () => {
  await assert.rejects(create('short'), violation('Password should have a minimum length of 8'));
  await iam.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 20 });
  await assert.rejects(create(), violation('Password should have a minimum length of 20'));
  await iam.call('UpdateAccountPasswordPolicy', {});
  await create('simple');
  await assert.rejects(change('simple', 'short'), violation('Password should have a minimum length of 6'));
});

test('so many of the last passwords do not come back', async () => {
  await iam.call('UpdateAccountPasswordPolicy', { PasswordReusePrevention: 2 });
  await create('password-1');
  await change('password-1', 'password-2');
  const again = violation('Password was used before and cannot be used again yet');
  await assert.rejects(change('password-2', 'password-1'), again);
  await assert.rejects(change('password-2', 'password-2'), again);
  await change('password-2', 'password-3');
  await change('password-3', 'password-1');
});

test('after a hard expiry only an administrator sets a new password', async () => {
  await iam.call('UpdateAccountPasswordPolicy', { MaxPasswordAge: 1, HardExpiry: true });
  await create('password-1');
  iam.clock.advance(DAY_MS - 1);
  await change('password-1', 'password-2');
  iam.clock.advance(DAY_MS);
  await assert.rejects(
    change('password-2', 'password-3'),
    violation('The password has expired; an administrator must set a new one'),
  );
  await iam.call('UpdateLoginProfile', { UserName: 'alice', Password: 'password-3' });
  await change('password-3', 'password-4');
});

test('a refusal never repeats the password', async () => {
  const at = "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must";
  await assert.rejects(create(''), { message: `${at} have length greater than or equal to 1` });
  await assert.rejects(create('x'.repeat(129)), { message: `${at} have length less than or equal to 128` });
  await assert.rejects(create('Secret-☃-1'), { message: new RegExp(`^${at} satisfy regular expression pattern`) });
  await assert.rejects(iam.call('CreateLoginProfile', { UserName: 'alice' }), { message: `${at} not be null` });
});
