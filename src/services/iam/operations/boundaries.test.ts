import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTestIam, refusal } from '../testing.ts';
import { ADMIN, createPolicy, policyArnOf, TRUST } from '../testing-policies.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(async () => {
  iam = openTestIam();
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TRUST });
});
afterEach(() => iam.close());

test('a boundary is put, replaced and taken away', async () => {
  const own = await createPolicy(iam, 'p');
  const boundaryNow = async () => (await iam.call('GetUser', { UserName: 'alice' })).User?.PermissionsBoundary;
  await iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: ADMIN });
  await iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: own });
  assert.equal((await boundaryNow())?.PermissionsBoundaryArn, own);
  assert.equal((await iam.call('GetPolicy', { PolicyArn: own })).Policy?.PermissionsBoundaryUsageCount, 1);
  await iam.call('DeleteUserPermissionsBoundary', { UserName: 'alice' });
  await iam.call('DeleteUserPermissionsBoundary', { UserName: 'alice' });
  assert.equal(await boundaryNow(), undefined);

  await iam.call('PutRolePermissionsBoundary', { RoleName: 'web', PermissionsBoundary: own });
  const { Role } = await iam.call('GetRole', { RoleName: 'web' });
  assert.equal(Role?.PermissionsBoundary?.PermissionsBoundaryArn, own);
  await iam.call('DeleteRolePermissionsBoundary', { RoleName: 'web' });
});

test("the policy must exist, and the role must not be a service's own", async () => {
  const none = policyArnOf('none');
  await assert.rejects(
    iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: none }),
    refusal('NoSuchEntityException', `Scope ARN: ${none} does not exist or is not attachable.`),
  );
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' });
  const RoleName = Role?.RoleName ?? '';
  await assert.rejects(iam.call('PutRolePermissionsBoundary', { RoleName, PermissionsBoundary: ADMIN }), {
    code: 'UnmodifiableEntityException',
  });
});
