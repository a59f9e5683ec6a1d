import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, SITE, must, openTestSite, runTask } from './testing.ts';

const OTHER_CLUSTER = {
  code: 'InvalidParameterException',
  message: /Identifier is for default\. Your cluster is other/,
};

test('StopTask says what was asked; the first reason stays', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs);
  ecs.clock.advance(1000);
  const { task } = await ecs.call('StopTask', { task: arn.split('/')[2], reason: 'enough' });
  assert.deepEqual(
    [task?.desiredStatus, task?.lastStatus, task?.stopCode, task?.stoppedReason, task?.stoppingAt, task?.version],
    ['STOPPED', 'PROVISIONING', 'UserInitiated', 'enough', new Date(ecs.clock.now()), 2],
  );
  ecs.clock.advance(1000);
  const again = await ecs.call('StopTask', { task: arn, reason: 'another' });
  assert.deepEqual([again.task?.stoppedReason, again.task?.stoppingAt], ['enough', task?.stoppingAt]);
  const other = await ecs.call('StopTask', { task: await runTask(ecs) });
  assert.equal(other.task?.stoppedReason, 'Task stopped by user');
  await ecs.close();
});

test('StopTask refuses what is not there', async () => {
  const ecs = await openTestSite();
  await ecs.call('CreateCluster', { clusterName: 'other' });
  const arn = await runTask(ecs);
  await assert.rejects(ecs.call('StopTask', { task: 'gone' }), {
    code: 'InvalidParameterException',
    message: 'The referenced task was not found.',
  });
  await assert.rejects(ecs.call('StopTask', { cluster: 'gone', task: arn }), { code: 'ClusterNotFoundException' });
  await assert.rejects(ecs.call('StopTask', { cluster: 'other', task: arn }), OTHER_CLUSTER);
  assert.equal((await ecs.task(arn)).desiredStatus, 'RUNNING');
  await ecs.close();
});

test('DescribeTasks finds tasks by id and ARN, and names what is missing', async () => {
  const ecs = await openTestSite();
  await ecs.call('CreateCluster', { clusterName: 'other' });
  const arn = await runTask(ecs, { tags: [{ key: 'a', value: '1' }] });
  const id = must(arn.split('/')[2]);
  const { tasks = [], failures } = await ecs.call('DescribeTasks', { tasks: [arn, id, 'gone'], include: ['TAGS'] });
  assert.deepEqual(
    tasks.map((task) => [task.taskArn, task.tags]),
    [
      [arn, [{ key: 'a', value: '1' }]],
      [arn, [{ key: 'a', value: '1' }]],
    ],
  );
  assert.deepEqual(failures, [{ arn: arn.replace(id, 'gone'), reason: 'MISSING' }]);
  assert.deepEqual((await ecs.task(arn)).tags, []);
  await assert.rejects(ecs.call('DescribeTasks', { cluster: 'other', tasks: [arn] }), OTHER_CLUSTER);
  await assert.rejects(ecs.call('DescribeTasks', { tasks: [] }), { message: 'Tasks cannot be empty.' });
  await assert.rejects(ecs.call('DescribeTasks', { tasks: Array.from({ length: 101 }, () => id) }), /at most 100/);
  await assert.rejects(ecs.call('DescribeTasks', { cluster: 'gone', tasks: [id] }), {
    code: 'ClusterNotFoundException',
  });
  await ecs.close();
});

test('ListTasks filters, and shows what should run unless asked otherwise', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', { ...SITE, family: 'worker' });
  const site = await runTask(ecs, { startedBy: 'me' });
  const worker = await runTask(ecs, { taskDefinition: 'worker' });
  const stopped = await runTask(ecs, { startedBy: 'me' });
  await ecs.call('StopTask', { task: stopped });
  const { service } = await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1 });
  await ecs.reconcile();
  const list = async (input: object) => (await ecs.call('ListTasks', input)).taskArns;
  const owned = must(await list({ serviceName: 'web' }));
  assert.equal(owned.length, 1);
  assert.deepEqual(await list({}), [site, worker, ...owned].toSorted());
  assert.deepEqual(await list({ startedBy: 'me' }), [site]);
  assert.deepEqual(await list({ family: 'worker' }), [worker]);
  assert.deepEqual(await list({ desiredStatus: 'STOPPED' }), [stopped]);
  assert.deepEqual(await list({ desiredStatus: 'STOPPED', family: 'worker' }), []);
  assert.deepEqual(await list({ desiredStatus: 'PENDING' }), []);
  assert.deepEqual(await list({ launchType: 'EC2' }), []);
  assert.deepEqual(await list({ containerInstance: 'x' }), []);
  assert.deepEqual(await list({ serviceName: service?.serviceArn }), owned);
  await assert.rejects(ecs.call('ListTasks', { serviceName: 'gone' }), { code: 'ServiceNotFoundException' });
  await assert.rejects(ecs.call('ListTasks', { cluster: 'gone' }), { code: 'ClusterNotFoundException' });
  await ecs.close();
});

test('ListTasks pages', async () => {
  const ecs = await openTestSite();
  const { tasks } = await ecs.call('RunTask', { ...RUN, count: 5 });
  const seen: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.call('ListTasks', { maxResults: 2, nextToken });
    seen.push(...must(page.taskArns));
    nextToken = page.nextToken;
  } while (nextToken);
  assert.deepEqual(seen, tasks?.map((task) => task.taskArn).toSorted());
  await assert.rejects(ecs.call('ListTasks', { nextToken: 'x' }), { message: 'Invalid token.' });
  await assert.rejects(ecs.call('ListTasks', { maxResults: 101 }), { code: 'InvalidParameterException' });
  await ecs.close();
});

test('a cluster of another region is not found by its ARN', async () => {
  const ecs = await openTestSite();
  const arn = 'arn:aws:ecs:us-east-1:123456789012:cluster/default';
  const elsewhere = { region: 'eu-west-1' };
  await assert.rejects(ecs.call('ListTasks', { cluster: arn }, elsewhere), { code: 'ClusterNotFoundException' });
  await assert.rejects(ecs.call('RunTask', { ...RUN, cluster: arn }, elsewhere), { code: 'ClusterNotFoundException' });
  await ecs.close();
});
