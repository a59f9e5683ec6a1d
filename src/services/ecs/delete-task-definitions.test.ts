import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK, RETENTION_MS, RUN, must, openTestEcs, openTestSite, runTask } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { FakeRegistry } from './testing-registry.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/';

const remove = async (ecs: TestEcs, ...taskDefinitions: string[]) => {
  for (const taskDefinition of taskDefinitions) await ecs.call('DeregisterTaskDefinition', { taskDefinition });
  return ecs.call('DeleteTaskDefinitions', { taskDefinitions });
};
const status = async (ecs: TestEcs, taskDefinition: string) =>
  (await ecs.call('DescribeTaskDefinition', { taskDefinition })).taskDefinition?.status;
const gone = { code: 'ClientException', message: 'Unable to describe task definition.' };

test('a revision that nothing uses is deleted, and its number is never used again', async () => {
  const ecs = await openTestSite();
  const { taskDefinitions, failures } = await remove(ecs, 'site:1');
  assert.deepEqual(failures, []);
  assert.deepEqual(
    taskDefinitions?.map((one) => [one.taskDefinitionArn, one.status, one.deleteRequestedAt]),
    [[`${ARN}site:1`, 'DELETE_IN_PROGRESS', new Date(ecs.clock.now())]],
  );
  await ecs.reconcile();
  await assert.rejects(ecs.call('DescribeTaskDefinition', { taskDefinition: 'site:1' }), gone);
  assert.deepEqual((await ecs.call('ListTaskDefinitionFamilies', { status: 'ALL' })).families, []);
  const again = await ecs.call('RegisterTaskDefinition', {
    family: 'site',
    containerDefinitions: [{ name: 'a', image: 'x', memory: 64 }],
  });
  assert.equal(again.taskDefinition?.revision, 2);
  await ecs.close();
});

test('only an inactive revision that is there can be deleted', async () => {
  const ecs = await openTestSite();
  const { taskDefinitions, failures } = await ecs.call('DeleteTaskDefinitions', {
    taskDefinitions: ['site:1', 'site:9'],
  });
  assert.deepEqual(taskDefinitions, []);
  assert.deepEqual(failures, [
    {
      arn: `${ARN}site:1`,
      reason: 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
    },
    {
      arn: `${ARN}site:9`,
      reason: 'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
    },
  ]);
  for (const [bad, message] of [
    [['site'], /with their revision/],
    [[], /cannot be empty/],
    [Array.from({ length: 11 }, (_, i) => `site:${i + 1}`), /at most 10/],
  ] as const) {
    await assert.rejects(ecs.call('DeleteTaskDefinitions', { taskDefinitions: [...bad] }), {
      code: 'InvalidParameterException',
      message,
    });
  }
  await ecs.close();
});

test('while a task or a service uses it, it is being deleted; neither starts anew', async () => {
  const ecs = await openTestSite();
  const task = await runTask(ecs);
  const { service } = await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 0 });
  await remove(ecs, 'site:1');
  await ecs.reconcile();
  assert.equal(await status(ecs, 'site:1'), 'DELETE_IN_PROGRESS');
  const listed = await ecs.call('ListTaskDefinitions', { status: 'DELETE_IN_PROGRESS' });
  assert.deepEqual(listed.taskDefinitionArns, [`${ARN}site:1`]);
  await assert.rejects(runTask(ecs, { taskDefinition: 'site:1' }), /TaskDefinition is inactive/);
  await ecs.call('DeleteService', { service: must(service?.serviceArn), force: true });
  await ecs.reconcile();
  assert.equal(await status(ecs, 'site:1'), 'DELETE_IN_PROGRESS');
  await ecs.call('StopTask', { task });
  await ecs.reconcile();
  await ecs.report(task, 'STOPPED');
  await ecs.reconcile();
  ecs.clock.advance(RETENTION_MS + 1);
  await ecs.reconcile();
  await assert.rejects(ecs.call('DescribeTaskDefinition', { taskDefinition: 'site:1' }), gone);
  await ecs.close();
});

test('one that a task set has is being deleted until the set is gone', async () => {
  const ecs = await openTestSite();
  const web = { cluster: 'default', service: 'web' };
  await ecs.call('CreateService', { serviceName: 'web', desiredCount: 2, deploymentController: { type: 'EXTERNAL' } });
  const { taskSet } = await ecs.call('CreateTaskSet', {
    ...web,
    taskDefinition: 'site',
    launchType: 'FARGATE',
    networkConfiguration: NETWORK,
    scale: { value: 0, unit: 'PERCENT' },
  });
  await remove(ecs, 'site:1');
  await ecs.reconcile();
  assert.equal(await status(ecs, 'site:1'), 'DELETE_IN_PROGRESS');
  await ecs.call('DeleteTaskSet', { ...web, taskSet: must(taskSet?.id) });
  await ecs.reconcile();
  await assert.rejects(ecs.call('DescribeTaskDefinition', { taskDefinition: 'site:1' }), gone);
  await ecs.close();
});

test('a service whose task definition is deleted while it is being created is not created', async () => {
  const ecs = await openTestSite();
  const { registry } = ecs.aws;
  const get = registry.get.bind(registry);
  registry.get = async (id) => {
    await remove(ecs, 'site:1');
    await ecs.reconcile();
    return get(id);
  };
  const serviceRegistries = [{ registryArn: FakeRegistry.ARN }];
  const create = ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1, serviceRegistries });
  await assert.rejects(create, { code: 'ClientException', message: 'TaskDefinition not found.' });
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, []);
  await ecs.close();
});

test('tags go with a task definition', async () => {
  const ecs = openTestEcs();
  const tags = [{ key: 'team', value: 'a' }];
  await ecs.call('RegisterTaskDefinition', {
    family: 'site',
    containerDefinitions: [{ name: 'a', image: 'x', memory: 64 }],
    tags,
  });
  const resourceArn = `${ARN}site:1`;
  assert.deepEqual((await ecs.call('ListTagsForResource', { resourceArn })).tags, tags);
  await remove(ecs, 'site:1');
  await ecs.reconcile();
  await assert.rejects(ecs.call('ListTagsForResource', { resourceArn }), /cannot be found/);
  await ecs.close();
});
