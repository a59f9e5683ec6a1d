import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { clusterCapacities } from './running-tasks.ts';
import { openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import {
  ON_BRIDGE,
  describeInstance,
  joinInstance,
  registration,
  resourceOf,
  tasksByInstance,
} from './testing-instances.ts';

let ecs: TestEcs;
beforeEach(async () => {
  ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', ON_BRIDGE);
});
afterEach(() => ecs.close());

const run = (change: object = {}) => ecs.call('RunTask', { taskDefinition: 'bridge', launchType: 'EC2', ...change });
const refused = (promise: Promise<unknown>, code: string, message: RegExp) =>
  assert.rejects(promise, (error: Error & { code?: string }) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

test('an instance is registered with its resources, attributes and tags', async () => {
  const arn = await joinInstance(ecs, 'i-1', 'us-east-1b', { tags: [{ key: 'team', value: 'web' }] });
  assert.match(arn, /^arn:aws:ecs:us-east-1:123456789012:container-instance\/default\/[0-9a-f]{32}$/);
  const seen = await describeInstance(ecs, arn);
  assert.deepEqual(
    [seen.ec2InstanceId, seen.status, seen.agentConnected, seen.runningTasksCount, seen.versionInfo?.agentVersion],
    ['i-1', 'ACTIVE', true, 0, '1.99.0'],
  );
  assert.equal(resourceOf(seen, 'registered', 'CPU'), 1024);
  assert.deepEqual(resourceOf(seen, 'remaining', 'PORTS'), ['22', '2376', '2375', '51678', '51679']);
  const zone = seen.attributes?.find(({ name }) => name === 'ecs.availability-zone');
  assert.equal(zone?.value, 'us-east-1b');
  const { clusters = [] } = await ecs.call('DescribeClusters', {});
  assert.equal(clusters[0]?.registeredContainerInstancesCount, 1);
  const { tags } = await ecs.call('ListTagsForResource', { resourceArn: arn });
  assert.deepEqual(tags, [{ key: 'team', value: 'web' }]);
});

test('registering again answers the same instance, with what was put on it', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  await ecs.call('PutAttributes', { attributes: [{ name: 'stack', value: 'prod', targetId: arn }] });
  assert.equal(await joinInstance(ecs, 'i-1'), arn);
  const { attributes = [] } = await ecs.call('ListAttributes', {
    targetType: 'container-instance',
    attributeName: 'stack',
  });
  assert.deepEqual(attributes, [{ name: 'stack', value: 'prod', targetId: arn }]);
});

test('an instance cannot be registered in one cluster by its ARN of another', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  await ecs.call('CreateCluster', { clusterName: 'mine' });
  const elsewhere = registration('i-1', { cluster: 'mine', containerInstanceArn: arn, versionInfo: {} });
  await refused(ecs.call('RegisterContainerInstance', elsewhere), 'ClientException', /cluster mine/);
  assert.equal((await describeInstance(ecs, arn)).versionInfo?.agentVersion, '1.99.0');
  assert.deepEqual((await ecs.call('ListContainerInstances', { cluster: 'mine' })).containerInstanceArns, []);
  assert.equal(await joinInstance(ecs, 'i-1', undefined, { containerInstanceArn: arn }), arn);
});

test('a document of another account, or of an instance that is not there, registers nothing', async () => {
  const document = JSON.stringify({ instanceId: 'i-1', region: 'us-east-1', accountId: '210987654321' });
  await refused(
    ecs.call('RegisterContainerInstance', registration('i-1', { instanceIdentityDocument: document })),
    'ClientException',
    /another account/,
  );
  await refused(ecs.call('RegisterContainerInstance', registration('i-2')), 'ClientException', /not running/);
});

test('a task takes its share of the instance, and its host ports', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  const fixed = { ...ON_BRIDGE.containerDefinitions?.[0], portMappings: [{ containerPort: 80, hostPort: 8080 }] };
  await ecs.call('RegisterTaskDefinition', { ...ON_BRIDGE, family: 'fixed', containerDefinitions: [fixed] });
  const { tasks = [], failures } = await run({ taskDefinition: 'fixed', count: 2 });
  assert.equal(tasks.length, 1);
  assert.deepEqual(failures, [{ arn, reason: 'RESOURCE:PORTS' }]);
  assert.deepEqual(
    [tasks[0]?.containerInstanceArn, tasks[0]?.launchType, tasks[0]?.lastStatus, tasks[0]?.cpu, tasks[0]?.memory],
    [arn, 'EC2', 'PENDING', '256', '512'],
  );
  const seen = await describeInstance(ecs, arn);
  assert.deepEqual([resourceOf(seen, 'remaining', 'CPU'), resourceOf(seen, 'remaining', 'MEMORY')], [768, 1536]);
  assert.ok((resourceOf(seen, 'remaining', 'PORTS') as string[]).includes('8080'));
  assert.equal(seen.pendingTasksCount, 1);
});

test('what does not fit is said of each instance', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  const wish = { count: 5, clientToken: 'token' };
  const { tasks = [], failures } = await run(wish);
  assert.equal(tasks.length, 4);
  assert.deepEqual(failures, [{ arn, reason: 'RESOURCE:CPU' }]);
  const again = await run(wish);
  assert.deepEqual([again.tasks, again.failures], [tasks, failures], 'a retry is told the same');
  const none = { count: 1, clientToken: 'none' };
  assert.deepEqual([(await run(none)).failures, (await run(none)).failures], [failures, failures]);
});

test('instances that drain are as if they were not there', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  await ecs.call('UpdateContainerInstancesState', { containerInstances: [arn], status: 'DRAINING' });
  await refused(run(), 'InvalidParameterException', /^No Container Instances were found in your cluster\.$/);
});

test('binpack fills one instance, spread takes turns', async () => {
  const first = await joinInstance(ecs, 'i-1');
  const second = await joinInstance(ecs, 'i-2', 'us-east-1b');
  await run({ count: 4, placementStrategy: [{ type: 'spread', field: 'instanceId' }] });
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 2, [second]: 2 });
  await run({ count: 2, placementStrategy: [{ type: 'binpack', field: 'cpu' }] });
  assert.deepEqual(
    Object.values(await tasksByInstance(ecs)).toSorted((a, b) => a - b),
    [2, 4],
  );
});

test('constraints choose instances', async () => {
  await joinInstance(ecs, 'i-1');
  const second = await joinInstance(ecs, 'i-2', 'us-east-1b');
  const expression = 'attribute:ecs.availability-zone == us-east-1b';
  const { tasks = [] } = await run({ count: 2, placementConstraints: [{ type: 'memberOf', expression }] });
  assert.deepEqual(
    tasks.map((task) => task.containerInstanceArn),
    [second, second],
  );
  const { containerInstanceArns } = await ecs.call('ListContainerInstances', { filter: expression });
  assert.deepEqual(containerInstanceArns, [second]);
  const distinct = await run({ count: 3, group: 'one', placementConstraints: [{ type: 'distinctInstance' }] });
  assert.equal(distinct.tasks?.length, 2);
});

test('a task on a bridge is started on its instance, and its bindings are shown', async () => {
  await joinInstance(ecs, 'i-1');
  const { tasks: [task] = [] } = await run();
  const arn = task?.taskArn ?? '';
  await ecs.reconcile();
  const spec = ecs.executor.specs.get(arn);
  assert.equal(spec?.instanceId, 'i-1');
  assert.deepEqual(spec?.network, { mode: 'bridge' });
  assert.equal(spec?.cpuUnits, undefined);
  assert.deepEqual(spec?.containers[0]?.ports, [{ containerPort: 80, protocol: 'tcp' }]);
  const binding = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' as const };
  await ecs.report(arn, 'RUNNING', { container: { networkBindings: [binding] } });
  const seen = await ecs.task(arn);
  assert.deepEqual(seen.containers?.[0]?.networkBindings, [binding]);
  assert.equal(seen.lastStatus, 'RUNNING');
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  await ecs.report(arn, 'STOPPED');
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  assert.ok(!ecs.aws.heard.includes('ec2:CreateNetworkInterface'));
});

test('a task in awsvpc mode gets an interface in a zone of its instance', async () => {
  await joinInstance(ecs, 'i-1', 'us-east-1b');
  await ecs.call('RegisterTaskDefinition', { ...ON_BRIDGE, family: 'own', networkMode: 'awsvpc' });
  const subnets = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'] } } };
  const { tasks: [task] = [] } = await run({ taskDefinition: 'own', ...subnets });
  const details = task?.attachments?.[0]?.details ?? [];
  assert.equal(details.find(({ name }) => name === 'subnetId')?.value, 'subnet-b');
  await ecs.reconcile();
  assert.equal(ecs.executor.specs.get(task?.taskArn ?? '')?.network.mode, 'awsvpc');
});

test('what an instance cannot run is refused', async () => {
  await joinInstance(ecs, 'i-1');
  const network = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } } };
  await refused(run(network), 'InvalidParameterException', /not valid for the given networkMode/);
  await refused(run({ platformVersion: '1.4.0' }), 'InvalidParameterException', /platform version must be null/);
});

test('StartTask puts a task on the instances that are named', async () => {
  const first = await joinInstance(ecs, 'i-1');
  const { tasks = [], failures = [] } = await ecs.call('StartTask', {
    taskDefinition: 'bridge',
    containerInstances: [first, 'gone'],
  });
  assert.deepEqual(
    tasks.map((task) => task.containerInstanceArn),
    [first],
  );
  assert.deepEqual(
    failures.map(({ reason }) => reason),
    ['MISSING'],
  );
});

test('an instance with tasks is deregistered by force only', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  const { tasks: [task] = [] } = await run();
  const leave = (force: boolean) => ecs.call('DeregisterContainerInstance', { containerInstance: arn, force });
  await refused(leave(false), 'InvalidParameterException', /^Found running tasks on the instance\.$/);
  await refused(
    ecs.call('DeleteCluster', { cluster: 'default' }),
    'ClusterContainsContainerInstancesException',
    /Container Instances/,
  );
  const { containerInstance } = await leave(true);
  assert.equal(containerInstance?.status, 'INACTIVE');
  assert.equal((await ecs.task(task?.taskArn ?? '')).desiredStatus, 'STOPPED');
  await refused(ecs.call('RegisterContainerInstance', registration('i-1')), 'ClientException', /is INACTIVE/);
});

test('attributes are put, listed and deleted; those of ECS are not', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  const id = arn.split('/').at(-1) ?? '';
  const attribute = { name: 'stack', value: 'prod', targetType: 'container-instance' as const, targetId: id };
  await ecs.call('PutAttributes', { attributes: [attribute] });
  const filter = 'attribute:stack == prod';
  assert.deepEqual((await ecs.call('ListContainerInstances', { filter })).containerInstanceArns, [arn]);
  await ecs.call('DeleteAttributes', { attributes: [attribute] });
  assert.deepEqual((await ecs.call('ListContainerInstances', { filter })).containerInstanceArns, []);
  await refused(
    ecs.call('PutAttributes', { attributes: [{ ...attribute, name: 'ecs.ami-id' }] }),
    'InvalidParameterException',
    /reserved/,
  );
  await refused(
    ecs.call('PutAttributes', { attributes: [{ ...attribute, targetId: 'gone' }] }),
    'TargetNotFoundException',
    /target/,
  );
});

test('there is never an update of the agent', async () => {
  const arn = await joinInstance(ecs, 'i-1');
  await refused(
    ecs.call('UpdateContainerAgent', { containerInstance: arn }),
    'NoUpdateAvailableException',
    /no update/,
  );
});

test('what a cluster’s instances have, and its tasks have reserved, is measured', async () => {
  assert.deepEqual(await clusterCapacities(ecs.store)(), []);
  await joinInstance(ecs, 'i-1');
  await joinInstance(ecs, 'i-2');
  await ecs.call('RunTask', { taskDefinition: 'bridge', launchType: 'EC2', count: 2 });
  const [{ clusterName, ...capacity } = { clusterName: '' }] = await clusterCapacities(ecs.store)();
  assert.equal(clusterName, 'default');
  assert.deepEqual(capacity, {
    account: '123456789012',
    region: 'us-east-1',
    cpuUnits: 2048,
    memoryMib: 4096,
    reservedCpuUnits: 512,
    reservedMemoryMib: 1024,
  });
});
