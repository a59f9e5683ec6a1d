import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs';
import { GROUP_ARN } from './testing-groups.ts';
import { must, openTestEcs } from './testing.ts';
import type { TestEcs } from './testing.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:capacity-provider/';
const HOOK = 'ecs-managed-draining-termination-hook';

function open(): TestEcs {
  const ecs = openTestEcs();
  ecs.aws.groups.add('web');
  ecs.aws.groups.add('batch');
  return ecs;
}

const create = (ecs: TestEcs, change: object = {}, name = 'mine') =>
  ecs.call('CreateCapacityProvider', {
    name,
    autoScalingGroupProvider: {
      autoScalingGroupArn: `${GROUP_ARN}web`,
      managedScaling: { status: 'ENABLED' },
      ...change,
    },
  });

async function only(ecs: TestEcs, name = 'mine') {
  const { capacityProviders } = await ecs.call('DescribeCapacityProviders', {
    capacityProviders: [name],
    include: ['TAGS'],
  });
  return must(capacityProviders?.[0]);
}

test('a group that has ECS’s tag already keeps the value that its owner gave it', async () => {
  const ecs = open();
  must(ecs.aws.groups.groups.get('web')).Tags = [{ Key: 'AmazonECSManaged', Value: 'true' }];
  await create(ecs);
  assert.deepEqual(ecs.aws.groups.tagged, []);
  await ecs.close();
});

test('a provider has ECS’s defaults, and its group the tag that lets ECS change it', async () => {
  const ecs = open();
  const { capacityProvider } = await create(ecs);
  assert.deepEqual(capacityProvider, {
    capacityProviderArn: `${ARN}mine`,
    name: 'mine',
    status: 'ACTIVE',
    autoScalingGroupProvider: {
      autoScalingGroupArn: `${GROUP_ARN}web`,
      managedScaling: {
        status: 'ENABLED',
        targetCapacity: 100,
        minimumScalingStepSize: 1,
        maximumScalingStepSize: 10_000,
        instanceWarmupPeriod: 300,
      },
      managedTerminationProtection: 'DISABLED',
      managedDraining: 'ENABLED',
    },
    tags: [],
    type: 'EC2_AUTOSCALING',
  });
  assert.deepEqual(ecs.aws.groups.tagged, ['web AmazonECSManaged']);
  assert.deepEqual((await create(ecs)).capacityProvider, capacityProvider, 'the same once more is no other');
  await ecs.close();
});

test('what a provider may not be', async () => {
  const ecs = open();
  const refused = (input: object, message: RegExp, code = 'ClientException') =>
    assert.rejects(ecs.call('CreateCapacityProvider', { name: 'mine', ...input }), { code, message });
  const group = (change: object) => ({
    autoScalingGroupProvider: { autoScalingGroupArn: `${GROUP_ARN}web`, ...change },
  });
  await refused({ name: 'ecs-mine', ...group({}) }, /name is invalid/);
  await refused({}, /autoScalingGroupProvider or managedInstancesProvider must be/, 'InvalidParameterException');
  await refused(group({ autoScalingGroupArn: `${GROUP_ARN}none` }), /Auto Scaling group ARN does not exist/);
  await refused(group({ managedTerminationProtection: 'ENABLED' }), /managed scaling must be enabled/);
  const scaling = { status: 'ENABLED' };
  await refused(
    group({ managedTerminationProtection: 'ENABLED', managedScaling: scaling }),
    /instance protection from scale in enabled/,
  );
  const bad = (change: object) => group({ managedScaling: { ...scaling, ...change } });
  const invalid = 'InvalidParameterException';
  await refused(bad({ targetCapacity: 0 }), /between 1 and 100/, invalid);
  await refused(bad({ maximumScalingStepSize: 10_001 }), /between 1 and 10000/, invalid);
  await refused(bad({ minimumScalingStepSize: 3, maximumScalingStepSize: 2 }), /cannot be greater/, invalid);
  await refused({ ...group({}), tags: [{ key: 'aws:a', value: '' }] }, /reserved/, invalid);
  await create(ecs);
  await assert.rejects(create(ecs, { managedDraining: 'DISABLED' }), { message: /already exists/ });
  await assert.rejects(create(ecs, {}, 'other'), { message: /already being used by another capacity provider/ });
  await ecs.close();
});

test('a cluster’s provider has a policy and a hook on its group, until it leaves', async () => {
  const ecs = open();
  await create(ecs, { managedScaling: { status: 'ENABLED', targetCapacity: 90, instanceWarmupPeriod: 30 } });
  await ecs.call('CreateCluster', {
    capacityProviders: ['mine', 'FARGATE'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'mine', weight: 1 }],
  });
  const described = async () => must((await ecs.call('DescribeClusters', { include: ['ATTACHMENTS'] })).clusters?.[0]);
  assert.equal((await described()).attachmentsStatus, 'UPDATE_IN_PROGRESS');
  const put = (capacityProviders: string[]) =>
    ecs.call('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders,
      defaultCapacityProviderStrategy: [],
    });
  await assert.rejects(put([]), { code: 'UpdateInProgressException', message: /busy state/ });
  await ecs.reconcile();
  const cluster = await described();
  assert.equal(cluster.attachmentsStatus, 'UPDATE_COMPLETE');
  assert.deepEqual(
    cluster.attachments?.map((one) => [one.type, one.status]),
    [
      ['as_policy', 'CREATED'],
      ['managed_draining', 'CREATED'],
    ],
  );
  const [[name, policy]] = [...ecs.aws.groups.policies] as [[string, any]];
  assert.equal(cluster.attachments?.[0]?.details?.[1]?.value, name);
  assert.match(name, /^ECSManagedAutoScalingPolicy-[0-9a-f-]{36}$/);
  assert.deepEqual([policy.EstimatedInstanceWarmup, policy.TargetTrackingConfiguration.TargetValue], [30, 90]);
  assert.deepEqual([...ecs.aws.groups.hooks], [`web ${HOOK}`]);
  await assert.rejects(ecs.call('DeleteCapacityProvider', { capacityProvider: 'mine' }), {
    message: /associated with cluster: default/,
  });
  await put(['FARGATE']);
  await ecs.reconcile();
  assert.deepEqual([ecs.aws.groups.policies.size, ecs.aws.groups.hooks.size], [0, 0]);
  assert.equal((await described()).attachmentsStatus, undefined);
  const deleted = await ecs.call('DeleteCapacityProvider', { capacityProvider: `${ARN}mine` });
  assert.equal(deleted.capacityProvider?.updateStatus, 'DELETE_IN_PROGRESS');
  await assert.rejects(put(['mine']), { message: /'mine' was not found/ });
  await ecs.reconcile();
  const gone = await only(ecs);
  assert.deepEqual([gone.status, gone.updateStatus], ['INACTIVE', 'DELETE_COMPLETE']);
  assert.equal((await create(ecs)).capacityProvider?.status, 'ACTIVE', 'its name is free again');
  await ecs.close();
});

test('an update reaches the group, or says why it did not', async () => {
  const ecs = open();
  await create(ecs);
  await ecs.call('CreateCluster', { capacityProviders: ['mine'] });
  await ecs.reconcile();
  const update = (autoScalingGroupProvider: object) =>
    ecs.call('UpdateCapacityProvider', { name: 'mine', autoScalingGroupProvider });
  const updated = await update({ managedScaling: { targetCapacity: 50 }, managedDraining: 'DISABLED' });
  assert.equal(updated.capacityProvider?.updateStatus, 'UPDATE_IN_PROGRESS');
  await assert.rejects(update({}), { code: 'UpdateInProgressException' });
  await ecs.reconcile();
  assert.equal((await only(ecs)).updateStatus, 'UPDATE_COMPLETE');
  const [policy] = [...ecs.aws.groups.policies.values()];
  assert.deepEqual([policy.TargetTrackingConfiguration.TargetValue, ecs.aws.groups.hooks.size], [50, 0]);
  assert.equal((await only(ecs)).autoScalingGroupProvider?.managedScaling?.maximumScalingStepSize, 10_000);

  await update({ managedScaling: { targetCapacity: 60 } });
  ecs.aws.groups.groups.clear();
  await ecs.reconcile();
  const failed = await only(ecs);
  assert.deepEqual([failed.updateStatus, failed.updateStatusReason], ['UPDATE_FAILED', 'Group web not found']);
  const { clusters } = await ecs.call('DescribeClusters', { include: ['ATTACHMENTS'] });
  assert.equal(clusters?.[0]?.attachmentsStatus, 'UPDATE_FAILED');
  await ecs.close();
});

test('tags, and strategies that no cluster may have', async () => {
  const ecs = open();
  await create(ecs);
  const resourceArn = `${ARN}mine`;
  await ecs.call('TagResource', { resourceArn, tags: [{ key: 'team', value: 'web' }] });
  assert.deepEqual((await only(ecs)).tags, [{ key: 'team', value: 'web' }]);
  const cluster = (defaultCapacityProviderStrategy: CapacityProviderStrategyItem[]) =>
    ecs.call('CreateCluster', { capacityProviders: ['mine', 'FARGATE'], defaultCapacityProviderStrategy });
  const mixed = [{ capacityProvider: 'mine', weight: 1 }, { capacityProvider: 'FARGATE' }];
  await assert.rejects(cluster(mixed), { message: /cannot contain a mix/ });
  await assert.rejects(
    ecs.call('CreateCluster', { defaultCapacityProviderStrategy: [{ capacityProvider: 'mine', weight: 1 }] }),
    { message: /not associated with the cluster/ },
  );
  await ecs.close();
});

test('updates at the same time do not undo each other', async () => {
  const ecs = open();
  await create(ecs);
  const update = (managedScaling: object, change: object = {}) =>
    ecs.call('UpdateCapacityProvider', { name: 'mine', autoScalingGroupProvider: { managedScaling, ...change } });
  await Promise.all([
    update({ targetCapacity: 50 }),
    update({ instanceWarmupPeriod: 60 }),
    update({}, { managedDraining: 'DISABLED' }),
  ]);
  const { managedScaling, managedDraining } = must((await only(ecs)).autoScalingGroupProvider);
  assert.deepEqual(
    [managedScaling?.targetCapacity, managedScaling?.instanceWarmupPeriod, managedDraining],
    [50, 60, 'DISABLED'],
  );
  await ecs.close();
});

test('a provider that is deleted while a cluster is made with it goes, or stays with the cluster', async () => {
  const ecs = open();
  await create(ecs);
  await Promise.allSettled([
    ecs.call('CreateCluster', { capacityProviders: ['mine'] }),
    ecs.call('DeleteCapacityProvider', { capacityProvider: 'mine' }),
    ecs.call('CreateCluster', { clusterName: 'late', capacityProviders: ['mine'] }),
  ]);
  await ecs.reconcile();
  const { status, updateStatus } = await only(ecs);
  const { clusters = [] } = await ecs.call('DescribeClusters', { clusters: ['default', 'late'] });
  const holders = clusters.filter((one) => one.capacityProviders?.includes('mine')).length;
  assert.deepEqual([status, updateStatus], holders > 0 ? ['ACTIVE', undefined] : ['INACTIVE', 'DELETE_COMPLETE']);
  await ecs.close();
});
