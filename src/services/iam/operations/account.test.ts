import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTestIam, refusal } from '../testing.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(() => {
  iam = openTestIam();
});
afterEach(() => iam.close());

const noPolicy = refusal('NoSuchEntityException', 'The Password Policy with domain name 123456789012 cannot be found.');

test('a password policy has its defaults, and is replaced as a whole', async () => {
  await assert.rejects(iam.call('GetAccountPasswordPolicy', {}), noPolicy);
  await iam.call('UpdateAccountPasswordPolicy', { MaxPasswordAge: 60, HardExpiry: true, RequireNumbers: true });
  const defaults = {
    MinimumPasswordLength: 6,
    RequireSymbols: false,
    RequireNumbers: false,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: false,
  };
  assert.deepEqual((await iam.call('GetAccountPasswordPolicy', {})).PasswordPolicy, {
    ...defaults,
    RequireNumbers: true,
    ExpirePasswords: true,
    MaxPasswordAge: 60,
    HardExpiry: true,
  });
  await iam.call('UpdateAccountPasswordPolicy', {});
  assert.deepEqual((await iam.call('GetAccountPasswordPolicy', {})).PasswordPolicy, defaults);
});

test('a password policy is deleted once', async () => {
  await iam.call('UpdateAccountPasswordPolicy', {});
  await iam.call('DeleteAccountPasswordPolicy', {});
  await assert.rejects(iam.call('GetAccountPasswordPolicy', {}), noPolicy);
  await assert.rejects(
    iam.call('DeleteAccountPasswordPolicy', {}),
    refusal('NoSuchEntityException', 'The account policy with name PasswordPolicy cannot be found.'),
  );
});

test('all that is out of range is named at once', async () => {
  const input = { MinimumPasswordLength: 129, PasswordReusePrevention: 25, MaxPasswordAge: 0 };
  await assert.rejects(
    iam.call('UpdateAccountPasswordPolicy', input),
    refusal(
      'ValidationError',
      "3 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value less than or equal to 128; " +
        "Value at 'passwordReusePrevention' failed to satisfy constraint: Member must have value less than or equal to 24; " +
        "Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
  );
});

test('an account has one alias: a second takes its place', async () => {
  const list = async () => (await iam.call('ListAccountAliases', {})).AccountAliases;
  assert.deepEqual(await list(), []);
  await iam.call('CreateAccountAlias', { AccountAlias: 'my-company' });
  await iam.call('CreateAccountAlias', { AccountAlias: 'other' });
  assert.deepEqual(await list(), ['other']);
  await assert.rejects(
    iam.call('DeleteAccountAlias', { AccountAlias: 'my-company' }),
    refusal('NoSuchEntityException', 'The account alias with name my-company cannot be found.'),
  );
  await iam.call('DeleteAccountAlias', { AccountAlias: 'other' });
  assert.deepEqual(await list(), []);
});

test('an alias is unique among accounts, and has its form', async () => {
  await iam.call('CreateAccountAlias', { AccountAlias: 'taken' }, { account: '210987654321' });
  await assert.rejects(
    iam.call('CreateAccountAlias', { AccountAlias: 'taken' }),
    refusal('EntityAlreadyExistsException', 'The account alias taken already exists.'),
  );
  for (const AccountAlias of ['ab', 'Upper', 'a--b', '-ab', 'ab-', 'a'.repeat(64), '123456789012']) {
    await assert.rejects(iam.call('CreateAccountAlias', { AccountAlias }), { code: 'ValidationError' });
  }
});

test('the alias and the password policy do not forget each other', async () => {
  await iam.call('CreateAccountAlias', { AccountAlias: 'my-company' });
  await iam.call('UpdateAccountPasswordPolicy', { RequireSymbols: true });
  await iam.call('DeleteAccountAlias', { AccountAlias: 'my-company' });
  assert.equal((await iam.call('GetAccountPasswordPolicy', {})).PasswordPolicy?.RequireSymbols, true);
});

test('the summary counts what there is beside the quotas of AWS', async () => {
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateUser', { UserName: 'bob' });
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('CreateUser', { UserName: 'carol' }, { account: '210987654321' });
  const { SummaryMap } = await iam.call('GetAccountSummary', {});
  const { Users, Groups, Roles, Policies, UsersQuota, AccountAccessKeysPresent, AccountMFAEnabled } = SummaryMap ?? {};
  assert.deepEqual([Users, Groups, Roles, Policies, UsersQuota], [2, 1, 0, 0, 5000]);
  assert.deepEqual([AccountAccessKeysPresent, AccountMFAEnabled], [1, 0]);
  assert.equal(Object.keys(SummaryMap ?? {}).length, 34);
});
