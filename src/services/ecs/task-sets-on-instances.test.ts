import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { TaskSet } from '@aws-sdk/client-ecs';
import { must, NETWORK, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { ON_BRIDGE, joinInstance, tasksByInstance } from './testing-instances.ts';
import { goOn } from './testing-world.ts';

const WEB = { cluster: 'default', service: 'web' };

let ecs: TestEcs;
beforeEach(async () => {
  ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', ON_BRIDGE);
});
afterEach(() => ecs.close());

async function createService(change: object = {}): Promise<void> {
  const deploymentController = { type: 'EXTERNAL' } as const;
  await ecs.call('CreateService', { serviceName: 'web', desiredCount: 2, deploymentController, ...change });
}

async function create(change: object = {}): Promise<TaskSet> {
  const given = { ...WEB, taskDefinition: 'bridge', launchType: 'EC2' as const, ...change };
  return must((await ecs.call('CreateTaskSet', given)).taskSet);
}

async function isSteady(): Promise<boolean> {
  const { taskSets = [] } = await ecs.call('DescribeTaskSets', WEB);
  return taskSets.every((set) => set.stabilityStatus === 'STEADY_STATE');
}

test('a task set on instances is placed as its service says, and shows no network of its own', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await joinInstance(ecs, 'i-2', 'us-east-1b');
  await createService({ placementConstraints: [{ type: 'memberOf', expression: 'ec2InstanceId == i-1' }] });
  const set = await create();
  assert.deepEqual([set.launchType, set.platformVersion, set.networkConfiguration], ['EC2', undefined, undefined]);
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 2 });
  await assert.rejects(
    create({ taskDefinition: 'site', launchType: 'FARGATE', networkConfiguration: NETWORK }),
    /Placement constraints are not supported with FARGATE launch type/,
  );
});

test('its tasks wait for room, now and then, and the service says why', async () => {
  await createService();
  await create();
  await ecs.reconcile();
  const said = async () => {
    const { services = [] } = await ecs.call('DescribeServices', { services: ['web'] });
    return (services[0]?.events ?? []).filter(({ message = '' }) => /unable to place a task/.test(message));
  };
  assert.match(must((await said())[0]?.message), /No Container Instances were found in your cluster\./);
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.equal((await said()).length, 1);
  const arn = await joinInstance(ecs, 'i-1');
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [arn]: 2 });
});

test('an instance that drains gives its tasks away once others run', async () => {
  const first = await joinInstance(ecs, 'i-1');
  await createService();
  await create();
  await goOn(ecs, isSteady);
  const second = await joinInstance(ecs, 'i-2');
  await ecs.call('UpdateContainerInstancesState', { containerInstances: [first], status: 'DRAINING' });
  await ecs.reconcile();
  assert.deepEqual(await tasksByInstance(ecs), { [first]: 2, [second]: 2 });
  await goOn(ecs, isSteady);
  assert.deepEqual(await tasksByInstance(ecs), { [second]: 2 });
});
