import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { TaskSet } from '@aws-sdk/client-ecs';
import { taskDefinitions } from './tables.ts';
import { must, NETWORK, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { boundWrites, goOn } from './testing-world.ts';

const WEB = { cluster: 'default', service: 'web' };
const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:1';
const EXTERNAL = { type: 'EXTERNAL' } as const;

async function open(t: TestContext, desiredCount = 3): Promise<TestEcs> {
  const ecs = await openTestSite();
  t.after(() => ecs.close());
  await ecs.call('CreateService', { serviceName: 'web', desiredCount, deploymentController: EXTERNAL });
  return ecs;
}

async function create(ecs: TestEcs, change: object = {}): Promise<string> {
  const { taskSet } = await ecs.call('CreateTaskSet', {
    ...WEB,
    taskDefinition: 'site',
    launchType: 'FARGATE',
    networkConfiguration: NETWORK,
    ...change,
  });
  return must(taskSet?.id);
}

async function sets(ecs: TestEcs): Promise<TaskSet[]> {
  return (await ecs.call('DescribeTaskSets', WEB)).taskSets ?? [];
}

const one = async (ecs: TestEcs, id: string) => must((await sets(ecs)).find((set) => set.id === id));
const steady = (ecs: TestEcs, id: string) => async () => (await one(ecs, id)).stabilityStatus === 'STEADY_STATE';
const service = async (ecs: TestEcs) => must((await ecs.call('DescribeServices', { services: ['web'] })).services?.[0]);

test('a task set has its share of the desired count, rounded up, and follows it', async (t) => {
  const ecs = await open(t);
  const id = await create(ecs, { scale: { value: 50, unit: 'PERCENT' }, externalId: 'blue' });
  const made = await one(ecs, id);
  assert.match(must(made.taskSetArn), /:task-set\/default\/web\/ecs-svc\/\d{19}$/);
  assert.equal(made.computedDesiredCount, 2);
  assert.equal(made.stabilityStatus, 'STABILIZING');
  await goOn(ecs, steady(ecs, id));
  assert.equal((await one(ecs, id)).runningCount, 2);
  await ecs.call('UpdateTaskSet', { ...WEB, taskSet: id, scale: { value: 100, unit: 'PERCENT' } });
  assert.equal((await one(ecs, id)).stabilityStatus, 'STABILIZING');
  await goOn(ecs, steady(ecs, id));
  assert.equal((await one(ecs, id)).runningCount, 3);
  await ecs.call('UpdateService', { ...WEB, desiredCount: 1 });
  await goOn(ecs, steady(ecs, id));
  assert.equal((await one(ecs, id)).runningCount, 1);
  assert.equal((await service(ecs)).runningCount, 1);
});

test('traffic moves from one set to the next, and the service shows the primary one', async (t) => {
  const ecs = await open(t, 2);
  const groups = ['blue', 'green'].map((name) => ecs.aws.addTargetGroup(name));
  const balanced = (at: number) => ({
    loadBalancers: [{ targetGroupArn: groups[at], containerName: 'web', containerPort: 80 }],
  });
  const blue = await create(ecs, balanced(0));
  await ecs.call('UpdateServicePrimaryTaskSet', { ...WEB, primaryTaskSet: blue });
  await goOn(ecs, steady(ecs, blue));
  const green = await create(ecs, balanced(1));
  await goOn(ecs, steady(ecs, green));
  const targets = groups.map((group) => ecs.aws.targetGroups.get(must(group))?.targets.size);
  assert.deepEqual(targets, [2, 2]);
  await ecs.call('UpdateServicePrimaryTaskSet', { ...WEB, primaryTaskSet: green });
  const seen = await service(ecs);
  assert.deepEqual(seen.deploymentController, EXTERNAL);
  assert.deepEqual(seen.deployments, []);
  assert.equal(seen.loadBalancers?.[0]?.targetGroupArn, groups[1]);
  assert.deepEqual(
    new Map(seen.taskSets?.map((set) => [set.id, set.status])),
    new Map([
      [blue, 'ACTIVE'],
      [green, 'PRIMARY'],
    ]),
  );
  await assert.rejects(ecs.call('DeleteTaskSet', { ...WEB, taskSet: blue }), /scaled above 0/);
  const { taskSet } = await ecs.call('DeleteTaskSet', { ...WEB, taskSet: blue, force: true });
  assert.equal(taskSet?.status, 'DRAINING');
  await goOn(ecs, async () => (await sets(ecs)).length === 1);
  assert.equal((await service(ecs)).runningCount, 2);
});

test('a task that stops or gets unhealthy is replaced, later and later while it keeps failing', async (t) => {
  const ecs = await open(t, 1);
  const id = await create(ecs);
  await goOn(ecs, steady(ecs, id));
  const before = [...ecs.executor.specs.keys()];
  const failure = { stopCode: 'EssentialContainerExited' as const, stoppedReason: 'it ended' };
  await ecs.report(must(before[0]), 'STOPPED', failure);
  await goOn(ecs, async () => ecs.executor.specs.size > before.length && (await steady(ecs, id)()));
  assert.equal((await one(ecs, id)).runningCount, 1);
});

test('a set whose task definition is gone starts nothing, and is not written again and again', async (t) => {
  const ecs = await open(t, 1);
  const id = await create(ecs, { scale: { value: 0, unit: 'PERCENT' } });
  await ecs.reconcile();
  await ecs.store.write((tx) => tx.delete(taskDefinitions, DEFINITION));
  await ecs.call('UpdateTaskSet', { ...WEB, taskSet: id, scale: { value: 100, unit: 'PERCENT' } });
  const writes = boundWrites(ecs, 100);
  await ecs.reconcile();
  assert.ok(writes() < 10, `${writes()} writes, the clock standing still`);
  assert.equal((await one(ecs, id)).pendingCount, 0);
});

test('UpdateService changes how many tasks the sets have, and how they are placed and tagged', async (t) => {
  const ecs = await open(t, 1);
  const change = {
    desiredCount: 2,
    healthCheckGracePeriodSeconds: 30,
    enableECSManagedTags: true,
    propagateTags: 'SERVICE' as const,
    placementConstraints: [{ type: 'distinctInstance' as const }],
    placementStrategy: [{ type: 'binpack' as const, field: 'MEMORY' }],
  };
  const { service: changed } = await ecs.call('UpdateService', { ...WEB, ...change });
  assert.partialDeepStrictEqual(changed, change);
  await ecs.call('UpdateService', { ...WEB, desiredCount: 1, placementConstraints: [] });
  assert.partialDeepStrictEqual(await service(ecs), { ...change, desiredCount: 1, placementConstraints: [] });
  const refused = (input: object, message: RegExp) =>
    assert.rejects(ecs.call('UpdateService', { ...WEB, ...input }), { code: 'InvalidParameterException', message });
  const grace = /grace period must be between 0/;
  await refused({ desiredCount: 5001 }, /at most 5000/);
  await refused({ desiredCount: -1 }, /0 or more/);
  await refused({ healthCheckGracePeriodSeconds: -5 }, grace);
  await refused({ deploymentController: { type: 'ECS' } }, /deployment controller ECS/);
  await assert.rejects(
    ecs.call('CreateService', {
      serviceName: 'other',
      deploymentController: EXTERNAL,
      healthCheckGracePeriodSeconds: -5,
    }),
    grace,
  );
});

test('the deletion of the service takes its task sets and their tasks along', async (t) => {
  const ecs = await open(t, 2);
  const id = await create(ecs);
  await goOn(ecs, steady(ecs, id));
  await ecs.call('DeleteService', { ...WEB, force: true });
  await goOn(ecs, async () => (await service(ecs)).status === 'INACTIVE');
  await ecs.reconcile();
  assert.deepEqual((await service(ecs)).taskSets, []);
  const { taskArns } = await ecs.call('ListTasks', {});
  assert.deepEqual(taskArns, []);
});

test('what is not a task set’s is refused by name', async (t) => {
  const ecs = await open(t);
  const rejects = (call: Promise<unknown>, message: RegExp) => assert.rejects(call, message);
  await rejects(create(ecs, { scale: { value: 101, unit: 'PERCENT' } }), /between 0 and 100/);
  await rejects(ecs.call('UpdateTaskSet', { ...WEB, taskSet: 'no', scale: { value: 1 } }), /task set does not exist/);
  await rejects(ecs.call('UpdateService', { ...WEB, taskDefinition: 'site' }), /Use the CreateTaskSet API/);
  await ecs.call('CreateService', {
    serviceName: 'own',
    taskDefinition: 'site',
    desiredCount: 0,
    launchType: 'FARGATE',
    networkConfiguration: NETWORK,
  });
  await rejects(create(ecs, { service: 'own' }), /only supports task set management/);
  const token = { clientToken: 'once' };
  assert.equal(await create(ecs, token), await create(ecs, token));
  for (let n = 1; n < 5; n++) await create(ecs);
  await rejects(create(ecs), /5 task sets at most/);
  const { failures } = await ecs.call('DescribeTaskSets', { ...WEB, taskSets: ['ecs-svc/none'] });
  assert.equal(failures?.[0]?.reason, 'MISSING');
});
