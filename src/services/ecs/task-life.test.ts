import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { tasks } from './tables.ts';
import { RETENTION_MS, SITE, must, openTestSite, runTask } from './testing.ts';
import type { TestEcs } from './testing.ts';

const SECOND = 1000;

/** A task that runs; ten seconds after it was created. */
async function runningTask(ecs: TestEcs, change: object = {}): Promise<string> {
  const arn = await runTask(ecs, change);
  await ecs.reconcile();
  ecs.clock.advance(10 * SECOND);
  await ecs.report(arn, 'RUNNING', { pullStartedAtMs: ecs.clock.now() - 9 * SECOND, pullStoppedAtMs: ecs.clock.now() });
  await ecs.reconcile();
  return arn;
}

const states = async (ecs: TestEcs, arn: string) => {
  const task = await ecs.task(arn);
  return [task.lastStatus, task.desiredStatus];
};

test('a task’s whole life, with its times', async () => {
  const ecs = await openTestSite();
  const start = ecs.clock.now();
  const arn = await runTask(ecs);
  assert.deepEqual(await states(ecs, arn), ['PROVISIONING', 'RUNNING']);
  assert.deepEqual([ecs.aws.interfaces.size, ecs.executor.ensured], [0, []]);

  await ecs.reconcile();
  assert.deepEqual(await states(ecs, arn), ['PENDING', 'RUNNING']);
  assert.equal(ecs.executor.desired(arn), 'RUNNING');
  const pending = await ecs.task(arn);
  const details = Object.fromEntries((pending.attachments?.[0]?.details ?? []).map(({ name, value }) => [name, value]));
  assert.deepEqual([pending.attachments?.[0]?.status, pending.connectivity], ['ATTACHED', 'CONNECTED']);
  assert.deepEqual(details, {
    subnetId: 'subnet-a',
    networkInterfaceId: 'eni-1',
    macAddress: '0a:00:00:00:00:01',
    privateDnsName: 'ip-172-31-0-1.ec2.internal',
    privateIPv4Address: '172.31.0.1',
  });
  assert.equal(pending.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address, '172.31.0.1');

  ecs.clock.advance(10 * SECOND);
  await ecs.report(arn, 'PENDING', { pullStartedAtMs: start + SECOND });
  const container = { runtimeId: 'c1', imageDigest: 'sha256:1' };
  await ecs.report(arn, 'RUNNING', { pullStoppedAtMs: start + 2 * SECOND, container });
  assert.deepEqual(await states(ecs, arn), ['RUNNING', 'RUNNING']);

  ecs.clock.advance(10 * SECOND);
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.deepEqual(await states(ecs, arn), ['STOPPING', 'STOPPED']);
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  assert.deepEqual([...ecs.aws.interfaces.keys()], ['eni-1']);

  ecs.clock.advance(5 * SECOND);
  await ecs.report(arn, 'STOPPED', { executionStoppedAtMs: start + 24 * SECOND, container: { exitCode: 137 } });
  assert.deepEqual(await states(ecs, arn), ['DEPROVISIONING', 'STOPPED']);
  await ecs.reconcile();
  const stopped = await ecs.task(arn);
  assert.deepEqual(await states(ecs, arn), ['STOPPED', 'STOPPED']);
  assert.equal(ecs.aws.interfaces.size, 0);
  assert.equal(stopped.attachments?.[0]?.status, 'DELETED');
  assert.deepEqual(
    [stopped.stopCode, stopped.stoppedReason, stopped.containers?.[0]?.exitCode, stopped.containers?.[0]?.lastStatus],
    ['UserInitiated', 'Task stopped by user', 137, 'STOPPED'],
  );
  assert.deepEqual([stopped.containers?.[0]?.runtimeId, stopped.containers?.[0]?.imageDigest], ['c1', 'sha256:1']);
  const at = (date: Date | undefined) => (must(date).getTime() - start) / SECOND;
  assert.deepEqual(
    {
      created: at(stopped.createdAt),
      connected: at(stopped.connectivityAt),
      pullStarted: at(stopped.pullStartedAt),
      pullStopped: at(stopped.pullStoppedAt),
      started: at(stopped.startedAt),
      stopping: at(stopped.stoppingAt),
      executionStopped: at(stopped.executionStoppedAt),
      stopped: at(stopped.stoppedAt),
    },
    {
      created: 0,
      connected: 0,
      pullStarted: 1,
      pullStopped: 2,
      started: 10,
      stopping: 20,
      executionStopped: 24,
      stopped: 25,
    },
  );
  await ecs.close();
});

test('a stopped task is forgotten after the retention, not before', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs);
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.deepEqual(await states(ecs, arn), ['STOPPED', 'STOPPED']);
  ecs.clock.advance(RETENTION_MS - 1);
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  // Its time has come: no resync is needed.
  ecs.clock.advance(1);
  await ecs.reconcile();
  assert.deepEqual((await ecs.call('DescribeTasks', { tasks: [arn] })).failures, [{ arn, reason: 'MISSING' }]);
  await ecs.close();
});

test('what is settled is left alone: a second pass writes nothing and calls nobody', async () => {
  const ecs = await openTestSite();
  const arn = await runningTask(ecs);
  const look = async () => ({
    row: await ecs.store.read((tx) => tx.get(tasks, arn)),
    heard: ecs.aws.heard.length,
  });
  const before = await look();
  await ecs.reconcile();
  await ecs.report(arn, 'RUNNING');
  await ecs.report(arn, 'PENDING');
  assert.deepEqual(await look(), before);
  await ecs.close();
});

test('a public address is asked for when it is wanted', async () => {
  const ecs = await openTestSite();
  const networkConfiguration = {
    awsvpcConfiguration: { subnets: ['subnet-a'], assignPublicIp: 'ENABLED' as const },
  };
  await runTask(ecs, { networkConfiguration });
  await runTask(ecs);
  await ecs.reconcile();
  const made = [...ecs.aws.interfaces.values()];
  assert.deepEqual([made.length, made.filter((one) => one.isPublic).length], [2, 1]);
  await ecs.close();
});

test('an interface that cannot be made stops the task, and says why', async () => {
  const ecs = await openTestSite();
  const refusal = new ServiceError('InsufficientFreeAddressesInSubnet', 'There are not enough free addresses.');
  ecs.aws.refusals.set('ec2:CreateNetworkInterface', refusal);
  const arn = await runTask(ecs);
  await ecs.reconcile();
  const task = await ecs.task(arn);
  assert.deepEqual([task.lastStatus, task.desiredStatus, task.stopCode], ['STOPPED', 'STOPPED', 'TaskFailedToStart']);
  assert.equal(
    task.stoppedReason,
    'Unexpected EC2 error while attempting to Create Network Interface: There are not enough free addresses.',
  );
  assert.ok(task.stoppingAt && task.stoppedAt);
  assert.deepEqual(ecs.executor.ensured, []);
  await ecs.close();
});

test('an interface is not lost when what comes after it fails', async () => {
  const ecs = await openTestSite();
  ecs.aws.refusals.set('ec2:DescribeVpcs', new ServiceError('InvalidVpcID.NotFound', 'It is gone.'));
  const arn = await runTask(ecs);
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  assert.equal(ecs.aws.interfaces.size, 0);
  await ecs.close();
});

test('EC2 that is ill for a while is waited for', async () => {
  const ecs = await openTestSite();
  ecs.aws.refusals.set('ec2:CreateNetworkInterface', new ServiceError('Unavailable', 'later', { httpStatus: 503 }));
  const arn = await runTask(ecs);
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'PROVISIONING');
  ecs.aws.refusals.clear();
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'PENDING');
  await ecs.close();
});

test('a task whose essential container ends stops by itself', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', {
    ...SITE,
    containerDefinitions: [
      { name: 'web', image: 'a' },
      { name: 'side', image: 'b', essential: false },
    ],
  });
  const arn = await runningTask(ecs);
  const exit = { stopCode: 'EssentialContainerExited' as const, stoppedReason: 'Essential container in task exited' };
  ecs.clock.advance(SECOND);
  await ecs.report(arn, 'RUNNING', exit);
  const ending = await ecs.task(arn);
  assert.deepEqual([ending.desiredStatus, ending.stopCode], ['STOPPED', 'EssentialContainerExited']);
  assert.deepEqual(ending.stoppingAt, new Date(ecs.clock.now()));
  await ecs.reconcile();
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  ecs.clock.advance(SECOND);
  await ecs.report(arn, 'STOPPED', { ...exit, container: { exitCode: 1 } });
  await ecs.reconcile();
  const task = await ecs.task(arn);
  assert.deepEqual([task.lastStatus, task.stoppedReason], ['STOPPED', 'Essential container in task exited']);
  assert.deepEqual(task.stoppingAt, ending.stoppingAt);
  await ecs.close();
});

test('a task that is stopped before it has anything costs nothing; one in the middle is taken down', async () => {
  const ecs = await openTestSite();
  const early = await runTask(ecs);
  await ecs.call('StopTask', { task: early });
  await ecs.reconcile();
  assert.deepEqual(await states(ecs, early), ['STOPPED', 'STOPPED']);
  assert.ok(!ecs.aws.heard.includes('ec2:CreateNetworkInterface'));
  const middle = await runTask(ecs);
  await ecs.reconcile();
  await ecs.call('StopTask', { task: middle });
  await ecs.reconcile();
  assert.deepEqual(await states(ecs, middle), ['STOPPING', 'STOPPED']);
  await ecs.report(middle, 'STOPPED');
  await ecs.reconcile();
  assert.deepEqual(await states(ecs, middle), ['STOPPED', 'STOPPED']);
  assert.equal((await ecs.task(middle)).startedAt, undefined);
  assert.equal(ecs.aws.interfaces.size, 0);
  await ecs.close();
});

test('the host is told which tasks belong on it: those that have not stopped', async () => {
  const ecs = await openTestSite();
  const [stays, goes] = [await runningTask(ecs), await runningTask(ecs)];
  await ecs.report(goes, 'STOPPED');
  await ecs.reconcile();
  await ecs.reconcile();
  assert.deepEqual(ecs.executor.reaped, [stays]);
  await ecs.close();
});
