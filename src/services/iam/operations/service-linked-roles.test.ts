import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { seededIds } from '../../../kernel/ids.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ensureServiceLinkedRole } from '../linked-role.ts';
import { resourcePolicy } from '../resource-policy.ts';
import { TASKS_TRUST, openTestRoles } from './testing-roles.ts';

const ECS = { AWSServiceName: 'ecs.amazonaws.com' };
const ECS_ROLE = 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS';
const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/default';

/** By region. */
let clusters: Record<string, string[]> = {};
const open = () =>
  openTestRoles({
    'ec2:DescribeRegions': () => ({ Regions: [{ RegionName: 'eu-west-1' }, { RegionName: 'us-east-1' }] }),
    'ecs:ListClusters': (_input, { region }: Scope) => ({ clusterArns: clusters[region] ?? [] }),
  });
let iam = open();
beforeEach(async () => {
  await iam.close();
  iam = open();
  clusters = {};
});
after(() => iam.close());

test("a service's own role has the name, path, policy and trust that AWS gives it", async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', ECS);
  assert.equal(Role?.Arn, ECS_ROLE);
  assert.deepEqual(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')), {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: ['ecs.amazonaws.com'] }, Action: ['sts:AssumeRole'] }],
  });
  const row = await iam.store.write((tx) =>
    ensureServiceLinkedRole(tx, '123456789012', 'ecs.amazonaws.com', { now: 1, ids: seededIds(2) }),
  );
  assert.deepEqual(row?.attached, ['arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy']);
  assert.equal(row?.id, Role?.RoleId);
  await assert.rejects(iam.call('CreateServiceLinkedRole', ECS), {
    code: 'InvalidInputException',
    message: 'Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.',
  });
});

test('a suffix is for services that allow it', async () => {
  const scaling = { AWSServiceName: 'autoscaling.amazonaws.com' };
  const { Role } = await iam.call('CreateServiceLinkedRole', { ...scaling, CustomSuffix: 'blue', Description: 'd' });
  assert.equal(Role?.RoleName, 'AWSServiceRoleForAutoScaling_blue');
  await iam.call('CreateServiceLinkedRole', scaling);
  await assert.rejects(iam.call('CreateServiceLinkedRole', { ...scaling, CustomSuffix: 'Blue' }), { message: /taken/ });
  await assert.rejects(iam.call('CreateServiceLinkedRole', { ...ECS, CustomSuffix: 'blue' }), {
    code: 'InvalidInputException',
    message: 'Custom suffix is not allowed for ecs.amazonaws.com',
  });
  await assert.rejects(iam.call('CreateServiceLinkedRole', { AWSServiceName: 'none.amazonaws.com' }), {
    code: 'InvalidInputException',
  });
});

test('a service makes its role when it first needs it, once', async () => {
  const ensure = (service: string, seed: number) =>
    iam.store.write((tx) => ensureServiceLinkedRole(tx, '123456789012', service, { now: 7, ids: seededIds(seed) }));
  assert.equal(await ensure('logs.amazonaws.com', 1), undefined);
  const first = await ensure('elasticloadbalancing.amazonaws.com', 1);
  assert.deepEqual(await ensure('elasticloadbalancing.amazonaws.com', 2), first);
  const { Role } = await iam.call('GetRole', { RoleName: 'AWSServiceRoleForElasticLoadBalancing' });
  assert.equal(Role?.Description, 'Allows ELB to call AWS services on your behalf.');
});

test("AWS's own role is changed by AWS only, but for its description and tags", async () => {
  await iam.call('CreateServiceLinkedRole', ECS);
  const named = { RoleName: 'AWSServiceRoleForECS' };
  const refusal = {
    code: 'UnmodifiableEntityException',
    message:
      "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS",
  };
  await assert.rejects(iam.call('DeleteRole', named), refusal);
  await assert.rejects(iam.call('UpdateRole', { ...named, MaxSessionDuration: 7200 }), refusal);
  await assert.rejects(iam.call('UpdateAssumeRolePolicy', { ...named, PolicyDocument: TASKS_TRUST }), refusal);
  await iam.call('UpdateRole', { ...named, Description: 'runs tasks' });
  await iam.call('TagRole', { ...named, Tags: [{ Key: 'a', Value: '1' }] });
  const { Role } = await iam.call('GetRole', named);
  assert.deepEqual([Role?.Description, Role?.Tags], ['runs tasks', [{ Key: 'a', Value: '1' }]]);
});

test('a deletion waits for its turn, and happens when the service has nothing left', async () => {
  await iam.call('CreateServiceLinkedRole', ECS);
  clusters = { 'eu-west-1': [CLUSTER] };
  const RoleName = 'AWSServiceRoleForECS';
  const { DeletionTaskId = '' } = await iam.call('DeleteServiceLinkedRole', { RoleName });
  assert.match(DeletionTaskId, /^task\/aws-service-role\/ecs\.amazonaws\.com\/AWSServiceRoleForECS\/[0-9a-f-]{36}$/);
  const status = (id: string) => iam.call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: id });
  assert.deepEqual(await status(DeletionTaskId), { Status: 'IN_PROGRESS' });
  assert.deepEqual(await iam.call('DeleteServiceLinkedRole', { RoleName }), { DeletionTaskId });

  await iam.reconcile();
  const failed = await status(DeletionTaskId);
  assert.equal(failed.Status, 'FAILED');
  assert.deepEqual(failed.Reason?.RoleUsageList, [{ Region: 'eu-west-1', Resources: [CLUSTER] }]);
  await iam.call('GetRole', { RoleName });

  clusters = {};
  const second = await iam.call('DeleteServiceLinkedRole', { RoleName });
  assert.notEqual(second.DeletionTaskId, DeletionTaskId);
  await iam.reconcile();
  assert.deepEqual(await status(second.DeletionTaskId ?? ''), { Status: 'SUCCEEDED' });
  await assert.rejects(iam.call('GetRole', { RoleName }), { code: 'NoSuchEntityException' });
});

test('what is no service-linked role is not deleted as one; tasks are known by their id', async () => {
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TASKS_TRUST });
  await assert.rejects(iam.call('DeleteServiceLinkedRole', { RoleName: 'web' }), { code: 'NoSuchEntityException' });
  await assert.rejects(iam.call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: 'task/none' }), {
    code: 'NoSuchEntityException',
    httpStatus: 404,
  });
});

test('the policy on a role is its trust policy', async () => {
  await iam.call('CreateRole', { RoleName: 'web', Path: '/team/', AssumeRolePolicyDocument: TASKS_TRUST });
  const of = (arn: string) => iam.store.read((tx) => resourcePolicy(tx, arn));
  assert.equal(await of('arn:aws:iam::123456789012:role/team/web'), TASKS_TRUST);
  assert.equal(await of('arn:aws:iam::123456789012:role/web'), undefined);
  assert.equal(await of('arn:aws:iam::123456789012:user/team/web'), undefined);
});
