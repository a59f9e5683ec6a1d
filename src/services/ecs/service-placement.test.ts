import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { serviceStory } from './service-story.ts';
import { must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { ON_BRIDGE, describeInstance, joinInstance, tasksByInstance } from './testing-instances.ts';
import { goOn } from './testing-world.ts';

let ecs: TestEcs;
beforeEach(async () => {
  ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', ON_BRIDGE);
});
afterEach(() => ecs.close());

const create = (change: object = {}) =>
  ecs.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'bridge',
    launchType: 'EC2',
    desiredCount: 2,
    ...change,
  });
const service = async () => must((await ecs.call('DescribeServices', { services: ['web'] })).services?.[0]);
const isSteady = async () => (await service()).events?.[0]?.message?.endsWith('has reached a steady state.') === true;
const drain = (arn: string, status: 'DRAINING' | 'ACTIVE' = 'DRAINING') =>
  ecs.call('UpdateContainerInstancesState', { containerInstances: [arn], status });
const said = async (text: RegExp) => ((await service()).events ?? []).filter(({ message = '' }) => text.test(message));

test('a service spreads its tasks over zones, and shows how it places them', async () => {
  const first = await joinInstance(ecs, 'i-1');
  const second = await joinInstance(ecs, 'i-2', 'us-east-1b');
  await create({ placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.os-type == linux' }] });
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 1, [second]: 1 });
  const seen = await service();
  assert.deepEqual(
    [seen.launchType, seen.platformVersion, seen.networkConfiguration, seen.schedulingStrategy],
    ['EC2', undefined, undefined, 'REPLICA'],
  );
  assert.equal(seen.placementConstraints?.[0]?.type, 'memberOf');
});

test('tasks that find no instance wait, and the service says why; they start once there is room', async () => {
  await create();
  await ecs.reconcile();
  const none = await said(/was unable to place a task because no container instance met all of its requirements/);
  assert.match(must(none[0]?.message), /Reason: No Container Instances were found in your cluster\./);
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.equal((await said(/unable to place/)).length, 1);
  const small = {
    totalResources: [
      { name: 'CPU', integerValue: 100 },
      { name: 'MEMORY', integerValue: 2048 },
    ],
  };
  const arn = await joinInstance(ecs, 'i-1', 'us-east-1a', small);
  await ecs.reconcile();
  const id = must(arn.split('/').at(-1));
  const message = must((await said(/unable to place/))[0]?.message);
  assert.ok(message.includes(`The closest matching (container-instance ${id}) has insufficient CPU units available.`));
  const story = await serviceStory(ecs.store, ecs.clock, must((await service()).serviceArn));
  assert.match(
    must(story?.why),
    /^2 tasks find no container instance\. [0-9a-f]{32}: RESOURCE:CPU: it needs 256 CPU units/,
  );
  assert.deepEqual(
    story?.instances.map((one) => one.arn),
    [arn],
  );
  await joinInstance(ecs, 'i-2');
  await goOn(ecs, isSteady);
  assert.equal((await service()).runningCount, 2);
});

test('draining moves tasks: new ones run elsewhere before the old ones leave; tasks of nobody stay', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await create();
  const { tasks: [alone] = [] } = await ecs.call('RunTask', { taskDefinition: 'bridge', launchType: 'EC2' });
  await goOn(ecs, isSteady);
  await drain(first);
  const second = await joinInstance(ecs, 'i-2');
  await ecs.reconcile();
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 3, [second]: 2 });
  await goOn(ecs, async () => (await describeInstance(ecs, first)).runningTasksCount === 1);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 1, [second]: 2 });
  assert.equal((await ecs.task(must(alone?.taskArn))).desiredStatus, 'RUNNING');
  await goOn(ecs, isSteady);
});

test('draining below the minimum stops tasks first; what is readmitted stays', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await create({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } });
  await goOn(ecs, isSteady);
  await drain(first);
  await ecs.reconcile();
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 1 });
  await drain(first, 'ACTIVE');
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 2 });
});

test('a task on a bridge is a target by its instance and its host port', async () => {
  await joinInstance(ecs, 'i-1');
  const group = ecs.aws.addTargetGroup('web', { TargetType: 'instance' });
  const loadBalancers = [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }];
  await create({ loadBalancers, desiredCount: 1 });
  await ecs.reconcile();
  const { taskArns: [arn = ''] = [] } = await ecs.call('ListTasks', {});
  const binding = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 40_000, protocol: 'tcp' as const };
  await ecs.report(arn, 'RUNNING', { container: { networkBindings: [binding] } });
  await ecs.reconcile();
  assert.deepEqual([...must(ecs.aws.targetGroups.get(group)).targets.keys()], ['i-1:40000']);
  await assert.rejects(
    create({
      serviceName: 'other',
      loadBalancers: [{ ...loadBalancers[0], targetGroupArn: ecs.aws.addTargetGroup('ip') }],
    }),
    /has target type ip, which is incompatible with the bridge network mode/,
  );
});

test('a daemon has one task on each instance, comes with it and leaves as it drains', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await create({ desiredCount: undefined, schedulingStrategy: 'DAEMON' });
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 1 });
  const second = await joinInstance(ecs, 'i-2');
  await goOn(ecs, async () => (await service()).runningCount === 2);
  const seen = await service();
  assert.deepEqual([seen.desiredCount, seen.schedulingStrategy], [2, 'DAEMON']);
  const list = async (schedulingStrategy: 'DAEMON' | 'REPLICA') =>
    (await ecs.call('ListServices', { schedulingStrategy })).serviceArns;
  assert.deepEqual([await list('DAEMON'), await list('REPLICA')], [[seen.serviceArn], []]);
  assert.deepEqual(seen.deploymentConfiguration?.maximumPercent, 100);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 1, [second]: 1 });
  await drain(first);
  await goOn(ecs, async () => (await tasksByInstance(ecs))[first] === undefined);
  assert.deepEqual(await tasksByInstance(ecs), { [second]: 1 });
  assert.equal((await service()).desiredCount, 1);
  assert.equal((await ecs.call('DeleteService', { service: 'web' })).service?.status, 'DRAINING');
});

test('a new deployment of a daemon replaces each task', async () => {
  await joinInstance(ecs, 'i-1');
  await joinInstance(ecs, 'i-2');
  await create({ desiredCount: undefined, schedulingStrategy: 'DAEMON' });
  await goOn(ecs, isSteady);
  await ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  await goOn(ecs, async () => (await service()).deployments?.[0]?.rolloutState === 'COMPLETED');
  const seen = await service();
  assert.deepEqual([seen.runningCount, seen.deployments?.length], [2, 1]);
  assert.deepEqual(Object.values(await tasksByInstance(ecs)), [1, 1]);
});

test('what a daemon, or Fargate, cannot be is refused', async () => {
  const daemon = (change: object) => create({ schedulingStrategy: 'DAEMON', desiredCount: undefined, ...change });
  await assert.rejects(daemon({ desiredCount: 1 }), /does not support a desired count for services/);
  await assert.rejects(
    daemon({ placementStrategy: [{ type: 'random' }] }),
    /does not support a placement strategy for services/,
  );
  await assert.rejects(
    daemon({ launchType: 'FARGATE', taskDefinition: 'site' }),
    /do not support the DAEMON scheduling strategy/,
  );
  await assert.rejects(
    create({ launchType: 'FARGATE', taskDefinition: 'site', placementStrategy: [{ type: 'random' }] }),
    /Placement strategies are not supported with FARGATE/,
  );
});

test('a terminated instance leaves its cluster, and its tasks are replaced', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await create();
  await goOn(ecs, isSteady);
  const second = await joinInstance(ecs, 'i-2');
  await ecs.call('DeregisterContainerInstance', { containerInstance: first, force: true });
  await goOn(ecs, async () => (await service()).runningCount === 2 && isSteady());
  assert.deepEqual(await tasksByInstance(ecs), { [second]: 2 });
});

test('tasks move to another zone once an instance there has room, and not to where there is none', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await create({ desiredCount: 4 });
  await goOn(ecs, isSteady);
  assert.equal((await service()).availabilityZoneRebalancing, 'ENABLED');
  const full = [
    { name: 'CPU', integerValue: 100 },
    { name: 'MEMORY', integerValue: 2048 },
  ];
  await joinInstance(ecs, 'i-9', 'us-east-1c', { totalResources: full });
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 4 });
  const second = await joinInstance(ecs, 'i-2', 'us-east-1b');
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 4, [second]: 2 });
  await goOn(ecs, async () => (await said(/is AZ balanced/)).length === 1);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 2, [second]: 2 });
  const events = ((await service()).events ?? []).map(({ message = '' }) => message).toReversed();
  const about = events.filter((message) => /AZ/.test(message)).map((one) => one.replaceAll(/ ?\(task \w+\)/g, ''));
  assert.deepEqual(about, [
    '(service web) is not AZ balanced with 4 tasks in us-east-1a and 0 tasks in us-east-1b. AZ Rebalancing in progress.',
    '(service web) has started 2 tasks in us-east-1b to AZ Rebalance:.',
    '(service web) has stopped 2 running tasks in us-east-1a to AZ rebalance:.',
    '(service web) is AZ balanced with 2 tasks in us-east-1a and 2 tasks in us-east-1b.',
  ]);
});

test('what cannot change zones is told so, and does not unless it was asked for', async () => {
  await joinInstance(ecs, 'i-1');
  const binpack = { placementStrategy: [{ type: 'binpack' as const, field: 'memory' }] };
  await create(binpack);
  assert.equal((await service()).availabilityZoneRebalancing, 'DISABLED');
  const inZone = { type: 'memberOf' as const, expression: 'attribute:ecs.availability-zone == us-east-1a' };
  for (const [change, why] of [
    [binpack, /first placement strategy is not to spread over attribute:ecs\.availability-zone/],
    [{ placementConstraints: [inZone] }, /placement constraint of attribute:ecs\.availability-zone/],
    [{ schedulingStrategy: 'DAEMON', desiredCount: undefined }, /not supported for services/],
    [{ deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 50 } }, /maximumPercent of 100 or less/],
  ] as const) {
    const asked = create({ serviceName: 'other', availabilityZoneRebalancing: 'ENABLED', ...change });
    await assert.rejects(asked, { message: why });
  }
  await assert.rejects(
    ecs.call('UpdateService', { service: 'web', availabilityZoneRebalancing: 'ENABLED' }),
    /first placement strategy/,
  );
  await ecs.call('UpdateService', { service: 'web', placementStrategy: [], availabilityZoneRebalancing: 'ENABLED' });
  await ecs.call('UpdateService', { service: 'web', ...binpack });
  assert.equal((await service()).availabilityZoneRebalancing, 'DISABLED', 'not against what is asked for now');
});
