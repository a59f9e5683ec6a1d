import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ON_BRIDGE } from '../testing-instances.ts';
import { must } from '../testing.ts';
import {
  DAEMON,
  PROVIDER,
  createDaemon,
  daemonTasks,
  describeDaemon,
  describeDeployment,
  joinManaged,
  leaveManaged,
  openTestDaemons,
  runDaemon,
  statusOf,
} from './testing.ts';

test('instances from before the daemon are replaced, and so are those with its tasks when it is deleted', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const before = await joinManaged(ecs, 'i-0');
  assert.equal(await statusOf(ecs, before), 'ACTIVE', 'without daemons it takes tasks at once');
  await ecs.call('RegisterTaskDefinition', ON_BRIDGE);
  const { tasks = [] } = await ecs.call('StartTask', { taskDefinition: 'bridge', containerInstances: [before] });
  const standalone = must(tasks[0]?.taskArn);
  ecs.clock.advance(1000);
  const created = await createDaemon(ecs);
  assert.equal(await statusOf(ecs, before), 'DRAINING');
  assert.equal((await ecs.task(standalone)).stoppedReason, 'Task stopped during instance draining');
  const after = await joinManaged(ecs, 'i-1');
  await runDaemon(ecs, after);
  assert.equal((await describeDeployment(ecs, created)).status, 'IN_PROGRESS');
  await leaveManaged(ecs, before);
  assert.equal((await describeDeployment(ecs, created)).status, 'SUCCESSFUL');

  ecs.clock.advance(1000);
  const { status, deploymentArn } = await ecs.call('DeleteDaemon', { daemonArn: DAEMON });
  assert.equal(status, 'DELETE_IN_PROGRESS');
  assert.notEqual(deploymentArn, created);
  await ecs.reconcile();
  assert.equal(await statusOf(ecs, after), 'DRAINING');
  assert.equal((await daemonTasks(ecs)).size, 1, 'its task stays to the end');
  await assert.rejects(ecs.call('DeleteDaemon', { daemonArn: DAEMON }), { code: 'DaemonNotActiveException' });
  await leaveManaged(ecs, after);
  await assert.rejects(describeDaemon(ecs), { code: 'DaemonNotFoundException' });
});

test('a deployment bakes after each batch, and its alarms bring the revision before back', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs);
  const first = await joinManaged(ecs, 'i-1');
  await runDaemon(ecs, first);
  ecs.aws.alarms.set('errors', 'OK');
  ecs.clock.advance(1000);
  const { deploymentArn = '' } = await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent:1',
    capacityProviderArns: [PROVIDER],
    critical: false,
    deploymentConfiguration: { bakeTimeInMinutes: 10, alarms: { enable: true, alarmNames: ['errors'] } },
  });
  await ecs.reconcile();
  const second = await joinManaged(ecs, 'i-2');
  await runDaemon(ecs, second);
  await leaveManaged(ecs, first);
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.equal((await describeDeployment(ecs, deploymentArn)).status, 'IN_PROGRESS');
  ecs.aws.alarms.set('errors', 'ALARM');
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  const failed = await describeDeployment(ecs, deploymentArn);
  assert.equal(failed.status, 'ROLLBACK_IN_PROGRESS');
  assert.deepEqual(failed.alarms, {
    status: 'TRIGGERED',
    alarmNames: ['errors'],
    triggeredAlarmNames: ['errors'],
  });
  assert.equal(await statusOf(ecs, second), 'DRAINING');
});

test('an update that changes no task replaces no instance, and takes the place of the deployment before', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const created = await createDaemon(ecs);
  const one = await joinManaged(ecs, 'i-1');
  ecs.clock.advance(1000);
  const { deploymentArn = '' } = await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent:1',
    capacityProviderArns: [PROVIDER],
    deploymentConfiguration: { drainPercent: 100 },
  });
  await runDaemon(ecs, one);
  assert.equal(await statusOf(ecs, one), 'ACTIVE');
  assert.equal((await describeDeployment(ecs, deploymentArn)).status, 'SUCCESSFUL');
  const before = await describeDeployment(ecs, created);
  assert.equal(before.targetDaemonRevision?.arn, (await describeDaemon(ecs)).currentRevisions?.[0]?.arn);
});

test('the daemons of a cluster that is deleted are gone with it', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs);
  await ecs.call('DeleteCluster', { cluster: 'default' });
  await ecs.reconcile();
  await assert.rejects(describeDaemon(ecs), { code: 'DaemonNotFoundException' });
});
