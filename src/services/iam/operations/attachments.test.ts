import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { ROLE } from '../identities.ts';
import { openTestIam, refusal } from '../testing.ts';
import { ADMIN, createPolicy, policyArnOf, TRUST } from '../testing-policies.ts';
import { AttachRolePolicy } from './attachments.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(async () => {
  iam = openTestIam();
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('CreateRole', { RoleName: 'web', Path: '/svc/', AssumeRolePolicyDocument: TRUST });
});
afterEach(() => iam.close());

test('policies are attached to users, groups and roles once, and listed by name', async () => {
  const own = await createPolicy(iam, 'Zed', '/ci/');
  const attached = [
    { PolicyName: 'AdministratorAccess', PolicyArn: ADMIN },
    { PolicyName: 'Zed', PolicyArn: own },
  ];
  for (const PolicyArn of [own, ADMIN, own]) {
    await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn });
    await iam.call('AttachGroupPolicy', { GroupName: 'devs', PolicyArn });
    await iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn });
  }
  const all = { AttachedPolicies: attached, IsTruncated: false };
  assert.deepEqual(await iam.call('ListAttachedUserPolicies', { UserName: 'alice' }), all);
  assert.deepEqual(await iam.call('ListAttachedGroupPolicies', { GroupName: 'devs' }), all);
  assert.deepEqual(await iam.call('ListAttachedRolePolicies', { RoleName: 'web' }), all);
  const under = await iam.call('ListAttachedRolePolicies', { RoleName: 'web', PathPrefix: '/ci/' });
  assert.deepEqual(under.AttachedPolicies, attached.slice(1));
  assert.equal((await iam.call('GetPolicy', { PolicyArn: own })).Policy?.AttachmentCount, 3);
});

test('what is not attached cannot be detached', async () => {
  await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn: ADMIN });
  await iam.call('DetachUserPolicy', { UserName: 'alice', PolicyArn: ADMIN });
  await assert.rejects(
    iam.call('DetachUserPolicy', { UserName: 'alice', PolicyArn: ADMIN }),
    refusal('NoSuchEntityException', `Policy ${ADMIN} was not found.`),
  );
  await assert.rejects(iam.call('DetachGroupPolicy', { GroupName: 'devs', PolicyArn: ADMIN }), {
    code: 'NoSuchEntityException',
  });
});

test('a policy must exist, and whom it is attached to', async () => {
  const none = policyArnOf('none');
  await assert.rejects(
    iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: none }),
    refusal('NoSuchEntityException', `Policy ${none} does not exist or is not attachable.`),
  );
  await assert.rejects(
    iam.call('AttachGroupPolicy', { GroupName: 'ops', PolicyArn: ADMIN }),
    refusal('NoSuchEntityException', 'The group with name ops cannot be found.'),
  );
});

test('ten are the most', async () => {
  for (let made = 0; made < 10; made++) {
    await iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: await createPolicy(iam, `p${made}`) });
  }
  await assert.rejects(
    iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: ADMIN }),
    refusal('LimitExceededException', 'Cannot exceed quota for PoliciesPerRole: 10'),
  );
  await iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: policyArnOf('p3') });
});

test("a service's own role is changed by AWS alone, and its policy is for no other role", async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' });
  const RoleName = Role?.RoleName ?? '';
  const protectedRole = refusal(
    'UnmodifiableEntityException',
    `Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`,
  );
  await assert.rejects(iam.call('AttachRolePolicy', { RoleName, PolicyArn: ADMIN }), protectedRole);
  const { AttachedPolicies } = await iam.call('ListAttachedRolePolicies', { RoleName });
  const PolicyArn = AttachedPolicies?.[0]?.PolicyArn ?? '';
  await assert.rejects(iam.call('DetachRolePolicy', { RoleName, PolicyArn }), protectedRole);
  await assert.rejects(
    iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn }),
    refusal('PolicyNotAttachableException', 'Cannot attach a Service Role Policy to a Customer Role.'),
  );
});

test('authorization knows the path of the role, its boundary and the policy', async () => {
  await iam.call('PutRolePermissionsBoundary', { RoleName: 'web', PermissionsBoundary: ADMIN });
  const input = { RoleName: 'WEB', PolicyArn: ADMIN };
  const [resources, conditions] = await iam.store.read(async (tx) => [
    await AttachRolePolicy.resources(input, TEST_SCOPE, tx),
    await AttachRolePolicy.conditions?.(input, TEST_SCOPE, tx),
  ]);
  assert.deepEqual(resources, [ROLE.arn({ account: TEST_SCOPE.account, path: '/svc/', name: 'web' })]);
  assert.deepEqual(conditions, { 'iam:policyarn': ADMIN, 'iam:permissionsboundary': ADMIN });
});
