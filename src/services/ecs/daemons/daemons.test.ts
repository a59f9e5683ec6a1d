import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RETENTION_MS, must, runTask } from '../testing.ts';
import {
  AGENT,
  DAEMON,
  PROVIDER,
  createDaemon,
  daemonTasks,
  describeDaemon,
  describeDeployment,
  failDaemon,
  joinManaged,
  leaveManaged,
  openTestDaemons,
  runDaemon,
  statusOf,
  taskOn,
} from './testing.ts';

const ON_PROVIDER = {
  launchType: undefined,
  networkConfiguration: undefined,
  taskDefinition: 'half',
  capacityProviderStrategy: [{ capacityProvider: 'managed', weight: 1 }],
};

test('the daemon starts first on a new instance, and only then other tasks are placed there', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const deployment = await createDaemon(ecs, {
    enableECSManagedTags: true,
    propagateTags: 'DAEMON',
    tags: [{ key: 'a', value: 'b' }],
  });
  const one = await joinManaged(ecs, 'i-1');
  assert.equal(await statusOf(ecs, one), 'REGISTERING');
  const waiting = await runTask(ecs, ON_PROVIDER);
  await ecs.reconcile();
  assert.equal((await ecs.task(waiting)).containerInstanceArn, undefined);
  const { failures } = await ecs.call('StartTask', { taskDefinition: 'half', containerInstances: [one] });
  assert.deepEqual(failures, [{ arn: one, reason: 'INACTIVE' }]);
  const task = await ecs.task(await taskOn(ecs, one));
  assert.equal(task.group, 'daemon:agent');
  assert.equal(task.capacityProviderName, 'managed');
  assert.match(task.taskDefinitionArn ?? '', /:daemon-task-definition\/agent:1$/);
  assert.equal(ecs.executor.desired(task.taskArn ?? ''), 'RUNNING');
  await runDaemon(ecs, one);
  assert.equal(await statusOf(ecs, one), 'ACTIVE');
  assert.equal((await describeDeployment(ecs, deployment)).status, 'SUCCESSFUL');
  const { currentRevisions = [], deploymentArn, status } = await describeDaemon(ecs);
  assert.deepEqual([deploymentArn, status], [deployment, 'ACTIVE']);
  assert.deepEqual(currentRevisions[0]?.capacityProviders, [{ arn: PROVIDER, runningCount: 1, withoutDaemonCount: 0 }]);
  const { tasks = [] } = await ecs.call('DescribeTasks', { tasks: [must(task.taskArn)], include: ['TAGS'] });
  assert.deepEqual(tasks[0]?.tags, [
    { key: 'a', value: 'b' },
    { key: 'aws:ecs:clusterName', value: 'default' },
  ]);
});

test('an update replaces instances batch by batch', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const first = await createDaemon(ecs);
  const old: string[] = [];
  for (const id of ['i-1', 'i-2', 'i-3', 'i-4']) {
    old.push(await joinManaged(ecs, id));
    await runDaemon(ecs, must(old.at(-1)));
  }
  assert.equal((await describeDeployment(ecs, first)).status, 'SUCCESSFUL');
  await ecs.call('RegisterDaemonTaskDefinition', {
    family: 'agent',
    containerDefinitions: [{ name: 'agent', image: 'httpd:2.4', memory: 64 }],
  });
  ecs.clock.advance(1000);
  const { deploymentArn = '' } = await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent:2',
    capacityProviderArns: [PROVIDER],
    deploymentConfiguration: { drainPercent: 50 },
  });
  await ecs.reconcile();
  const statuses = async () => Promise.all(old.map((arn) => statusOf(ecs, arn)));
  assert.deepEqual(await statuses(), ['DRAINING', 'DRAINING', 'ACTIVE', 'ACTIVE']);
  const { targetDaemonRevision, sourceDaemonRevisions = [], status } = await describeDeployment(ecs, deploymentArn);
  assert.deepEqual([status, sourceDaemonRevisions[0]?.totalDrainingInstanceCount], ['IN_PROGRESS', 2]);
  await leaveManaged(ecs, must(old[0]));
  const fifth = await joinManaged(ecs, 'i-5');
  await leaveManaged(ecs, must(old[1]));
  assert.equal(await statusOf(ecs, must(old[2])), 'ACTIVE', 'the new instance is not ready yet');
  const task = await ecs.task(await runDaemon(ecs, fifth));
  assert.match(task.taskDefinitionArn ?? '', /agent:2$/);
  assert.equal(await statusOf(ecs, must(old[2])), 'DRAINING', 'half of three is one');
  for (const arn of old.slice(2)) await leaveManaged(ecs, arn);
  const ended = await describeDeployment(ecs, deploymentArn);
  assert.deepEqual([ended.status, ended.targetDaemonRevision?.totalRunningInstanceCount], ['SUCCESSFUL', 1]);
  const { daemonRevisions = [] } = await ecs.call('DescribeDaemonRevisions', {
    daemonRevisionArns: [must(targetDaemonRevision?.arn)],
  });
  assert.deepEqual(daemonRevisions[0]?.containerImages, [{ containerName: 'agent', image: 'httpd:2.4' }]);
  const { daemonDeployments = [] } = await ecs.call('ListDaemonDeployments', { daemonArn: DAEMON });
  assert.deepEqual(
    daemonDeployments.map((one) => one.daemonDeploymentArn),
    [deploymentArn, first],
  );
});

test('an instance whose critical daemon stops is drained, and its other tasks leave', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs);
  const one = await joinManaged(ecs, 'i-1');
  const daemonTask = await runDaemon(ecs, one);
  await ecs.call('StopTask', { task: daemonTask });
  await ecs.reconcile();
  assert.equal(await statusOf(ecs, one), 'DRAINING');
  assert.equal((await daemonTasks(ecs)).size, 0);
});

test('a daemon that is not critical blocks nothing, and is missed by nobody', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs, { critical: false });
  const one = await joinManaged(ecs, 'i-1');
  assert.equal(await statusOf(ecs, one), 'ACTIVE');
  await failDaemon(ecs, one);
  assert.equal(await statusOf(ecs, one), 'ACTIVE');
  assert.equal((await describeDaemon(ecs)).currentRevisions?.[0]?.totalWithoutDaemonCount, 1);
  assert.equal((await daemonTasks(ecs)).size, 0);
});

test('the circuit breaker brings back the revision before', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs);
  const first = await joinManaged(ecs, 'i-1');
  await runDaemon(ecs, first);
  await ecs.call('RegisterDaemonTaskDefinition', {
    family: 'agent',
    containerDefinitions: [{ name: 'agent', image: 'nobody', memory: 64 }],
  });
  ecs.clock.advance(1000);
  const { deploymentArn = '' } = await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent',
    capacityProviderArns: [PROVIDER],
  });
  await ecs.reconcile();
  for (const id of ['i-2', 'i-3', 'i-4']) {
    const instance = await joinManaged(ecs, id);
    await failDaemon(ecs, instance);
    assert.equal(await statusOf(ecs, instance), 'DRAINING');
    await leaveManaged(ecs, instance);
    if (id === 'i-2') await leaveManaged(ecs, first);
  }
  const last = await joinManaged(ecs, 'i-5');
  const task = await ecs.task(await runDaemon(ecs, last));
  assert.match(task.taskDefinitionArn ?? '', /agent:1$/);
  const { status, circuitBreaker, rollback } = await describeDeployment(ecs, deploymentArn);
  assert.equal(status, 'ROLLBACK_SUCCESSFUL');
  assert.deepEqual(circuitBreaker, { status: 'TRIGGERED', failureCount: 3, threshold: 3 });
  assert.match(rollback?.reason ?? '', /circuit breaker/);
});

test('what a daemon cannot be is refused', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await assert.rejects(createDaemon(ecs, { capacityProviderArns: ['FARGATE'] }), { code: 'ClientException' });
  await assert.rejects(createDaemon(ecs, { daemonTaskDefinitionArn: 'nobody' }), /DaemonTaskDefinition not found/);
  await assert.rejects(createDaemon(ecs, { deploymentConfiguration: { drainPercent: 101 } }), /drainPercent/);
  await assert.rejects(createDaemon(ecs, { enableExecuteCommand: true }), /valid taskRoleArn/);
  const first = await createDaemon(ecs, { clientToken: 'token' });
  assert.equal(await createDaemon(ecs, { clientToken: 'token' }), first, 'the same request');
  await assert.rejects(createDaemon(ecs), /not idempotent/);
  const { daemonSummariesList = [] } = await ecs.call('ListDaemons', { capacityProviderArns: [PROVIDER] });
  assert.deepEqual(
    daemonSummariesList.map((one) => one.daemonArn),
    [DAEMON],
  );
});

test('a daemon that does not fit takes nothing of its instance, which is replaced', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, memory: '4096' });
  await createDaemon(ecs, { daemonTaskDefinitionArn: 'agent:2' });
  const one = await joinManaged(ecs, 'i-1');
  assert.equal(await statusOf(ecs, one), 'DRAINING');
  const { taskArns = [] } = await ecs.call('ListTasks', { daemonName: 'agent', desiredStatus: 'STOPPED' });
  const { stoppedReason, stopCode } = await ecs.task(must(taskArns[0]));
  assert.equal(stopCode, 'TaskFailedToStart');
  assert.match(stoppedReason ?? '', /it needs 4096 MiB, and 1900 are left/);
});

test('a daemon with a health check is ready once it is healthy, and is replaced when it no longer is', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const healthCheck = { command: ['CMD', 'true'] };
  const containerDefinitions = [{ name: 'agent', image: 'httpd:2.4', memory: 64, healthCheck }];
  await ecs.call('RegisterDaemonTaskDefinition', { family: 'agent', containerDefinitions });
  await createDaemon(ecs, { daemonTaskDefinitionArn: 'agent' });
  const one = await joinManaged(ecs, 'i-1');
  const task = await runDaemon(ecs, one);
  const becomes = async (health: 'HEALTHY' | 'UNHEALTHY') => {
    await ecs.report(task, 'RUNNING', { container: { health } });
    await ecs.reconcile();
    return statusOf(ecs, one);
  };
  assert.equal(await statusOf(ecs, one), 'REGISTERING');
  assert.equal(await becomes('HEALTHY'), 'ACTIVE');
  assert.equal(await becomes('UNHEALTHY'), 'DRAINING');
});

test('an instance that a daemon which is not critical has failed on does without it for good', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await createDaemon(ecs, { critical: false });
  const one = await joinManaged(ecs, 'i-1');
  const two = await joinManaged(ecs, 'i-2');
  await runDaemon(ecs, two);
  ecs.clock.advance(1000);
  await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent:1',
    capacityProviderArns: [PROVIDER],
    critical: false,
    deploymentConfiguration: { drainPercent: 50 },
  });
  await ecs.reconcile();
  const three = await joinManaged(ecs, 'i-3');
  for (const instance of [one, three]) await failDaemon(ecs, instance);
  ecs.clock.advance(RETENTION_MS + 1000);
  await ecs.reconcile();
  for (const instance of [one, two, three]) assert.equal(await statusOf(ecs, instance), 'ACTIVE');
  assert.deepEqual([...(await daemonTasks(ecs)).keys()], [two]);
  assert.equal((await describeDaemon(ecs)).currentRevisions?.[0]?.totalWithoutDaemonCount, 2);
  const stopped = async () => (await ecs.call('ListTasks', { daemonName: 'agent', desiredStatus: 'STOPPED' })).taskArns;
  await leaveManaged(ecs, one);
  assert.equal((await stopped())?.length, 1, 'forgotten once its instance has left');
  await ecs.call('DeleteDaemon', { daemonArn: DAEMON });
  await ecs.reconcile();
  await leaveManaged(ecs, two);
  await ecs.reconcile();
  assert.deepEqual(await stopped(), [], 'forgotten with its daemon');
});
