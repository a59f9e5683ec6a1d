import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTestIam } from '../testing.ts';
import { ADMIN, allowing, createPolicy, TRUST } from '../testing-policies.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(async () => {
  iam = openTestIam();
  await iam.call('CreateGroup', { GroupName: 'devs' });
  await iam.call('CreateUser', { UserName: 'alice', Tags: [{ Key: 'a', Value: 'b' }] });
  await iam.call('AddUserToGroup', { UserName: 'alice', GroupName: 'devs' });
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TRUST });
});
afterEach(() => iam.close());

const details = (input: Parameters<typeof iam.call<'GetAccountAuthorizationDetails'>>[1]) =>
  iam.call('GetAccountAuthorizationDetails', input);

test('users, groups and roles are told with all that they are given', async () => {
  const own = await createPolicy(iam, 'p');
  await iam.call('PutGroupPolicy', { GroupName: 'devs', PolicyName: 'in', PolicyDocument: allowing('s3:*') });
  await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn: ADMIN });
  await iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: own });
  await iam.call('CreateInstanceProfile', { InstanceProfileName: 'hosts' });
  await iam.call('AddRoleToInstanceProfile', { InstanceProfileName: 'hosts', RoleName: 'web' });
  const found = await details({ Filter: ['User', 'Group', 'Role', 'LocalManagedPolicy'] });

  const [user] = found.UserDetailList ?? [];
  assert.deepEqual(user?.GroupList, ['devs']);
  assert.deepEqual(user?.UserPolicyList, []);
  assert.deepEqual(user?.AttachedManagedPolicies, [{ PolicyName: 'AdministratorAccess', PolicyArn: ADMIN }]);
  assert.equal(user?.PermissionsBoundary?.PermissionsBoundaryArn, own);
  assert.deepEqual(user?.Tags, [{ Key: 'a', Value: 'b' }]);

  const [group] = found.GroupDetailList ?? [];
  assert.equal(group?.GroupPolicyList?.[0]?.PolicyName, 'in');
  assert.equal(decodeURIComponent(group?.GroupPolicyList?.[0]?.PolicyDocument ?? ''), allowing('s3:*'));

  const [role] = found.RoleDetailList ?? [];
  assert.equal(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ''), TRUST);
  assert.equal(role?.InstanceProfileList?.[0]?.InstanceProfileName, 'hosts');
  assert.deepEqual(role?.RoleLastUsed, {});

  const [policy] = found.Policies ?? [];
  assert.deepEqual([policy?.Arn, policy?.AttachmentCount, policy?.PermissionsBoundaryUsageCount], [own, 0, 1]);
  assert.equal(decodeURIComponent(policy?.PolicyVersionList?.[0]?.Document ?? ''), allowing('ecs:*'));
  assert.equal(found.IsTruncated, false);
});

test('only what is asked for is told, page by page', async () => {
  assert.deepEqual(await details({ Filter: ['LocalManagedPolicy'] }), {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [],
    Policies: [],
    IsTruncated: false,
  });
  const first = await details({ MaxItems: 2 });
  assert.deepEqual([first.UserDetailList?.length, first.GroupDetailList?.length, first.IsTruncated], [1, 1, true]);
  const rest = await details({ Marker: first.Marker, MaxItems: 1000 });
  assert.deepEqual([rest.UserDetailList, rest.RoleDetailList?.length, rest.IsTruncated], [[], 1, false]);
  assert.ok(rest.Policies?.some(({ Arn }) => Arn === ADMIN));
  await assert.rejects(details({ Filter: ['Key' as 'User'] }), { code: 'ValidationError' });
});
