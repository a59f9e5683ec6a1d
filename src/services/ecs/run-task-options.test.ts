import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientTokens } from './tables.ts';
import { RUN, SITE, must, openTestSite, runTask } from './testing.ts';
import { taskRoles } from './task-roles.ts';

const HOUR = 3_600_000;
const ROLE = 'arn:aws:iam::123456789012:role/other';

test('a client token holds for a day, or as long as one of its tasks is kept', async () => {
  const ecs = await openTestSite();
  const wish = { ...RUN, count: 2, clientToken: 'token' };
  const run = async (change: object = {}) =>
    must((await ecs.call('RunTask', { ...wish, ...change })).tasks).map((task) => must(task.taskArn));
  const stop = async (task: string) => {
    await ecs.call('StopTask', { task });
    await ecs.reconcile();
    await ecs.report(task, 'STOPPED');
    await ecs.reconcile();
  };
  const first = await run();
  await stop(must(first[0]));
  assert.deepEqual(await run(), first);
  ecs.clock.advance(2 * HOUR);
  await ecs.reconcile();
  assert.deepEqual(await run(), first.slice(1), 'the other one runs on');
  await stop(must(first[1]));
  await assert.rejects(run({ count: 1 }), { code: 'ConflictException' });
  ecs.clock.advance(2 * HOUR);
  await ecs.reconcile();
  const second = await run({ count: 1 });
  assert.equal(second.length, 1);
  assert.ok(!first.includes(must(second[0])));
  ecs.clock.advance(24 * HOUR);
  const third = await run({ count: 1 });
  assert.notDeepEqual(third, second, 'it still runs, but a day is over');
  ecs.clock.advance(24 * HOUR);
  await ecs.reconcile();
  assert.deepEqual(await ecs.store.read((tx) => tx.list(clientTokens)), []);
  await ecs.close();
});

test('a family is its latest revision when it is first asked for: a retry, and a registration meanwhile, change nothing', async () => {
  const ecs = await openTestSite();
  const wish = { ...RUN, clientToken: 'token' };
  const first = (await ecs.call('RunTask', wish)).tasks ?? [];
  await ecs.call('RegisterTaskDefinition', SITE);
  const again = (await ecs.call('RunTask', wish)).tasks ?? [];
  assert.deepEqual(again, first);
  await ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site:1' });
  await ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site:2' });
  assert.deepEqual((await ecs.call('RunTask', wish)).tasks?.[0]?.taskArn, first[0]?.taskArn);
  await ecs.call('RegisterTaskDefinition', { ...SITE, taskRoleArn: ROLE });
  ecs.aws.onAssume = async () => {
    await ecs.call('RegisterTaskDefinition', { ...SITE, taskRoleArn: 'arn:aws:iam::123456789012:role/unchecked' });
  };
  const task = await ecs.task(await runTask(ecs));
  assert.match(must(task.taskDefinitionArn), /site:3$/, 'the one whose roles were checked');
  await ecs.close();
});

test('a role of the overrides takes the place of the definition’s', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs, { overrides: { taskRoleArn: ROLE, executionRoleArn: 'pull' } });
  await ecs.reconcile();
  const spec = must(ecs.executor.specs.get(arn));
  assert.equal(spec.executionRoleArn, 'arn:aws:iam::123456789012:role/pull');
  const path = must(spec.containers[0]?.environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']);
  const role = await taskRoles(ecs.store)(path.replace('/v2/credentials/', ''));
  assert.equal(role?.roleArn, ROLE);
  ecs.aws.untrusting.add(ROLE);
  await assert.rejects(runTask(ecs, { overrides: { taskRoleArn: ROLE } }), { code: 'ClientException' });
  await ecs.close();
});

test('ECS Exec is kept on the task, with its agent in each container', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs, { enableExecuteCommand: true, overrides: { taskRoleArn: ROLE } });
  const agent = async () => (await ecs.task(arn)).containers?.[0]?.managedAgents;
  assert.equal((await ecs.task(arn)).enableExecuteCommand, true);
  assert.deepEqual(await agent(), [{ name: 'ExecuteCommandAgent', lastStatus: 'PENDING' }]);
  await ecs.reconcile();
  await ecs.report(arn, 'RUNNING');
  assert.deepEqual(await agent(), [
    { name: 'ExecuteCommandAgent', lastStatus: 'RUNNING', lastStartedAt: new Date(ecs.clock.now()) },
  ]);
  await ecs.close();
});

test('storage, platform and sizes are shown as they were asked for', async () => {
  const ecs = await openTestSite();
  const plain = await ecs.task(await runTask(ecs));
  assert.deepEqual(
    [plain.platformVersion, plain.ephemeralStorage, plain.fargateEphemeralStorage],
    ['1.4.0', { sizeInGiB: 20 }, { sizeInGiB: 20 }],
  );
  assert.deepEqual([plain.containers?.[0]?.cpu, plain.containers?.[0]?.memory], ['0', undefined]);
  const containerOverrides = [{ name: 'web', cpu: 128, memory: 256, memoryReservation: 64 }];
  const task = await ecs.task(
    await runTask(ecs, {
      platformVersion: '1.3.0',
      overrides: { ephemeralStorage: { sizeInGiB: 30 }, containerOverrides },
    }),
  );
  assert.deepEqual([task.platformVersion, task.ephemeralStorage], ['1.3.0', { sizeInGiB: 30 }]);
  const [container] = must(task.containers);
  assert.deepEqual([container?.cpu, container?.memory, container?.memoryReservation], ['128', '256', '64']);
  await ecs.close();
});

test('restarts are counted on, and handed back to the executor', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs);
  await ecs.reconcile();
  await ecs.report(arn, 'RUNNING', { container: { restartCount: 2, runtimeId: 'b' } });
  await ecs.report(arn, 'RUNNING', { container: { restartCount: 1, runtimeId: 'a' } });
  await ecs.reconcile();
  assert.equal(ecs.executor.specs.get(arn)?.containers[0]?.restartCount, 2);
  assert.equal((await ecs.task(arn)).containers?.[0]?.runtimeId, 'b');
  await ecs.close();
});

test('startedBy is the only filter of its list; tags have their limits', async () => {
  const ecs = await openTestSite();
  for (const other of [{ family: 'site' }, { launchType: 'FARGATE' as const }, { containerInstance: 'i' }]) {
    await assert.rejects(ecs.call('ListTasks', { startedBy: 'me', ...other }), {
      code: 'InvalidParameterException',
      message: /only filter/,
    });
  }
  assert.deepEqual((await ecs.call('ListTasks', { startedBy: 'me', desiredStatus: 'STOPPED' })).taskArns, []);
  const tags = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => ({ key: `${name}${i}`, value: 'v' }));
  await ecs.call('RegisterTaskDefinition', { ...SITE, tags: tags(30, 'a') });
  const propagateTags = 'TASK_DEFINITION' as const;
  await assert.rejects(runTask(ecs, { propagateTags, tags: tags(21, 'b') }), { message: /at most 50/ });
  const full = { propagateTags, tags: tags(20, 'b'), enableECSManagedTags: true };
  const { tasks } = await ecs.call('RunTask', { ...RUN, ...full });
  assert.equal(tasks?.[0]?.tags?.length, 51);
  const resourceArn = must(tasks?.[0]?.taskArn);
  await assert.rejects(ecs.call('UntagResource', { resourceArn, tagKeys: ['aws:ecs:clusterName'] }), {
    code: 'InvalidParameterException',
  });
  await ecs.close();
});
