import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { TASKS_TRUST, openTestRoles } from './testing-roles.ts';

let iam = openTestRoles();
beforeEach(async () => {
  await iam.close();
  iam = openTestRoles();
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TASKS_TRUST });
});
after(() => iam.close());

test('an instance profile is made, found and listed', async () => {
  const { InstanceProfile: made } = await iam.call('CreateInstanceProfile', {
    InstanceProfileName: 'hosts',
    Path: '/ecs/',
    Tags: [{ Key: 'team', Value: 'blue' }],
  });
  assert.match(made?.InstanceProfileId ?? '', /^AIPA[A-Z2-7]{17}$/);
  assert.equal(made?.Arn, 'arn:aws:iam::123456789012:instance-profile/ecs/hosts');
  const { InstanceProfile: got } = await iam.call('GetInstanceProfile', { InstanceProfileName: 'HOSTS' });
  assert.deepEqual(got, made);
  const listed = await iam.call('ListInstanceProfiles', { PathPrefix: '/ecs/' });
  const { Tags: _, ...untagged } = got ?? {};
  assert.deepEqual(listed, { InstanceProfiles: [untagged], IsTruncated: false });
  assert.deepEqual((await iam.call('ListInstanceProfiles', { PathPrefix: '/x/' })).InstanceProfiles, []);
  await assert.rejects(iam.call('CreateInstanceProfile', { InstanceProfileName: 'Hosts' }), {
    code: 'EntityAlreadyExistsException',
    httpStatus: 409,
    message: 'Instance Profile Hosts already exists.',
  });
  await assert.rejects(iam.call('GetInstanceProfile', { InstanceProfileName: 'none' }), {
    code: 'NoSuchEntityException',
    httpStatus: 404,
    message: 'Instance Profile none cannot be found.',
  });
});

test('an instance profile holds one role, and is not deleted with it', async () => {
  const both = { InstanceProfileName: 'hosts', RoleName: 'web' };
  await iam.call('CreateInstanceProfile', { InstanceProfileName: 'hosts' });
  await assert.rejects(iam.call('RemoveRoleFromInstanceProfile', both), {
    code: 'NoSuchEntityException',
    message: 'Role web in Instance Profile hosts cannot be found.',
  });
  await iam.call('AddRoleToInstanceProfile', both);
  await assert.rejects(iam.call('AddRoleToInstanceProfile', both), {
    code: 'LimitExceededException',
    httpStatus: 409,
    message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  });
  const { InstanceProfiles } = await iam.call('ListInstanceProfilesForRole', { RoleName: 'web' });
  const role = InstanceProfiles?.[0]?.Roles?.[0];
  assert.deepEqual([role?.RoleName, role?.MaxSessionDuration], ['web', undefined]);
  assert.equal(role?.AssumeRolePolicyDocument, encodeURIComponent(TASKS_TRUST));
  await assert.rejects(iam.call('DeleteInstanceProfile', { InstanceProfileName: 'hosts' }), {
    code: 'DeleteConflictException',
    message: 'Cannot delete entity, must remove roles from instance profile first.',
  });
  await iam.call('RemoveRoleFromInstanceProfile', both);
  assert.deepEqual((await iam.call('ListInstanceProfilesForRole', { RoleName: 'web' })).InstanceProfiles, []);
  await iam.call('DeleteInstanceProfile', { InstanceProfileName: 'hosts' });
  assert.deepEqual((await iam.call('ListInstanceProfiles', {})).InstanceProfiles, []);
});

test("a service's own role is not put into an instance profile, and one that is not there is named", async () => {
  await iam.call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' });
  await iam.call('CreateInstanceProfile', { InstanceProfileName: 'hosts' });
  const add = (RoleName: string) => iam.call('AddRoleToInstanceProfile', { InstanceProfileName: 'hosts', RoleName });
  await assert.rejects(add('AWSServiceRoleForECS'), { code: 'UnmodifiableEntityException' });
  await assert.rejects(add('none'), { message: 'The role with name none cannot be found.' });
});

test('instance profiles are tagged', async () => {
  await iam.call('CreateInstanceProfile', { InstanceProfileName: 'hosts' });
  const named = { InstanceProfileName: 'hosts' };
  await iam.call('TagInstanceProfile', {
    ...named,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await iam.call('UntagInstanceProfile', { ...named, TagKeys: ['A'] });
  const tags = await iam.call('ListInstanceProfileTags', named);
  assert.deepEqual(tags, { Tags: [{ Key: 'b', Value: '2' }], IsTruncated: false });
});
