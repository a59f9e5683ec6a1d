import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusters } from './tables.ts';
import { must, openTestEcs, openTestSite, runTask } from './testing.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster/';

test('CreateCluster makes `default`, and answers a cluster that is there already', async () => {
  const ecs = openTestEcs();
  const { cluster } = await ecs.call('CreateCluster', { tags: [{ key: 'team', value: 'a' }] });
  assert.deepEqual(cluster, {
    clusterArn: `${ARN}default`,
    clusterName: 'default',
    status: 'ACTIVE',
    registeredContainerInstancesCount: 0,
    runningTasksCount: 0,
    pendingTasksCount: 0,
    activeServicesCount: 0,
    statistics: [],
    tags: [{ key: 'team', value: 'a' }],
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  });
  const again = await ecs.call('CreateCluster', { clusterName: 'default', tags: [{ key: 'team', value: 'b' }] });
  assert.deepEqual(again.cluster, cluster);
  await ecs.close();
});

test('what a cluster may not be is refused', async () => {
  const ecs = openTestEcs();
  const refused = (input: object, code: string, message: RegExp) =>
    assert.rejects(ecs.call('CreateCluster', input), { code, message });
  await refused({ clusterName: 'a b' }, 'InvalidParameterException', /Invalid parameter: clusterName/);
  await refused({ clusterName: 'a'.repeat(256) }, 'InvalidParameterException', /Up to 255 letters/);
  await refused({ capacityProviders: ['mine'] }, 'InvalidParameterException', /'mine' was not found/);
  const twice = [
    { key: 'a', value: '1' },
    { key: 'a', value: '2' },
  ];
  await refused({ tags: twice }, 'InvalidParameterException', /Duplicate tag keys/);
  await refused({ tags: [{ key: 'aws:a', value: '1' }] }, 'InvalidParameterException', /reserved/);
  assert.deepEqual((await ecs.call('ListClusters', {})).clusterArns, []);
  await ecs.close();
});

test('DescribeClusters counts, shows what is asked for, and names what is missing', async () => {
  const ecs = await openTestSite();
  await ecs.call('CreateCluster', { clusterName: 'other' });
  await runTask(ecs, { count: 2 });
  const { clusters = [], failures } = await ecs.call('DescribeClusters', {
    clusters: ['default', `${ARN}other`, 'gone', `${ARN.replace('us-east-1', 'eu-west-1')}default`],
  });
  assert.deepEqual(
    clusters.map((one) => [one.clusterName, one.pendingTasksCount, one.runningTasksCount, one.settings]),
    [
      ['default', 2, 0, []],
      ['other', 0, 0, []],
    ],
  );
  assert.deepEqual(failures, [
    { arn: `${ARN}gone`, reason: 'MISSING' },
    { arn: `${ARN.replace('us-east-1', 'eu-west-1')}default`, reason: 'MISSING' },
  ]);
  const shown = await ecs.call('DescribeClusters', { include: ['SETTINGS'] });
  assert.deepEqual(shown.clusters?.[0]?.settings, [{ name: 'containerInsights', value: 'disabled' }]);
  const many = Array.from({ length: 101 }, (_, i) => `c${i}`);
  await assert.rejects(ecs.call('DescribeClusters', { clusters: many }), /at most 100/);
  await ecs.close();
});

test('every region and account has its own clusters', async () => {
  const ecs = openTestEcs();
  await ecs.call('CreateCluster', {});
  assert.deepEqual((await ecs.call('ListClusters', {}, { region: 'eu-west-1' })).clusterArns, []);
  const { cluster } = await ecs.call('CreateCluster', {}, { account: '111122223333' });
  assert.equal(cluster?.clusterArn, 'arn:aws:ecs:us-east-1:111122223333:cluster/default');
  assert.deepEqual((await ecs.call('ListClusters', {})).clusterArns, [`${ARN}default`]);
  await ecs.close();
});

test('ListClusters pages, and refuses pages it does not have', async () => {
  const ecs = openTestEcs();
  for (const name of ['c', 'a', 'e', 'b', 'd']) await ecs.call('CreateCluster', { clusterName: name });
  const seen: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.call('ListClusters', { maxResults: 2, nextToken });
    seen.push(...must(page.clusterArns).map((arn) => arn.replace(ARN, '')));
    nextToken = page.nextToken;
    // What goes away between two pages makes no other page repeat or vanish.
    if (seen.length === 2) await ecs.call('DeleteCluster', { cluster: 'a' });
  } while (nextToken);
  assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  for (const maxResults of [0, -1, 101]) {
    await assert.rejects(ecs.call('ListClusters', { maxResults }), { code: 'InvalidParameterException' });
  }
  await assert.rejects(ecs.call('ListClusters', { nextToken: 'x' }), { message: 'Invalid token.' });
  await ecs.close();
});

test('a cluster in use is not deleted; a deleted one is INACTIVE and can come back', async () => {
  const ecs = await openTestSite();
  await assert.rejects(ecs.call('DeleteCluster', { cluster: 'gone' }), {
    code: 'ClusterNotFoundException',
    message: 'Cluster not found.',
  });
  const task = await runTask(ecs);
  await assert.rejects(ecs.call('DeleteCluster', { cluster: 'default' }), { code: 'ClusterContainsTasksException' });
  await ecs.call('StopTask', { task });
  await ecs.reconcile();
  const { cluster } = await ecs.call('DeleteCluster', { cluster: 'default' });
  assert.equal(cluster?.status, 'INACTIVE');
  assert.deepEqual((await ecs.call('ListClusters', {})).clusterArns, []);
  assert.equal((await ecs.call('DescribeClusters', {})).clusters?.[0]?.status, 'INACTIVE');
  await assert.rejects(runTask(ecs), { code: 'InvalidParameterException', message: 'Cluster was not ACTIVE.' });
  assert.equal((await ecs.call('CreateCluster', {})).cluster?.status, 'ACTIVE');
  await ecs.close();
});

test('a cluster of a deleted one’s name has nothing of it', async () => {
  const ecs = openTestEcs();
  const logging = { executeCommandConfiguration: { logging: 'NONE' as const } };
  await ecs.call('CreateCluster', { configuration: logging, capacityProviders: ['FARGATE'] });
  await ecs.store.write(async (tx) => {
    const row = must(await tx.get(clusters, `${ARN}default`));
    await tx.put(clusters, { ...row, serviceConnectNamespaceArn: 'arn:shop' });
  });
  await ecs.call('DeleteCluster', { cluster: 'default' });
  const { cluster } = await ecs.call('CreateCluster', {});
  assert.deepEqual(
    [cluster?.configuration, cluster?.serviceConnectDefaults, cluster?.capacityProviders],
    [undefined, undefined, []],
  );
  await ecs.close();
});
