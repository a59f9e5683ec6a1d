import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTestIam, refusal } from '../testing.ts';
import { allowing, TRUST } from '../testing-policies.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(async () => {
  iam = openTestIam();
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TRUST });
});
afterEach(() => iam.close());

const PolicyName = 'own';
const PolicyDocument = allowing('ecs:*');
const encoded = encodeURIComponent(PolicyDocument).replaceAll('*', '%2A');

test('inline policies are put, read percent-encoded, listed and deleted', async () => {
  const answer = { PolicyName, PolicyDocument: encoded };
  const names = { PolicyNames: [PolicyName], IsTruncated: false };

  await iam.call('PutUserPolicy', { UserName: 'alice', PolicyName, PolicyDocument });
  assert.deepEqual(await iam.call('GetUserPolicy', { UserName: 'ALICE', PolicyName }), {
    UserName: 'alice',
    ...answer,
  });
  assert.deepEqual(await iam.call('ListUserPolicies', { UserName: 'alice' }), names);
  await iam.call('DeleteUserPolicy', { UserName: 'alice', PolicyName });

  await iam.call('PutGroupPolicy', { GroupName: 'devs', PolicyName, PolicyDocument });
  assert.deepEqual(await iam.call('GetGroupPolicy', { GroupName: 'devs', PolicyName }), {
    GroupName: 'devs',
    ...answer,
  });
  assert.deepEqual(await iam.call('ListGroupPolicies', { GroupName: 'devs' }), names);
  await iam.call('DeleteGroupPolicy', { GroupName: 'devs', PolicyName });

  await iam.call('PutRolePolicy', { RoleName: 'web', PolicyName, PolicyDocument });
  assert.deepEqual(await iam.call('GetRolePolicy', { RoleName: 'web', PolicyName }), { RoleName: 'web', ...answer });
  assert.deepEqual(await iam.call('ListRolePolicies', { RoleName: 'web' }), names);
  await iam.call('DeleteRolePolicy', { RoleName: 'web', PolicyName });
});

test('what is not there is said in the words of its kind', async () => {
  const missing = (kind: string) =>
    refusal('NoSuchEntityException', `The ${kind} policy with name ${PolicyName} cannot be found.`);
  await assert.rejects(iam.call('GetUserPolicy', { UserName: 'alice', PolicyName }), missing('user'));
  await assert.rejects(iam.call('DeleteGroupPolicy', { GroupName: 'devs', PolicyName }), missing('group'));
  await assert.rejects(iam.call('GetRolePolicy', { RoleName: 'web', PolicyName: 'toString' }), {
    code: 'NoSuchEntityException',
  });
  await assert.rejects(
    iam.call('PutUserPolicy', { UserName: 'bob', PolicyName, PolicyDocument }),
    refusal('NoSuchEntityException', 'The user with name bob cannot be found.'),
  );
});

test('all inline policies together have a size, in which white space does not count', async () => {
  const long = allowing(...Array.from({ length: 70 }, (_, i) => `ecs:Describe${i}`));
  const put = (name: string, text: string) =>
    iam.call('PutUserPolicy', { UserName: 'alice', PolicyName: name, PolicyDocument: text });
  await put('a', long.padEnd(3000));
  await put('a', long);
  await assert.rejects(
    put('b', long),
    refusal('LimitExceededException', 'Maximum policy size of 2048 bytes exceeded for user alice'),
  );
  await iam.call('PutRolePolicy', { RoleName: 'web', PolicyName: 'a', PolicyDocument: long });
  await iam.call('PutRolePolicy', { RoleName: 'web', PolicyName: 'b', PolicyDocument: long });
});

test('a bad document or name is refused, and nothing is kept', async () => {
  const put = (name: string, text: string) =>
    iam.call('PutUserPolicy', { UserName: 'alice', PolicyName: name, PolicyDocument: text });
  await assert.rejects(put('a', 'no JSON'), { code: 'MalformedPolicyDocumentException' });
  await assert.rejects(put('a', TRUST), { code: 'MalformedPolicyDocumentException' });
  await assert.rejects(put('a b', PolicyDocument), { code: 'ValidationError' });
  assert.deepEqual((await iam.call('ListUserPolicies', { UserName: 'alice' })).PolicyNames, []);
});

test("a service's own role takes no inline policy", async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' });
  const RoleName = Role?.RoleName ?? '';
  await assert.rejects(iam.call('PutRolePolicy', { RoleName, PolicyName, PolicyDocument }), {
    code: 'UnmodifiableEntityException',
  });
});
