import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, must, openTestSite, runTask } from './testing.ts';

const BOTH = ['FARGATE', 'FARGATE_SPOT'];
const SPOT = [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }];

test('UpdateCluster and UpdateClusterSettings change what they name, and leave the rest', async () => {
  const ecs = await openTestSite();
  const executeCommandConfiguration = { logging: 'DEFAULT' as const };
  const { cluster } = await ecs.call('UpdateCluster', {
    cluster: 'default',
    configuration: { executeCommandConfiguration },
  });
  assert.deepEqual(cluster?.configuration, { executeCommandConfiguration });
  assert.deepEqual(cluster?.settings, [{ name: 'containerInsights', value: 'disabled' }]);
  const settings = [{ name: 'containerInsights' as const, value: 'enhanced' }];
  const changed = await ecs.call('UpdateClusterSettings', { cluster: 'default', settings });
  assert.deepEqual([changed.cluster?.settings, changed.cluster?.configuration], [settings, cluster?.configuration]);
  const refused = (input: object, code: string, message: RegExp) =>
    assert.rejects(ecs.call('UpdateCluster', { cluster: 'default', ...input }), { code, message });
  await refused({ cluster: 'gone' }, 'ClusterNotFoundException', /Cluster not found/);
  await refused({ settings: [{ name: 'x', value: 'y' }] }, 'InvalidParameterException', /setting name: x/);
  await refused(
    { settings: [{ name: 'containerInsights', value: 'y' }] },
    'InvalidParameterException',
    /containerInsights: y/,
  );
  await refused(
    { configuration: { executeCommandConfiguration: { logging: 'OVERRIDE' } } },
    'InvalidParameterException',
    /must name a log group/,
  );
  await refused(
    { configuration: { executeCommandConfiguration: { kmsKeyId: 'k' } } },
    'ClientException',
    /configuration\.executeCommandConfiguration\.kmsKeyId/,
  );
  await refused(
    { configuration: { managedStorageConfiguration: { kmsKeyId: 'k' } } },
    'ClientException',
    /configuration\.managedStorageConfiguration/,
  );
  await ecs.close();
});

test('a capacity provider leaves its cluster only once nothing is placed on it', async () => {
  const ecs = await openTestSite();
  const put = (capacityProviders: string[], defaultCapacityProviderStrategy: typeof SPOT = []) =>
    ecs.call('PutClusterCapacityProviders', { cluster: 'default', capacityProviders, defaultCapacityProviderStrategy });
  const { cluster } = await put(BOTH, SPOT);
  assert.deepEqual([cluster?.capacityProviders, cluster?.defaultCapacityProviderStrategy], [BOTH, SPOT]);
  await assert.rejects(put(['mine']), { code: 'InvalidParameterException', message: /'mine' was not found/ });
  await assert.rejects(put(['FARGATE'], SPOT), { code: 'InvalidParameterException', message: /not associated/ });
  const task = await runTask(ecs, { launchType: undefined });
  assert.equal((await ecs.task(task)).capacityProviderName, 'FARGATE_SPOT');
  await assert.rejects(put(['FARGATE']), { code: 'ResourceInUseException' });
  await ecs.call('StopTask', { task });
  await ecs.reconcile();
  assert.deepEqual((await put(['FARGATE'])).cluster?.capacityProviders, ['FARGATE']);
  await ecs.close();
});

test('a service is placed by its strategy, which a later update takes away', async () => {
  const ecs = await openTestSite();
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: BOTH,
    defaultCapacityProviderStrategy: [],
  });
  const capacityProviderStrategy = [{ capacityProvider: 'FARGATE', weight: 0, base: 1 }, ...SPOT];
  const { service } = await ecs.call('CreateService', {
    ...RUN,
    launchType: undefined,
    serviceName: 'web',
    desiredCount: 3,
    capacityProviderStrategy,
  });
  assert.deepEqual([service?.launchType, service?.capacityProviderStrategy], [undefined, capacityProviderStrategy]);
  await ecs.reconcile();
  const providers = async () => {
    const { taskArns } = await ecs.call('ListTasks', { serviceName: 'web' });
    const tasks = await Promise.all(must(taskArns).map((arn) => ecs.task(arn)));
    return tasks.map((task) => task.capacityProviderName ?? '').toSorted();
  };
  assert.deepEqual(await providers(), ['FARGATE', 'FARGATE_SPOT', 'FARGATE_SPOT']);
  const updated = await ecs.call('UpdateService', { service: 'web', capacityProviderStrategy: [] });
  assert.deepEqual([updated.service?.launchType, updated.service?.capacityProviderStrategy], ['FARGATE', undefined]);
  assert.equal(updated.service?.deployments?.length, 1, 'no deployment: tasks that are started later are placed so');
  await ecs.close();
});

test('DescribeCapacityProviders shows Fargate’s two, or a cluster’s', async () => {
  const ecs = await openTestSite();
  const names = async (input: object) =>
    (await ecs.call('DescribeCapacityProviders', input)).capacityProviders?.map((one) => one.name);
  assert.deepEqual(await names({}), BOTH);
  assert.deepEqual(await names({ cluster: 'default' }), []);
  const { capacityProviders, failures } = await ecs.call('DescribeCapacityProviders', {
    capacityProviders: ['FARGATE_SPOT', 'mine'],
  });
  const arn = 'arn:aws:ecs:us-east-1:123456789012:capacity-provider/';
  assert.deepEqual(
    capacityProviders?.map((one) => [one.capacityProviderArn, one.status]),
    [[`${arn}FARGATE_SPOT`, 'ACTIVE']],
  );
  assert.deepEqual(failures, [{ arn: `${arn}mine`, reason: 'MISSING' }]);
  await ecs.close();
});

test('statistics and attachments are shown to who asks', async () => {
  const ecs = await openTestSite();
  await runTask(ecs, { count: 2 });
  const { clusters } = await ecs.call('DescribeClusters', { include: ['STATISTICS', 'ATTACHMENTS'] });
  const statistics = Object.fromEntries(must(clusters?.[0]?.statistics).map(({ name, value }) => [name, value]));
  assert.deepEqual(
    [
      statistics['pendingFargateTasksCount'],
      statistics['runningFargateTasksCount'],
      statistics['runningEC2TasksCount'],
    ],
    ['2', '0', '0'],
  );
  assert.deepEqual(clusters?.[0]?.attachments, []);
  await ecs.close();
});
