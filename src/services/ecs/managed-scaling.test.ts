import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { endTask, instanceArn, launchInstance, measure, memberOf, openTestCapacity } from './testing-capacity.ts';
import { must } from './testing.ts';
import type { TestEcs } from './testing.ts';

const RUN = { taskDefinition: 'half' };

async function run(ecs: TestEcs, change: Partial<RunTaskCommandInput> = {}) {
  const { tasks = [], failures = [] } = await ecs.call('RunTask', { ...RUN, ...change });
  await ecs.reconcile();
  return { arns: tasks.map((task) => must(task.taskArn)), failures, tasks };
}

test('the reservation is measured once a minute, and tells of what waits and what is free', async () => {
  const ecs = await openTestCapacity(['i-1', 'i-2']);
  await run(ecs);
  assert.equal(await measure(ecs), 50);
  const before = ecs.measured.length;
  ecs.clock.advance(10_000);
  await ecs.reconcile();
  assert.equal(ecs.measured.length, before);
  assert.deepEqual(ecs.measured.at(-1)?.dimensions, { CapacityProviderName: 'mine', ClusterName: 'default' });
  const { containerInstances: shown } = await ecs.call('DescribeContainerInstances', { containerInstances: ['i-2'] });
  assert.equal(shown?.[0]?.capacityProviderName, 'mine');
  await ecs.close();
});

test('tasks wait in PROVISIONING, ask for as many instances as they need, and start once these are there', async () => {
  const ecs = await openTestCapacity([]);
  assert.equal(await measure(ecs), 100);
  const { arns, tasks } = await run(ecs, { count: 5 });
  assert.deepEqual(
    tasks.map((task) => [task.lastStatus, task.capacityProviderName, task.launchType, task.containerInstanceArn]),
    Array.from({ length: 5 }, () => ['PROVISIONING', 'mine', 'EC2', undefined]),
  );
  assert.equal(await measure(ecs), 200, 'from zero');
  await launchInstance(ecs, 'i-1');
  const placed = async () =>
    (await Promise.all(arns.map((arn) => ecs.task(arn)))).map((task) => task.containerInstanceArn);
  assert.deepEqual((await placed()).filter(Boolean), [instanceArn('i-1'), instanceArn('i-1')]);
  assert.equal(await measure(ecs), 300, 'three that wait need two instances more');
  await launchInstance(ecs, 'i-2');
  await launchInstance(ecs, 'i-3');
  assert.equal((await placed()).filter(Boolean).length, 5);
  assert.equal((await ecs.task(must(arns[4]))).lastStatus, 'PENDING');
  assert.equal(await measure(ecs), 100);
  const alone = must(arns[(await placed()).indexOf(instanceArn('i-3'))]);
  await ecs.call('StopTask', { task: alone });
  await endTask(ecs, alone);
  assert.equal(Math.round((await measure(ecs)) ?? 0), 67, 'an instance is free');
  await ecs.close();
});

test('a task that waits can be stopped, and one that no instance type fits asks for nothing', async () => {
  const ecs = await openTestCapacity([]);
  const { arns } = await run(ecs);
  await ecs.call('StopTask', { task: must(arns[0]) });
  await ecs.reconcile();
  assert.equal((await ecs.task(must(arns[0]))).lastStatus, 'STOPPED');
  await run(ecs, { overrides: { cpu: '8192', memory: '512' } });
  assert.equal(await measure(ecs), 100);
  await ecs.close();
});

test('500 tasks of a cluster wait at most', async () => {
  const ecs = await openTestCapacity([]);
  for (let i = 0; i < 50; i++) await ecs.call('RunTask', { ...RUN, count: 10 });
  const { tasks, failures } = await ecs.call('RunTask', RUN);
  assert.deepEqual([tasks?.length, failures?.[0]?.reason], [0, 'PROVISIONING']);
  await ecs.close();
});

test('without managed scaling nothing waits', async () => {
  const ecs = await openTestCapacity([], { managedScaling: { status: 'DISABLED' } });
  const { tasks, failures } = await run(ecs);
  assert.deepEqual([tasks.length, failures[0]?.reason], [0, 'EMPTY CAPACITY PROVIDER']);
  await launchInstance(ecs, 'i-1');
  const { tasks: placed, failures: full } = await run(ecs, { count: 3 });
  assert.deepEqual([placed.length, full[0]?.reason], [2, 'RESOURCE:CPU']);
  assert.equal(placed[0]?.containerInstanceArn, instanceArn('i-1'));
  await ecs.close();
});

test('a service’s tasks wait and are placed, by base and weight', async () => {
  const ecs = await openTestCapacity([]);
  ecs.aws.groups.add('batch');
  await ecs.call('CreateCapacityProvider', {
    name: 'other',
    autoScalingGroupProvider: { autoScalingGroupArn: 'batch', managedScaling: { status: 'ENABLED' } },
  });
  await ecs.reconcile();
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['mine', 'other'],
    defaultCapacityProviderStrategy: [],
  });
  const { service } = await ecs.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'half',
    desiredCount: 4,
    capacityProviderStrategy: [
      { capacityProvider: 'mine', base: 1, weight: 1 },
      { capacityProvider: 'other', weight: 2 },
    ],
  });
  assert.deepEqual([service?.launchType, service?.capacityProviderStrategy?.length], [undefined, 2]);
  await ecs.reconcile();
  const shown = async () => {
    const { taskArns = [] } = await ecs.call('ListTasks', { serviceName: 'web' });
    return Promise.all(taskArns.map((arn) => ecs.task(arn)));
  };
  const names = (await shown()).map((task) => task.capacityProviderName ?? '').toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(names, ['mine', 'mine', 'other', 'other']);
  await launchInstance(ecs, 'i-1');
  const onIt = (await shown()).filter((task) => task.containerInstanceArn === instanceArn('i-1'));
  assert.deepEqual(
    onIt.map((task) => [task.capacityProviderName, task.lastStatus]),
    [
      ['mine', 'PENDING'],
      ['mine', 'PENDING'],
    ],
  );
  await ecs.close();
});

test('managed termination protection follows the tasks', async () => {
  const ecs = await openTestCapacity(['i-1', 'i-2'], { managedTerminationProtection: 'ENABLED' });
  for (const id of ['i-1', 'i-2']) memberOf(ecs, id).ProtectedFromScaleIn = true;
  const { arns } = await run(ecs);
  const busy = (await ecs.task(must(arns[0]))).containerInstanceArn;
  await measure(ecs);
  for (const id of ['i-1', 'i-2']) {
    assert.equal(memberOf(ecs, id).ProtectedFromScaleIn, busy === instanceArn(id), id);
  }
  await ecs.close();
});

test('managed draining: an instance that terminates drains, and goes when its tasks have gone', async () => {
  const ecs = await openTestCapacity(['i-1', 'i-2']);
  const { arns } = await run(ecs);
  const task = must(arns[0]);
  const busy = must((await ecs.task(task)).containerInstanceArn?.split('/').at(-1));
  const free = busy === 'i-1' ? 'i-2' : 'i-1';
  for (const id of ['i-1', 'i-2']) memberOf(ecs, id).LifecycleState = 'Terminating:Wait';
  await measure(ecs);
  const { containerInstances: shown } = await ecs.call('DescribeContainerInstances', { containerInstances: [busy] });
  assert.equal(shown?.[0]?.status, 'DRAINING');
  assert.deepEqual([ecs.aws.groups.completed, ecs.aws.groups.heartbeats.includes(busy)], [[free], true]);
  await endTask(ecs, task);
  ecs.clock.advance(5000);
  await ecs.reconcile();
  assert.deepEqual(ecs.aws.groups.completed, [free, busy]);
  await ecs.close();
});

test('managed draining: an instance drains in whichever of its provider’s clusters it is', async () => {
  const ecs = await openTestCapacity(['i-1']);
  const { arns } = await run(ecs);
  await ecs.call('CreateCluster', { clusterName: 'other', capacityProviders: ['mine'] });
  memberOf(ecs, 'i-1').LifecycleState = 'Terminating:Wait';
  await measure(ecs);
  const { containerInstances: shown } = await ecs.call('DescribeContainerInstances', { containerInstances: ['i-1'] });
  assert.equal(shown?.[0]?.status, 'DRAINING');
  assert.equal(ecs.aws.groups.completed.length, 0);
  await endTask(ecs, must(arns[0]));
  ecs.clock.advance(5000);
  await ecs.reconcile();
  assert.ok(ecs.aws.groups.completed.includes('i-1'));
  await ecs.close();
});
