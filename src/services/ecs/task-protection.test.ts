import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, must, openTestSite, runTask } from './testing.ts';
import type { TestEcs } from './testing.ts';

const MINUTE = 60_000;

/** A service of three tasks that run; answers their ARNs. */
async function openService(ecs: TestEcs, desiredCount = 3): Promise<string[]> {
  await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount });
  await ecs.reconcile();
  const arns = await running(ecs);
  for (const arn of arns) await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  return arns;
}

const running = async (ecs: TestEcs) => must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);

test('protection lasts two hours unless it is asked otherwise, and ends by itself', async () => {
  const ecs = await openTestSite();
  const [first = '', second = ''] = await openService(ecs);
  const update = (input: object) =>
    ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [first], protectionEnabled: true, ...input });
  const now = ecs.clock.now();
  assert.deepEqual(await update({}), {
    protectedTasks: [{ taskArn: first, protectionEnabled: true, expirationDate: new Date(now + 120 * MINUTE) }],
    failures: [],
  });
  const { protectedTasks } = await update({ expiresInMinutes: 1 });
  assert.deepEqual(protectedTasks?.[0]?.expirationDate, new Date(now + MINUTE));
  const get = async () =>
    (await ecs.call('GetTaskProtection', { cluster: 'default', tasks: [first, second] })).protectedTasks;
  assert.deepEqual(
    (await get())?.map((one) => one.protectionEnabled),
    [true, false],
  );
  assert.equal((await ecs.call('GetTaskProtection', { cluster: 'default' })).protectedTasks?.length, 3);
  ecs.clock.advance(MINUTE);
  assert.deepEqual(await get(), [
    { taskArn: first, protectionEnabled: false },
    { taskArn: second, protectionEnabled: false },
  ]);
  await update({ expiresInMinutes: 2880 });
  assert.deepEqual((await update({ protectionEnabled: false })).protectedTasks, [
    { taskArn: first, protectionEnabled: false },
  ]);
  await ecs.close();
});

test('only a service’s tasks are protected, for one to 2,880 minutes', async () => {
  const ecs = await openTestSite();
  const alone = await runTask(ecs);
  const gone = alone.replace(/[^/]+$/, 'gone');
  const { failures, protectedTasks } = await ecs.call('UpdateTaskProtection', {
    cluster: 'default',
    tasks: [alone, gone],
    protectionEnabled: true,
  });
  assert.deepEqual(failures, [
    { arn: alone, reason: 'TASK_NOT_VALID' },
    { arn: gone, reason: 'MISSING' },
  ]);
  assert.deepEqual(protectedTasks, []);
  const refused = (input: object, message: RegExp) =>
    assert.rejects(
      ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [alone], protectionEnabled: true, ...input }),
      {
        code: 'InvalidParameterException',
        message,
      },
    );
  await refused({ expiresInMinutes: 0 }, /between 1 and 2880/);
  await refused({ expiresInMinutes: 2881 }, /between 1 and 2880/);
  await refused({ tasks: [] }, /cannot be empty/);
  await refused({ tasks: Array.from({ length: 11 }, () => alone) }, /at most 10/);
  await ecs.close();
});

test('scale-in spares what is protected, until it no longer is', async () => {
  const ecs = await openTestSite();
  const arns = await openService(ecs);
  const [spared = '', other = ''] = arns;
  await ecs.call('UpdateTaskProtection', {
    cluster: 'default',
    tasks: [spared, other],
    protectionEnabled: true,
    expiresInMinutes: 10,
  });
  await ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), [spared, other].toSorted());
  await ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [other], protectionEnabled: false });
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), [spared]);
  ecs.clock.advance(10 * MINUTE);
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), []);
  await ecs.close();
});

/** A task is protected after it was decided which ones leave, and before that is written. */
function protectBeforeNextWrite(ecs: TestEcs, task: string): void {
  const write = ecs.store.write.bind(ecs.store);
  ecs.store.write = async (fn) => {
    ecs.store.write = write;
    await ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [task], protectionEnabled: true });
    return write(fn);
  };
}

test('what was protected at the last moment stays; a service that is deleted keeps nothing', async () => {
  const ecs = await openTestSite();
  const [task = ''] = await openService(ecs, 1);
  await ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
  protectBeforeNextWrite(ecs, task);
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), [task]);
  const { services } = await ecs.call('DescribeServices', { services: ['web'] });
  assert.ok(!services?.[0]?.events?.some((event) => event.message?.includes('has stopped')));
  await ecs.call('DeleteService', { service: 'web', force: true });
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), []);
  await ecs.close();
});

test('a task of a task set that was protected at the last moment stays', async () => {
  const ecs = await openTestSite();
  const deploymentController = { type: 'EXTERNAL' as const };
  await ecs.call('CreateService', { serviceName: 'web', desiredCount: 1, deploymentController });
  await ecs.call('CreateTaskSet', { cluster: 'default', service: 'web', ...RUN });
  await ecs.reconcile();
  const [task = ''] = await running(ecs);
  await ecs.report(task, 'RUNNING');
  await ecs.reconcile();
  await ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
  protectBeforeNextWrite(ecs, task);
  await ecs.reconcile();
  assert.deepEqual(await running(ecs), [task]);
  await ecs.close();
});

test('a deployment leaves the protected old task, and says nothing of being blocked', async () => {
  const ecs = await openTestSite();
  const [old = ''] = await openService(ecs, 1);
  await ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [old], protectionEnabled: true });
  await ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  await ecs.reconcile();
  for (const arn of (await running(ecs)).filter((one) => one !== old)) await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  assert.equal((await running(ecs)).length, 2);
  const { services } = await ecs.call('DescribeServices', { services: ['web'] });
  assert.equal(services?.[0]?.deployments?.length, 2);
  assert.ok(!services?.[0]?.events?.some((event) => event.message?.includes('unable to')));
  await ecs.call('UpdateTaskProtection', { cluster: 'default', tasks: [old], protectionEnabled: false });
  await ecs.reconcile();
  assert.ok(!(await running(ecs)).includes(old));
  await ecs.close();
});
