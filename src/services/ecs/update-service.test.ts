import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { services } from './tables.ts';

const WEB = { ...RUN, serviceName: 'web', desiredCount: 0 };

async function openWithService(change: object = {}): Promise<TestEcs> {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', SITE);
  await ecs.call('CreateService', { ...WEB, taskDefinition: 'site:1', ...change });
  return ecs;
}

async function describe(ecs: TestEcs) {
  return must((await ecs.call('DescribeServices', { services: ['web'] })).services?.[0]);
}

test('a new count alone makes no new deployment; a new task definition, network or force does', async () => {
  const ecs = await openWithService();
  const first = must((await describe(ecs)).deployments?.[0]?.id);
  const isNew = async (change: object) => {
    const before = (await describe(ecs)).deployments?.[0]?.id;
    const { service } = await ecs.call('UpdateService', { service: 'web', ...change });
    return service?.deployments?.[0]?.id !== before;
  };
  assert.equal(await isNew({ desiredCount: 3 }), false);
  assert.equal(await isNew({ taskDefinition: 'site:1' }), false);
  assert.equal(await isNew({ deploymentConfiguration: { maximumPercent: 150 } }), false);
  assert.equal(await isNew({ taskDefinition: 'site' }), true);
  assert.equal(await isNew({ forceNewDeployment: true }), true);
  assert.equal(await isNew({ networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-c'] } } }), true);
  const service = await describe(ecs);
  assert.equal(service.desiredCount, 3);
  assert.deepEqual(
    service.deployments?.map((one) => one.status),
    ['PRIMARY', 'ACTIVE', 'ACTIVE', 'ACTIVE'],
  );
  assert.equal(service.deployments?.at(-1)?.id, first);
  assert.deepEqual(service.networkConfiguration?.awsvpcConfiguration?.securityGroups, ['sg-default']);
  assert.deepEqual(
    [service.deploymentConfiguration?.maximumPercent, service.deploymentConfiguration?.minimumHealthyPercent],
    [150, 100],
  );
  await ecs.close();
});

test('updates at the same time do not undo each other', async () => {
  const ecs = await openWithService();
  await Promise.all([
    ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:2' }),
    ecs.call('UpdateService', { service: 'web', desiredCount: 4 }),
    ecs.call('UpdateService', {
      service: 'web',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-c'] } },
    }),
    ecs.call('UpdateService', { service: 'web', desiredCount: 5 }),
  ]);
  const service = await describe(ecs);
  assert.match(must(service.taskDefinition), /site:2$/);
  assert.equal(service.desiredCount, 5);
  assert.deepEqual(service.networkConfiguration?.awsvpcConfiguration?.subnets, ['subnet-c']);
  assert.equal(service.deployments?.length, 3);
  await ecs.close();
});

test('what cannot be updated is refused', async () => {
  const ecs = await openWithService();
  const group = ecs.aws.addTargetGroup('web');
  await ecs.call('CreateService', {
    ...WEB,
    serviceName: 'balanced',
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }],
  });
  await ecs.call('RegisterTaskDefinition', {
    ...SITE,
    family: 'mute',
    containerDefinitions: [{ name: 'web', image: 'a' }],
  });
  const cases: readonly [object, string, RegExp][] = [
    [{ service: 'gone' }, 'ServiceNotFoundException', /Service not found/],
    [{ cluster: 'gone' }, 'ClusterNotFoundException', /Cluster not found/],
    [{ taskDefinition: 'gone' }, 'ClientException', /TaskDefinition not found/],
    [{ desiredCount: -1 }, 'InvalidParameterException', /0 or more/],
    [{ healthCheckGracePeriodSeconds: 5 }, 'InvalidParameterException', /only valid for services configured/],
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] },
      'InvalidParameterException',
      /not associated with the cluster/,
    ],
    [{ deploymentConfiguration: { minimumHealthyPercent: 200 } }, 'InvalidParameterException', /block deployments/],
    [{ service: 'balanced', taskDefinition: 'mute' }, 'InvalidParameterException', /did not have a container port 80/],
  ];
  for (const [change, code, message] of cases) {
    const label = JSON.stringify(change);
    await assert.rejects(ecs.call('UpdateService', { service: 'web', ...change }), { code, message }, label);
  }
  assert.equal((await describe(ecs)).deployments?.length, 1);
  await ecs.close();
});

test('how finely a service is measured is part of its revision', async () => {
  const monitoring = { metricConfigurations: [{ metricNames: ['CPUUtilization'], resolutionSeconds: 20 }] };
  const ecs = await openWithService({ monitoring });
  const latest = async () => {
    const { serviceDeployments = [] } = await ecs.call('ListServiceDeployments', { service: 'web' });
    const arns = serviceDeployments.map((one) => must(one.targetServiceRevisionArn));
    const { serviceRevisions = [] } = await ecs.call('DescribeServiceRevisions', { serviceRevisionArns: arns });
    return { count: arns.length, monitoring: serviceRevisions[0]?.monitoring };
  };
  assert.deepEqual(await latest(), { count: 1, monitoring });
  await ecs.call('UpdateService', { service: 'web', desiredCount: 1 });
  assert.deepEqual(await latest(), { count: 1, monitoring }, 'what is not asked for stays');
  await ecs.call('UpdateService', { service: 'web', monitoring: { metricConfigurations: [] } });
  assert.deepEqual(await latest(), { count: 2, monitoring: undefined });
  await ecs.close();
});

test('updates at the same time do not undo each other’s placement', async () => {
  const ecs = await openWithService();
  await ecs.call('RegisterTaskDefinition', {
    ...SITE,
    family: 'anywhere',
    requiresCompatibilities: ['EC2', 'FARGATE'],
  });
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
  });
  await ecs.call('CreateService', { ...WEB, serviceName: 'api', taskDefinition: 'anywhere', launchType: 'EC2' });
  const beside = async (change: object, count: number) => {
    await Promise.all([
      ecs.call('UpdateService', { service: 'api', ...change }),
      ecs.call('UpdateService', { service: 'api', desiredCount: count }),
    ]);
    const row = (await ecs.store.read((tx) => tx.list(services))).find((one) => one.name === 'api');
    assert.equal(row?.desiredCount, count);
    return must(row);
  };
  const placementStrategy = [{ type: 'binpack', field: 'MEMORY' }];
  const placementConstraints = [{ type: 'distinctInstance' }];
  const placed = await beside({ placementStrategy, placementConstraints }, 2);
  assert.deepEqual([placed.placementStrategy, placed.placementConstraints], [placementStrategy, placementConstraints]);
  const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }];
  const gone = { placementStrategy: [], placementConstraints: [] };
  await ecs.call('UpdateService', { service: 'api', ...gone });
  const moved = await beside({ capacityProviderStrategy }, 3);
  assert.deepEqual([moved.launchType, moved.capacityProviderStrategy], ['FARGATE', capacityProviderStrategy]);
  await ecs.close();
});
