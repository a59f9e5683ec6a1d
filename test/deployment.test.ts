import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { containerOf } from './harness/host.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { deleteService } from './harness/site-teardown.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-deployment-${process.pid}:${version}`);
const [V1 = '', V2 = ''] = IMAGES;

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await Promise.all([buildSiteImage(V1, 'v1'), buildSiteImage(V2, 'v2')]);
  site = await deploySite(server, { name: 'rolling', image: V1 });
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', ...IMAGES]);
});

/** Does something while visitors ask for the version all the time; answers how often each version came. */
async function visited(work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>> {
  const visitors = new Visitors(await site.request('/cgi-bin/version'));
  await visitors.during(work);
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
  return visitors.answers;
}

function arnsOf(tasks: readonly { taskArn?: string | undefined }[]): string[] {
  return tasks.map((task) => task.taskArn ?? '').toSorted();
}

test('a new version is rolled out, and every request meanwhile is answered', async (t) => {
  const old = arnsOf(await site.tasks());
  const imageUri = await site.push(V2, 'v2');
  const answers = await visited(async () => {
    await site.update({ taskDefinition: await site.register(imageUri) });
    await site.steady();
  });
  assert.deepEqual([...answers.keys()].toSorted(), ['v1', 'v2']);
  t.diagnostic(`answers: ${JSON.stringify(Object.fromEntries(answers))}`);
  assert.equal((await site.get('/cgi-bin/version')).body.trim(), 'v2');
  const stopped = await site.describe(old);
  assert.deepEqual(arnsOf(await site.tasks('STOPPED')), old);
  for (const task of stopped) {
    assert.match(task.stoppedReason ?? '', /^Scaling activity initiated by \(deployment ecs-svc\/\d{19}\)$/);
    assert.equal(task.stopCode, 'ServiceSchedulerInitiated');
  }
});

test('a version that fails to start is rolled back by the circuit breaker, while the last one answers', async () => {
  const good = (await site.service()).taskDefinition;
  const bad = await site.register(undefined, { entryPoint: ['/bin/sh', '-c', 'echo broken; exit 1'] });
  const deploymentCircuitBreaker = { enable: true, rollback: true };
  const answers = await visited(async () => {
    await site.update({ taskDefinition: bad, deploymentConfiguration: { deploymentCircuitBreaker } });
    await until('the deployment has failed', async () => {
      const { deployments = [] } = await site.service();
      return deployments.some((one) => one.taskDefinition === bad && one.rolloutState === 'FAILED');
    });
    await site.steady();
  });
  assert.deepEqual([...answers.keys()], ['v2']);
  const service = await site.service();
  assert.equal(service.taskDefinition, good);
  assert.ok(service.events?.some((event) => event.message?.endsWith('deployment failed: tasks failed to start.')));
  // One that had only just been started when the breaker tripped is stopped by the rollback, not by itself.
  const failed = (await site.tasks('STOPPED')).filter(
    (task) => task.taskDefinitionArn === bad && task.stopCode !== 'ServiceSchedulerInitiated',
  );
  assert.ok(failed.length >= 3, 'the threshold of the circuit breaker');
  for (const task of failed) {
    assert.equal(task.stoppedReason, 'Essential container in task exited');
    assert.equal(task.containers?.[0]?.exitCode, 1);
  }
});

test('a version that fails its health checks never replaces the last one', async () => {
  const sick = await site.register(undefined, {
    stopTimeout: 2,
    entryPoint: ['/bin/sh', '-c', 'mkdir /www; exec busybox httpd -f -p 80 -h /www'],
  });
  const good = (await site.service()).taskDefinition;
  const answers = await visited(async () => {
    const deploymentCircuitBreaker = { enable: false, rollback: false };
    await site.update({ taskDefinition: sick, deploymentConfiguration: { deploymentCircuitBreaker } });
    const replaced = await until('a sick task is replaced', async () => {
      const stopped = await site.tasks('STOPPED');
      return stopped.find((task) => task.taskDefinitionArn === sick && task.lastStatus === 'STOPPED');
    });
    assert.equal(
      replaced.stoppedReason,
      `Task failed ELB health checks in (target-group ${site.parts.targetGroupArn})`,
    );
    await until('others are started in their place', async () => {
      const running = await site.tasks();
      return running.filter((task) => task.taskDefinitionArn === sick).length === 2;
    });
    const { deployments } = await site.service();
    assert.equal(deployments?.[0]?.rolloutState, 'IN_PROGRESS');
    assert.ok((deployments?.[0]?.failedTasks ?? 0) > 0);
    await site.update({ taskDefinition: good ?? '' });
    await site.steady();
  });
  assert.deepEqual([...answers.keys()], ['v2']);
});

test('a service is scaled up and down, and every request meanwhile is answered', async () => {
  await visited(async () => {
    await site.update({ desiredCount: 4 });
    await site.steady();
    assert.equal((await site.tasks()).length, 4);
    await site.update({ desiredCount: 1 });
    await site.steady();
    assert.equal((await site.tasks()).length, 1);
    await site.update({ desiredCount: 2 });
    await site.steady();
  });
});

test('a container that is killed ends its task, and another takes its place', async () => {
  const tasks = await site.tasks();
  const [victim] = tasks;
  const container = await containerOf(await server.instanceId(), victim?.taskArn);
  await must('docker', ['kill', container.id]);
  const stopped = await site.stopped(victim?.taskArn);
  assert.equal(stopped.stopCode, 'EssentialContainerExited');
  assert.equal(stopped.stoppedReason, 'Essential container in task exited');
  assert.equal(stopped.containers?.[0]?.exitCode, 137);
  await site.steady();
  const now = arnsOf(await site.tasks());
  assert.equal(now.length, 2);
  assert.ok(!now.includes(victim?.taskArn ?? ''));
  assert.ok(now.some((arn) => arnsOf(tasks).includes(arn)));
});

test('a task that is stopped first answers what it was asked, and another takes its place', async () => {
  await site.setDeregistrationDelay(4);
  const [victim] = await site.tasks();
  const slow = Array.from({ length: 4 }, () => site.get('/cgi-bin/slow'));
  await visited(async () => {
    await site.clients.ecs.send(
      new StopTaskCommand({ cluster: site.name, task: victim?.taskArn, reason: 'because the test says so' }),
    );
    const stopped = await site.stopped(victim?.taskArn);
    assert.equal(stopped.stopCode, 'UserInitiated');
    assert.equal(stopped.stoppedReason, 'because the test says so');
    await site.steady();
  });
  for (const page of await Promise.all(slow)) assert.deepEqual([page.status, page.body.trim()], [200, 'ok']);
  await site.setDeregistrationDelay(1);
});

test('a one-off task says how it ended; an image that is not there says so', async () => {
  const definition = await site.register(undefined, { entryPoint: ['/bin/sh', '-c', 'exit 3'] });
  const missing = await site.register(`${site.parts.repositoryUri}:missing`);
  const [[one], [other]] = await Promise.all([site.run(definition), site.run(missing)]);
  const ended = await site.stopped(one?.taskArn);
  assert.equal(ended.stopCode, 'EssentialContainerExited');
  assert.equal(ended.stoppedReason, 'Essential container in task exited');
  assert.equal(ended.containers?.[0]?.exitCode, 3);
  const failed = await site.stopped(other?.taskArn);
  assert.equal(failed.stopCode, 'TaskFailedToStart');
  assert.match(failed.stoppedReason ?? '', /^CannotPullContainerError: /);
  assert.match(failed.containers?.[0]?.reason ?? '', /^CannotPullContainerError: /);
  assert.equal(failed.containers?.[0]?.exitCode, undefined);
  assert.equal(failed.startedAt, undefined);
});

test('a service is deleted with force: its tasks stop, and nobody answers any more', async () => {
  const tasks = arnsOf(await site.tasks());
  await deleteService(site.clients, site.name);
  for (const task of await site.describe(tasks)) assert.equal(task.lastStatus, 'STOPPED');
  assert.deepEqual(await site.targetStates(), []);
  assert.equal((await site.get()).status, 503);
});
