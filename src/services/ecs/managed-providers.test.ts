import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INFRASTRUCTURE_ROLE, managedProvider, openTestManaged, PROFILE, SMALL } from './testing-managed.ts';
import { must, NETWORK, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';

const INVALID = 'InvalidParameterException';
const TEMPLATE = must(managedProvider().managedInstancesProvider?.instanceLaunchTemplate);

async function shown(ecs: TestEcs, cluster?: string) {
  const query = cluster === undefined ? { capacityProviders: ['mi'] } : { cluster };
  const { capacityProviders = [] } = await ecs.call('DescribeCapacityProviders', query);
  return capacityProviders;
}

test('a provider of Managed Instances belongs to its cluster from its making', async () => {
  const ecs = await openTestSite();
  const { capacityProvider } = await ecs.call('CreateCapacityProvider', {
    ...managedProvider({ propagateTags: 'CAPACITY_PROVIDER' }),
    tags: [{ key: 'team', value: 'blue' }],
  });
  assert.deepEqual(capacityProvider, {
    capacityProviderArn: 'arn:aws:ecs:us-east-1:123456789012:capacity-provider/mi',
    name: 'mi',
    cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/default',
    status: 'ACTIVE',
    updateStatus: 'CREATE_COMPLETE',
    type: 'MANAGED_INSTANCES',
    managedInstancesProvider: {
      infrastructureRoleArn: INFRASTRUCTURE_ROLE,
      propagateTags: 'CAPACITY_PROVIDER',
      instanceLaunchTemplate: TEMPLATE,
      infrastructureOptimization: { scaleInAfter: 60 },
    },
    tags: [{ key: 'team', value: 'blue' }],
  });
  assert.deepEqual(
    (await shown(ecs, 'default')).map(({ name }) => name),
    ['mi'],
  );
  const { clusters } = await ecs.call('DescribeClusters', {});
  assert.deepEqual(clusters?.[0]?.capacityProviders, ['mi']);
  await assert.rejects(ecs.call('DeleteCluster', { cluster: 'default' }), {
    code: 'ClusterContainsCapacityProviderException',
  });
  await ecs.call('CreateCluster', { clusterName: 'other' });
  assert.deepEqual(await shown(ecs, 'other'), []);
  await assert.rejects(
    ecs.call('RunTask', {
      cluster: 'other',
      taskDefinition: 'site',
      capacityProviderStrategy: [{ capacityProvider: 'mi', weight: 1 }],
    }),
    { code: INVALID, message: /not found/ },
  );
  await ecs.close();
});

test('it is in no call that puts providers into clusters, and stays where it is', async () => {
  const ecs = await openTestManaged();
  const put = (capacityProviders: string[], strategy: string[] = []) =>
    ecs.call('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders,
      defaultCapacityProviderStrategy: strategy.map((capacityProvider) => ({ capacityProvider, weight: 1 })),
    });
  await assert.rejects(put(['mi']), { code: INVALID, message: /Cannot associate Managed Instances/ });
  const { cluster } = await put(['FARGATE'], ['mi']);
  assert.deepEqual(cluster?.capacityProviders, ['FARGATE', 'mi']);
  await assert.rejects(put(['FARGATE'], ['FARGATE', 'mi']), { code: INVALID, message: /mix/ });
  ecs.aws.groups.add('web');
  await ecs.call('CreateCapacityProvider', {
    name: 'group',
    autoScalingGroupProvider: { autoScalingGroupArn: 'web' },
  });
  await assert.rejects(put(['group'], ['group', 'mi']), { code: INVALID, message: /mix of Managed Instances/ });
  await ecs.close();
});

test('tasks on it are of task definitions that allow it, with an interface of their own or the instance’s', async () => {
  const ecs = await openTestManaged();
  const run = (taskDefinition: string, change: object = {}) => ecs.call('RunTask', { taskDefinition, ...change });
  await assert.rejects(run('site', { networkConfiguration: NETWORK }), { code: INVALID, message: /MANAGED_INSTANCES/ });
  const { requiresCompatibilities: _, networkMode: _mode, ...bare } = SMALL;
  await ecs.call('RegisterTaskDefinition', { ...bare, family: 'bridge' });
  await assert.rejects(run('bridge'), { code: 'ClientException', message: /awsvpc or host, not bridge/ });
  const { taskDefinition } = await ecs.call('RegisterTaskDefinition', {
    ...bare,
    family: 'awsvpc',
    requiresCompatibilities: ['MANAGED_INSTANCES'],
  });
  assert.equal(taskDefinition?.networkMode, 'awsvpc');
  const { tasks } = await run('awsvpc', { networkConfiguration: NETWORK });
  assert.equal(tasks?.length, 1);
  await assert.rejects(ecs.call('RegisterTaskDefinition', { ...SMALL, networkMode: 'bridge' }), {
    code: 'ClientException',
    message: /awsvpc or host/,
  });
  await ecs.close();
});

test('an update changes what it names, for instances to come', async () => {
  const ecs = await openTestManaged();
  const update = (change: object) =>
    ecs.call('UpdateCapacityProvider', {
      name: 'mi',
      cluster: 'default',
      managedInstancesProvider: { infrastructureRoleArn: INFRASTRUCTURE_ROLE, instanceLaunchTemplate: {}, ...change },
    });
  const { capacityProvider } = await update({
    instanceLaunchTemplate: { monitoring: 'DETAILED' },
    infrastructureOptimization: { scaleInAfter: -1 },
  });
  assert.equal(capacityProvider?.updateStatus, 'UPDATE_COMPLETE');
  assert.deepEqual(capacityProvider?.managedInstancesProvider, {
    infrastructureRoleArn: INFRASTRUCTURE_ROLE,
    propagateTags: 'NONE',
    instanceLaunchTemplate: { ...TEMPLATE, monitoring: 'DETAILED' },
    infrastructureOptimization: { scaleInAfter: -1 },
  });
  await assert.rejects(ecs.call('UpdateCapacityProvider', { name: 'mi', autoScalingGroupProvider: {} }), {
    code: INVALID,
    message: /Managed Instances/,
  });
  await ecs.call('CreateCluster', { clusterName: 'other' });
  await assert.rejects(ecs.call('DeleteCapacityProvider', { capacityProvider: 'mi', cluster: 'other' }), {
    code: INVALID,
    message: /does not belong/,
  });
  await ecs.close();
});

test('what such a provider may not be', async () => {
  const ecs = await openTestSite();
  const refused = async (message: RegExp, change: object, template: object = {}, code = INVALID) =>
    assert.rejects(ecs.call('CreateCapacityProvider', managedProvider(change, template)), { code, message });
  const unsupported = (template: object, name: RegExp) => refused(name, {}, template, 'ClientException');
  const range = { vCpuCount: { min: 1 }, memoryMiB: { min: 1 } };
  await assert.rejects(ecs.call('CreateCapacityProvider', { ...managedProvider(), cluster: undefined }), {
    code: INVALID,
    message: /cluster must be/,
  });
  await assert.rejects(
    ecs.call('CreateCapacityProvider', {
      ...managedProvider(),
      autoScalingGroupProvider: { autoScalingGroupArn: 'a' },
    }),
    { code: INVALID, message: /not both/ },
  );
  await refused(/ARN of an IAM role/, { infrastructureRoleArn: 'ecsInfrastructureRole' });
  await refused(/between 0 and 3600/, { infrastructureOptimization: { scaleInAfter: 3601 } });
  await refused(/propagateTags/, { propagateTags: 'ALL' });
  await refused(/ARN of an instance profile/, {}, { ec2InstanceProfileArn: INFRASTRUCTURE_ROLE });
  await refused(/subnets can not be empty/, {}, { networkConfiguration: { subnets: [] } });
  await refused(/same VPC/, {}, { networkConfiguration: { subnets: ['subnet-a', 'subnet-x'] } });
  await refused(/storageSizeGiB/, {}, { storageConfiguration: { storageSizeGiB: -1 } });
  await refused(/vCpuCount is invalid/, {}, { instanceRequirements: { ...range, vCpuCount: { min: 4, max: 2 } } });
  await refused(
    /autoRepairConfiguration/,
    { autoRepairConfiguration: { actionsStatus: 'ENABLED' } },
    {},
    'ClientException',
  );
  await unsupported({ fipsEnabled: true }, /fipsEnabled/);
  await unsupported({ capacityOptionType: 'RESERVED' }, /RESERVED/);
  await unsupported({ localStorageConfiguration: { useLocalStorage: true } }, /useLocalStorage/);
  await unsupported({ instanceRequirements: { ...range, acceleratorTypes: ['gpu'] } }, /acceleratorTypes/);
  ecs.aws.untrusting.add(INFRASTRUCTURE_ROLE);
  await refused(/unable to assume the infrastructure role/, {}, { ec2InstanceProfileArn: PROFILE });
  await ecs.close();
});
