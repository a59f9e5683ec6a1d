import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateServiceCommandInput, ServiceDeployment } from '@aws-sdk/client-ecs';
import { serviceDeployments, serviceRevisions } from './service-tables.ts';
import { goOn } from './testing-world.ts';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';

const WEB = { cluster: 'default', service: 'web' };
const describe = async (ecs: TestEcs) =>
  must((await ecs.call('DescribeServices', { services: ['web'] })).services?.[0]);
const rollout = async (ecs: TestEcs) => (await describe(ecs)).deployments?.map((one) => one.rolloutState);

/** The service `web` of two tasks, complete; and `site:2` to deploy. */
async function openService(change: Partial<CreateServiceCommandInput> = {}): Promise<TestEcs> {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', SITE);
  await ecs.call('CreateService', {
    ...RUN,
    taskDefinition: 'site:1',
    serviceName: 'web',
    desiredCount: 2,
    ...change,
  });
  await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  return ecs;
}

async function deploy(ecs: TestEcs): Promise<string> {
  const { service } = await ecs.call('UpdateService', { ...WEB, taskDefinition: 'site:2' });
  return must(service?.currentServiceDeployment);
}

async function deployment(ecs: TestEcs, arn: string): Promise<ServiceDeployment> {
  const { serviceDeployments } = await ecs.call('DescribeServiceDeployments', { serviceDeploymentArns: [arn] });
  return must(serviceDeployments?.[0]);
}

const only1 = (ecs: TestEcs) => (arn: string) => ecs.executor.specs.get(arn)?.taskDefinitionRevision !== 2;

test('each deployment has its revision and its story; another one takes its place', async () => {
  const ecs = await openService();
  const arn = await deploy(ecs);
  await ecs.reconcile();
  const going = await deployment(ecs, arn);
  assert.match(arn, /:service-deployment\/default\/web\/[\w-]{21}$/);
  const [source] = must(going.sourceServiceRevisions);
  assert.deepEqual(
    [going.status, going.lifecycleStage, going.targetServiceRevision?.requestedTaskCount, source?.runningTaskCount],
    ['IN_PROGRESS', 'SCALE_UP', 2, 2],
  );
  assert.deepEqual(going.deploymentCircuitBreaker, { status: 'DISABLED', failureCount: 0, threshold: 0 });
  const next = await deploy(ecs).then(() => ecs.call('UpdateService', { ...WEB, forceNewDeployment: true }));
  await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  const { serviceDeployments = [] } = await ecs.call('ListServiceDeployments', WEB);
  assert.deepEqual(
    serviceDeployments.map((one) => one.status),
    ['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL'],
  );
  assert.equal(serviceDeployments[0]?.serviceDeploymentArn, next.service?.currentServiceDeployment);
  const stopped = await ecs.call('ListServiceDeployments', { ...WEB, status: ['STOPPED'] });
  assert.deepEqual(
    stopped.serviceDeployments?.map((one) => one.serviceDeploymentArn),
    [arn],
  );
  const page = await ecs.call('ListServiceDeployments', { ...WEB, maxResults: 2 });
  const rest = await ecs.call('ListServiceDeployments', { ...WEB, maxResults: 2, nextToken: page.nextToken });
  assert.deepEqual([...must(page.serviceDeployments), ...must(rest.serviceDeployments)], serviceDeployments);
  const revisionArn = must(serviceDeployments[0]?.targetServiceRevisionArn);
  const gone = `${revisionArn}0`;
  const revisions = await ecs.call('DescribeServiceRevisions', { serviceRevisionArns: [revisionArn, gone] });
  assert.deepEqual(revisions.failures, [{ arn: gone, reason: 'MISSING' }]);
  const [revision] = must(revisions.serviceRevisions);
  assert.match(must(revision?.serviceRevisionArn), /:service-revision\/default\/web\/\d{19}$/);
  assert.match(must(revision?.taskDefinition), /site:2$/);
  assert.deepEqual(revision?.containerImages, [{ containerName: 'web', image: 'httpd:2.4' }]);
  assert.deepEqual((await describe(ecs)).currentServiceRevisions, [
    { arn: revisionArn, requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 },
  ]);
  await ecs.close();
});

test('the circuit breaker’s rollback is told with its service deployment', async () => {
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  const ecs = await openService({ deploymentConfiguration });
  const before = (await describe(ecs)).currentServiceRevisions?.[0]?.arn;
  const arn = await deploy(ecs);
  await goOn(ecs, async () => (await deployment(ecs, arn)).status === 'ROLLBACK_IN_PROGRESS', only1(ecs));
  const [back, failed] = must((await describe(ecs)).deployments);
  assert.match(
    must(back?.rolloutStateReason),
    /^ECS deployment circuit breaker: rolling back to deploymentId ecs-svc\/\d+\.$/,
  );
  assert.equal(failed?.rolloutStateReason, 'ECS deployment circuit breaker: tasks failed to start.');
  await goOn(ecs, async () => (await deployment(ecs, arn)).status === 'ROLLBACK_SUCCESSFUL', only1(ecs));
  const told = await deployment(ecs, arn);
  const reason = 'Service deployment rolled back because the circuit breaker threshold was exceeded.';
  assert.deepEqual([told.statusReason, told.rollback?.reason], [reason, reason]);
  assert.equal(told.rollback?.serviceRevisionArn, before);
  assert.deepEqual([told.deploymentCircuitBreaker?.status, told.deploymentCircuitBreaker?.threshold], ['TRIGGERED', 3]);
  assert.ok((told.deploymentCircuitBreaker?.failureCount ?? 0) >= 3);
  assert.ok(told.finishedAt);
  const service = await describe(ecs);
  assert.equal(service.currentServiceRevisions?.[0]?.arn, before);
  assert.match(must(service.taskDefinition), /site:1$/);
  const events = service.events?.map((event) => event.message).join('\n') ?? '';
  assert.match(events, /\(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\./);
  assert.match(events, /\(service web\) rolling back to deployment ecs-svc\/\d+\./);
  assert.match(events, /is unable to consistently start tasks successfully\. For more information, see/);
  await ecs.close();
});

test('an alarm that goes off rolls a deployment back; until its bake time is over', async () => {
  const alarms = { enable: true, rollback: true, alarmNames: ['errors'] };
  const ecs = await openTestSite();
  ecs.aws.alarms.set('errors', 'OK');
  await ecs.call('RegisterTaskDefinition', SITE);
  const change = { taskDefinition: 'site:1', serviceName: 'web', desiredCount: 1 };
  await ecs.call('CreateService', { ...RUN, ...change, deploymentConfiguration: { alarms } });
  const baking = async () => (await rollout(ecs))?.[0] === 'IN_PROGRESS' && (await describe(ecs)).runningCount === 1;
  await goOn(ecs, baking);
  const first = must((await describe(ecs)).currentServiceDeployment);
  assert.equal((await deployment(ecs, first)).lifecycleStage, 'BAKE_TIME');
  ecs.clock.advance(180_000);
  await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  const arn = await deploy(ecs);
  await goOn(ecs, async () => (await describe(ecs)).deployments?.[0]?.runningCount === 1);
  ecs.aws.alarms.set('errors', 'ALARM');
  ecs.clock.advance(5000);
  await goOn(ecs, async () => (await deployment(ecs, arn)).status === 'ROLLBACK_SUCCESSFUL');
  const told = await deployment(ecs, arn);
  assert.deepEqual(told.alarms, { status: 'TRIGGERED', alarmNames: ['errors'], triggeredAlarmNames: ['errors'] });
  assert.match(must((await describe(ecs)).taskDefinition), /site:1$/);
  // It is in ALARM still, so it says nothing of the deployment that may mend it.
  const mend = await deploy(ecs);
  await goOn(ecs, async () => (await deployment(ecs, mend)).status === 'SUCCESSFUL');
  await ecs.close();
});

test('a deployment is stopped by hand: rolled back, or left as it is', async () => {
  const ecs = await openService();
  const stop = (serviceDeploymentArn: string, stopType?: 'ABORT' | 'ROLLBACK') =>
    ecs.call('StopServiceDeployment', { serviceDeploymentArn, ...(stopType && { stopType }) });
  const done = must((await describe(ecs)).currentServiceDeployment);
  await assert.rejects(stop(done), { code: 'ConflictException' });
  await assert.rejects(stop(`${done}x`), { code: 'ServiceDeploymentNotFoundException' });
  const arn = await deploy(ecs);
  assert.equal((await stop(arn)).serviceDeploymentArn, arn);
  assert.equal((await deployment(ecs, arn)).status, 'ROLLBACK_REQUESTED');
  await goOn(ecs, async () => (await deployment(ecs, arn)).status === 'ROLLBACK_SUCCESSFUL');
  assert.match(must((await describe(ecs)).taskDefinition), /site:1$/);
  const again = await deploy(ecs);
  await ecs.reconcile();
  await stop(again, 'ABORT');
  assert.equal((await deployment(ecs, again)).status, 'STOP_REQUESTED');
  await goOn(ecs, async () => (await deployment(ecs, again)).status === 'STOPPED');
  const told = await deployment(ecs, again);
  assert.ok(told.stoppedAt);
  assert.deepEqual(await rollout(ecs), ['FAILED', 'COMPLETED']);
  await ecs.call('UpdateService', { ...WEB, taskDefinition: 'site:1' });
  await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  await ecs.close();
});

test('a first deployment cannot be rolled back; a deleted service stops what was going on', async () => {
  const ecs = await openTestSite();
  const { service } = await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1 });
  const serviceDeploymentArn = must(service?.currentServiceDeployment);
  await assert.rejects(ecs.call('StopServiceDeployment', { serviceDeploymentArn }), {
    code: 'InvalidParameterException',
    message: /no completed deployment/,
  });
  await ecs.call('DeleteService', { service: 'web', force: true });
  const told = await deployment(ecs, serviceDeploymentArn);
  assert.deepEqual([told.status, told.statusReason], ['STOPPED', 'Service was deleted.']);
  await assert.rejects(ecs.call('StopServiceDeployment', { serviceDeploymentArn }), { code: 'ConflictException' });
  await ecs.close();
});

test('tasks whose role ECS may not assume are not launched, and that is said', async () => {
  const ecs = await openTestSite();
  const taskRoleArn = 'arn:aws:iam::123456789012:role/app';
  await ecs.call('RegisterTaskDefinition', { ...SITE, taskRoleArn });
  ecs.aws.untrusting.add(taskRoleArn);
  await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1 });
  await ecs.reconcile();
  const service = await describe(ecs);
  assert.deepEqual([service.pendingCount, service.deployments?.[0]?.failedTasks], [0, 1]);
  assert.match(
    must(service.events?.[0]?.message),
    /^\(service web\) failed to launch a task with \(error ECS was unable to assume the role 'arn:.*'/,
  );
  ecs.aws.untrusting.clear();
  await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  await ecs.close();
});

test('its tasks can be entered where the service lets them', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', { ...SITE, taskRoleArn: 'arn:aws:iam::123456789012:role/app' });
  const wish = { ...RUN, serviceName: 'web', desiredCount: 1, enableExecuteCommand: true };
  const { service } = await ecs.call('CreateService', wish);
  assert.equal(service?.enableExecuteCommand, true);
  await ecs.reconcile();
  const { taskArns } = await ecs.call('ListTasks', { serviceName: 'web' });
  assert.equal((await ecs.task(must(taskArns?.[0]))).enableExecuteCommand, true);
  const updated = await ecs.call('UpdateService', { ...WEB, enableExecuteCommand: false });
  assert.deepEqual([updated.service?.enableExecuteCommand, updated.service?.deployments?.length], [false, 1]);
  await ecs.close();
});

test('a deployment is told of for 90 days, and its revision with it; that of the service itself for ever', async () => {
  const ecs = await openService();
  const revisions = () => ecs.store.read(async (tx) => (await tx.list(serviceRevisions)).map((row) => row.arn));
  for (const taskDefinition of ['site:2', 'site:1']) {
    await ecs.call('UpdateService', { ...WEB, taskDefinition });
    await goOn(ecs, async () => (await rollout(ecs))?.join() === 'COMPLETED');
  }
  const running = must((await describe(ecs)).currentServiceRevisions?.[0]?.arn);
  assert.equal((await revisions()).length, 3);
  await ecs.store.write(async (tx) => {
    for (const row of await tx.list(serviceDeployments)) {
      await tx.put(serviceDeployments, { ...row, updatedAtMs: ecs.clock.now() - 91 * 24 * 3_600_000 });
    }
  });
  const target = must((await deployment(ecs, await deploy(ecs))).targetServiceRevision?.arn);
  assert.deepEqual(new Set(await revisions()), new Set([running, target]));
  assert.equal((await ecs.call('ListServiceDeployments', WEB)).serviceDeployments?.length, 1);
  await ecs.close();
});

test('that it is steady is said every six hours', async () => {
  const ecs = await openService();
  const said = async () =>
    (await describe(ecs)).events?.filter((event) => event.message?.endsWith('has reached a steady state.')).length;
  assert.equal(await said(), 1);
  ecs.clock.advance(6 * 3_600_000);
  await ecs.reconcile();
  assert.equal(await said(), 2);
  await ecs.close();
});
