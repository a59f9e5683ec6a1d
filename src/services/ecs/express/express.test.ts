import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RETENTION_MS, must } from '../testing.ts';
import { CREATE, INFRASTRUCTURE_ROLE, openTestExpress } from './testing.ts';
import type { TestExpress } from './testing.ts';

function open(t: TestContext, onCall?: () => void): TestExpress {
  const express = openTestExpress(onCall);
  t.after(() => express.close());
  return express;
}

async function made(express: TestExpress, arn: string): Promise<void> {
  const id = must((await express.describe(arn)).activeConfigurations?.[0]?.ingressPaths?.[0]?.endpoint);
  await express.until(async () => express.ingress.alarms.has(`ecs-express-rollback-${idOf(id)}`));
}

/** That its endpoint has in its name. */
const idOf = (endpoint: string) => /-([0-9a-f]{12})\.ecs\./.exec(endpoint)?.[1] ?? '';

async function service(express: TestExpress, name = 'web') {
  return must((await express.call('DescribeServices', { services: [name] })).services?.[0]);
}

async function remove(express: TestExpress, serviceArn: string): Promise<void> {
  await express.call('DeleteExpressGatewayService', { serviceArn });
}

const statusOf = async (express: TestExpress, arn: string) => (await express.describe(arn)).status?.statusCode;

test('one call makes everything, and the default cluster with it', async (t) => {
  const express = open(t);
  const { service: answer } = await express.call('CreateExpressGatewayService', {
    ...CREATE,
    tags: [{ key: 'team', value: 'web' }],
  });
  assert.equal(answer?.status?.statusCode, 'ACTIVE');
  assert.equal(answer?.cluster, 'default');
  const [configuration] = answer?.activeConfigurations ?? [];
  const { hostname } = new URL(must(configuration?.ingressPaths?.[0]?.endpoint));
  assert.match(hostname, /^web-[0-9a-f]{12}\.ecs\.us-east-1\.on\.localhost$/);
  assert.equal(configuration?.ingressPaths?.[0]?.accessType, 'PUBLIC');
  assert.deepEqual(
    [configuration?.cpu, configuration?.memory, configuration?.healthCheckPath],
    ['256', '512', '/ping'],
  );
  const arn = must(answer?.serviceArn);
  await made(express, arn);
  const kinds = express.ingress.list().map((line) => line.split(' ')[0]);
  assert.deepEqual(kinds, [
    'load-balancer',
    'target-group',
    'target-group',
    'security-group',
    'security-group',
    'certificate',
    'zone',
    'log-group',
    'scalable-target',
    'alarm',
  ]);
  const seen = await service(express);
  assert.equal(seen.desiredCount, 1);
  assert.equal(seen.resourceManagementType, 'ECS');
  const managed = await express.call('ListServices', { resourceManagementType: 'ECS' });
  assert.deepEqual(managed.serviceArns, [arn]);
  assert.equal(seen.networkConfiguration?.awsvpcConfiguration?.assignPublicIp, 'ENABLED');
  assert.equal((await express.describe(arn)).currentDeployment, seen.currentServiceDeployment);
  assert.deepEqual((await express.describe(arn)).tags, [{ key: 'team', value: 'web' }]);
  const { taskDefinition } = await express.call('DescribeTaskDefinition', { taskDefinition: 'default-web' });
  assert.equal(taskDefinition?.containerDefinitions?.[0]?.name, 'Main');
  assert.equal(taskDefinition?.containerDefinitions?.[0]?.portMappings?.[0]?.containerPort, 80);
});

test('the default cluster that it makes has nothing of one that was deleted', async (t) => {
  const express = open(t);
  await express.call('CreateCluster', { configuration: { executeCommandConfiguration: { logging: 'NONE' } } });
  await express.call('DeleteCluster', { cluster: 'default' });
  await express.call('CreateExpressGatewayService', CREATE);
  const { clusters = [] } = await express.call('DescribeClusters', { include: ['CONFIGURATIONS', 'SETTINGS'] });
  const { status, configuration, settings } = must(clusters[0]);
  assert.deepEqual(
    [status, configuration, settings],
    ['ACTIVE', undefined, [{ name: 'containerInsights', value: 'disabled' }]],
  );
});

test('an update rolls out what has changed, and only that', async (t) => {
  const express = open(t);
  const arn = await express.create();
  await made(express, arn);
  const before = await service(express);
  await express.call('UpdateExpressGatewayService', {
    serviceArn: arn,
    healthCheckPath: '/health',
    scalingTarget: { minTaskCount: 2, maxTaskCount: 4, autoScalingMetric: 'REQUEST_COUNT_PER_TARGET' },
  });
  await express.until(async () => [...express.ingress.scaled.values()][0]?.MaxCapacity === 4);
  assert.deepEqual([...express.ingress.targetGroups.values()], ['/health', '/health']);
  assert.equal((await service(express)).taskDefinition, before.taskDefinition);
  const { service: updated } = await express.call('UpdateExpressGatewayService', {
    serviceArn: arn,
    primaryContainer: { image: 'httpd:2.5' },
  });
  const wanted = must(updated?.targetConfiguration?.taskDefinitionArn);
  assert.notEqual(wanted, before.taskDefinition);
  await express.until(async () => (await service(express)).taskDefinition === wanted);
  const { activeConfigurations = [] } = await express.describe(arn);
  const images = new Set(activeConfigurations.map((one) => one.primaryContainer?.image));
  assert.deepEqual(images, new Set(['httpd:2.5', 'httpd:2.4']));
  assert.equal(activeConfigurations[0]?.scalingTarget?.maxTaskCount, 4);
});

/** The share of the traffic that each target group has, one after the other. */
function sharesOf(express: TestExpress): string {
  const [listener] = express.ingress.balancers.values();
  const weights = listener?.rules[0]?.weights as { Weight: number }[] | undefined;
  return weights?.map(({ Weight }) => Weight).join('/') ?? '';
}

async function deploymentOf(express: TestExpress) {
  const serviceDeploymentArns = [must((await service(express)).currentServiceDeployment)];
  const answer = await express.call('DescribeServiceDeployments', { serviceDeploymentArns });
  return must(answer.serviceDeployments?.[0]);
}

async function updating(express: TestExpress): Promise<number> {
  const serviceArn = await express.create();
  await made(express, serviceArn);
  await express.call('UpdateExpressGatewayService', { serviceArn, primaryContainer: { image: 'httpd:2.5' } });
  await express.until(async () => sharesOf(express) === '95/5');
  return express.clock.now();
}

test('what is new has a twentieth of the traffic for three minutes, then all of it, and is watched for three more', async (t) => {
  const express = open(t);
  const begun = await updating(express);
  const { deploymentConfiguration: how } = await service(express);
  assert.deepEqual([how?.strategy, how?.bakeTimeInMinutes, how?.alarms?.rollback], ['CANARY', 3, true]);
  const minutes = () => Math.floor((express.clock.now() - begun) / 60_000);
  await express.until(async () => sharesOf(express) === '0/100');
  assert.equal(minutes(), 3);
  await express.until(async () => (await deploymentOf(express)).status === 'SUCCESSFUL');
  assert.equal(minutes(), 6);
});

test('an alarm gives the traffic back, and the image that it came from', async (t) => {
  const express = open(t);
  await updating(express);
  for (const name of express.ingress.alarms.keys()) express.ingress.alarms.set(name, 'ALARM');
  await express.until(async () => (await deploymentOf(express)).status === 'ROLLBACK_SUCCESSFUL');
  assert.equal(sharesOf(express), '100/0');
  const { taskDefinition = '', deployments = [] } = await service(express);
  assert.deepEqual([taskDefinition.split(':').at(-1), deployments.length], ['1', 1]);
});

test('how it rolls out is changed with UpdateService, and stays so', async (t) => {
  const express = open(t);
  const serviceArn = await express.create();
  await made(express, serviceArn);
  const deploymentConfiguration = { canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 0 } };
  await express.call('UpdateService', { service: 'web', deploymentConfiguration });
  await express.call('UpdateExpressGatewayService', { serviceArn, primaryContainer: { image: 'httpd:2.5' } });
  await express.until(async () => sharesOf(express) === '0/100');
  assert.equal((await service(express)).deploymentConfiguration?.canaryConfiguration?.canaryPercent, 50);
});

test('services of the same subnets share a load balancer, which goes with the last of them', async (t) => {
  const express = open(t);
  const web = await express.create();
  await made(express, web);
  const api = await express.create({ serviceName: 'api' });
  await made(express, api);
  assert.equal(express.ingress.balancers.size, 1);
  const [listener] = express.ingress.balancers.values();
  assert.equal(listener?.certificates.length, 2);
  await remove(express, web);
  await express.until(async () => (await statusOf(express, web)) === 'INACTIVE');
  const [left] = express.ingress.balancers.values();
  assert.deepEqual(
    left?.rules.map((rule) => rule.host.split('-')[0]),
    ['api'],
  );
  assert.equal(left?.certificates.length, 1);
  assert.equal((await express.describe(web)).activeConfigurations?.length, 0);
  await remove(express, api);
  await express.until(async () => (await statusOf(express, api)) === 'INACTIVE');
  assert.deepEqual(express.ingress.list(), []);
  const { taskDefinitionArns } = await express.call('ListTaskDefinitions', { status: 'ACTIVE' });
  assert.deepEqual(taskDefinitionArns, []);
});

test('a service is deleted though a task definition that it ran once is gone', async (t) => {
  const express = open(t);
  const arn = await express.create();
  await made(express, arn);
  await express.call('UpdateExpressGatewayService', { serviceArn: arn, primaryContainer: { image: 'httpd:2.5' } });
  await express.until(async () => sharesOf(express) === '0/100');
  await express.until(async () => (await deploymentOf(express)).status === 'SUCCESSFUL');
  const taskDefinition = 'default-web:1';
  await express.call('DeregisterTaskDefinition', { taskDefinition });
  await express.call('DeleteTaskDefinitions', { taskDefinitions: [taskDefinition] });
  await express.until(async () => {
    const { taskArns: tasks = [] } = await express.call('ListTasks', { desiredStatus: 'STOPPED' });
    const [old] = tasks.length > 0 ? ((await express.call('DescribeTasks', { tasks })).tasks ?? []) : [];
    return old?.lastStatus === 'STOPPED';
  });
  express.clock.advance(RETENTION_MS + 1);
  await express.reconcile();
  await assert.rejects(express.call('DescribeTaskDefinition', { taskDefinition }), /Unable to describe/);
  await remove(express, arn);
  await express.until(async () => (await statusOf(express, arn)) === 'INACTIVE');
  assert.deepEqual(express.ingress.list(), []);
});

test('what is there already is not made twice, and may be made anew once it is deleted', async (t) => {
  const express = open(t);
  const arn = await express.create();
  await assert.rejects(express.create(), /Creation of service was not idempotent/);
  await remove(express, arn);
  await assert.rejects(remove(express, arn), { code: 'ServiceNotActiveException' });
  await express.until(async () => (await statusOf(express, arn)) === 'INACTIVE');
  assert.equal(await express.create(), arn);
  assert.equal(await statusOf(express, arn), 'ACTIVE');
});

/**
 * An Express service from its creation to its end.
 * @param crashAt the call, before or after it, at which there is a crash, once
 * @returns the calls before which something changed that outlasts a crash: two with the same are one place
 */
async function life(crashAt?: number): Promise<readonly number[]> {
  const places: number[] = [];
  let calls = 0;
  let changes = 0;
  let before = '';
  const express = openTestExpress(() => {
    calls += 1;
    if (calls === crashAt) throw new Error('cut off here');
    const lasting = JSON.stringify([changes, express.ingress.list(), [...express.ingress.balancers]]);
    if (lasting !== before) places.push(calls);
    before = lasting;
  });
  express.store.watch(() => (changes += 1));
  const arn = await insist(() => express.create());
  await made(express, arn);
  assert.equal(express.ingress.list().length, 10, `cut off at call ${crashAt}`);
  await insist(() => remove(express, arn));
  await express.until(async () => (await statusOf(express, arn)) === 'INACTIVE');
  assert.deepEqual(express.ingress.list(), [], `cut off at call ${crashAt}`);
  await express.close();
  return places;
}

test('a crash before or after any call: the same parts stand in the end, and the same are gone', async () => {
  const places = await life();
  assert.ok(places.length > 30, `${places.length} places`);
  for (const at of places) await life(at);
});

async function insist<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    return ask();
  }
}

test('subnets without a way out make a private endpoint', async (t) => {
  const express = open(t);
  express.ingress.routesOut = false;
  const arn = await express.create({ networkConfiguration: { subnets: ['subnet-a', 'subnet-b'] } });
  const { activeConfigurations = [] } = await express.describe(arn);
  assert.equal(activeConfigurations[0]?.ingressPaths?.[0]?.accessType, 'PRIVATE');
  await made(express, arn);
  assert.equal((await service(express)).networkConfiguration?.awsvpcConfiguration?.assignPublicIp, 'DISABLED');
});

test("a caller's own task definition needs a container Main with one named port", async (t) => {
  const express = open(t);
  const register = async (name: string, port: object) => {
    const { taskDefinition } = await express.call('RegisterTaskDefinition', {
      family: 'own',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '512',
      memory: '1024',
      containerDefinitions: [{ name, image: 'i', portMappings: [{ containerPort: 8080, ...port }] }],
    });
    return must(taskDefinition?.taskDefinitionArn);
  };
  const create = (taskDefinitionArn: string, change: object = {}) =>
    express.call('CreateExpressGatewayService', {
      serviceName: 'own',
      infrastructureRoleArn: INFRASTRUCTURE_ROLE,
      taskDefinitionArn,
      ...change,
    });
  await assert.rejects(create(await register('web', { name: 'web' })), /must have a container named Main/);
  await assert.rejects(create(await register('Main', {})), /a container port and a port name/);
  const fit = await register('Main', { name: 'main' });
  await assert.rejects(create(fit, { cpu: '256' }), /You cannot specify cpu together with taskDefinitionArn/);
  const { service: answer } = await create(fit);
  assert.equal(answer?.activeConfigurations?.[0]?.cpu, '512');
  await made(express, must(answer?.serviceArn));
  assert.equal((await service(express, 'own')).loadBalancers?.[0]?.containerPort, 8080);
  assert.equal(express.ingress.logGroups.size, 0);
});

test('what cannot work is refused by name', async (t) => {
  const express = open(t);
  const refused = (change: object, message: RegExp) => assert.rejects(express.create(change), message);
  await refused({ primaryContainer: undefined }, /primaryContainer.image must be specified/);
  await refused({ executionRoleArn: undefined }, /executionRoleArn must be specified/);
  await refused({ healthCheckPath: 'ping' }, /must start with a forward slash/);
  await refused({ scalingTarget: { minTaskCount: 5, maxTaskCount: 2 } }, /minTaskCount/);
  await refused({ serviceName: 'a b' }, /serviceName/);
  await refused({ infrastructureRoleArn: 'x' }, /must be the ARN of an IAM role/);
  await refused({ networkConfiguration: { subnets: ['subnet-a'] } }, /two different Availability Zones/);
  await refused({ cluster: 'other' }, /Cluster not found/);
  express.untrusting.add(INFRASTRUCTURE_ROLE);
  await refused({}, /unable to assume the infrastructure role/);
  express.untrusting.clear();
  express.ingress.isDefaultVpcThere = false;
  await refused({}, /There is no default VPC/);
});
