import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interruptSpotTask } from './index.ts';
import { RUN, must, openTestSite, runTask } from './testing.ts';
import type { TestEcs } from './testing.ts';

const SPOT = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];

async function openSpotSite(): Promise<TestEcs> {
  const ecs = await openTestSite();
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: SPOT,
  });
  return ecs;
}

test('RunTask spreads its tasks over a strategy', async () => {
  const ecs = await openSpotSite();
  const { tasks = [] } = await ecs.call('RunTask', {
    ...RUN,
    launchType: undefined,
    count: 5,
    capacityProviderStrategy: [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
    ],
  });
  const names = tasks.map((task) => task.capacityProviderName);
  assert.deepEqual(names.filter((name) => name === 'FARGATE').length, 2);
  assert.ok(tasks.every((task) => task.launchType === 'FARGATE'));
  assert.equal((await ecs.task(await runTask(ecs))).capacityProviderName, undefined);
  await ecs.close();
});

test('an interrupted task is stopped as SpotInterruption; its first reason stays', async () => {
  const ecs = await openSpotSite();
  const arn = await runTask(ecs, { launchType: undefined });
  await ecs.reconcile();
  await ecs.report(arn, 'RUNNING');
  await interruptSpotTask(ecs.store, ecs.clock, arn);
  await ecs.reconcile();
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  await ecs.call('StopTask', { task: arn, reason: 'me too' });
  await ecs.report(arn, 'STOPPED', { stopCode: 'EssentialContainerExited' });
  await ecs.reconcile();
  const task = await ecs.task(arn);
  assert.deepEqual(
    [task.lastStatus, task.stopCode, task.stoppedReason],
    ['STOPPED', 'SpotInterruption', 'Your Spot Task was interrupted.'],
  );
  const plain = await runTask(ecs);
  await assert.rejects(interruptSpotTask(ecs.store, ecs.clock, plain), {
    code: 'InvalidParameterException',
    message: /FARGATE_SPOT are interrupted/,
  });
  await ecs.close();
});

test('its containers are told at once, though its targets still drain; the service starts another', async () => {
  const ecs = await openSpotSite();
  const group = ecs.aws.addTargetGroup('web', { drains: true });
  await ecs.call('CreateService', {
    ...RUN,
    launchType: undefined,
    serviceName: 'web',
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }],
  });
  await ecs.reconcile();
  const list = async () => must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);
  const [arn = ''] = await list();
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  ecs.aws.setHealth(group, 'healthy');
  await interruptSpotTask(ecs.store, ecs.clock, arn);
  await ecs.reconcile();
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  assert.deepEqual([...must(ecs.aws.targetGroups.get(group)).targets.values()].includes('draining'), true);
  const [next] = await list();
  assert.notEqual(next, arn);
  assert.equal((await ecs.task(must(next))).capacityProviderName, 'FARGATE_SPOT');
  await ecs.close();
});
