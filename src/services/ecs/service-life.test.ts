import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import { goOn } from './testing-world.ts';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';

const describe = async (ecs: TestEcs) =>
  must((await ecs.call('DescribeServices', { services: ['web'] })).services?.[0]);
const isComplete = async (ecs: TestEcs) => {
  const { deployments = [] } = await describe(ecs);
  return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
};
const liveTasks = async (ecs: TestEcs) => must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);
const messages = async (ecs: TestEcs) =>
  (await describe(ecs)).events
    ?.map((event) => event.message?.replaceAll(/(?<=task )[0-9a-f]{32}|\d{19}/g, '#'))
    .toReversed();

/** A service `web` of two tasks behind a target group, complete. */
async function openService(change: Partial<CreateServiceCommandInput> = {}): Promise<{ ecs: TestEcs; group: string }> {
  const ecs = await openTestSite();
  const group = ecs.aws.addTargetGroup('web', { drains: true });
  const loadBalancers = [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }];
  await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 2, loadBalancers, ...change });
  await goOn(ecs, () => isComplete(ecs));
  return { ecs, group };
}

test('a service reaches its steady state, and says so once', async () => {
  const { ecs, group } = await openService();
  const service = await describe(ecs);
  assert.deepEqual([service.runningCount, service.pendingCount, service.desiredCount], [2, 0, 2]);
  assert.deepEqual([service.deployments?.[0]?.runningCount, service.deployments?.[0]?.failedTasks], [2, 0]);
  assert.deepEqual([...must(ecs.aws.targetGroups.get(group)).targets.values()], ['healthy', 'healthy']);
  const said = await messages(ecs);
  assert.deepEqual(said, [
    '(service web) has started 2 tasks: (task #) (task #).',
    `(service web) registered 2 targets in (target-group ${group}).`,
    '(service web) (deployment ecs-svc/#) deployment completed.',
    '(service web) has reached a steady state.',
  ]);
  for (let second = 0; second < 10; second++) {
    ecs.clock.advance(1000);
    await ecs.reconcile();
  }
  assert.deepEqual(await messages(ecs), said);
  await ecs.close();
});

test('a rolling update brings new tasks before old ones go', async () => {
  const { ecs } = await openService();
  const old = await liveTasks(ecs);
  await ecs.call('RegisterTaskDefinition', SITE);
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'site' });
  await goOn(ecs, async () => {
    const running = (await describe(ecs)).runningCount ?? 0;
    assert.ok(running >= 2, `${running} tasks run`);
    return isComplete(ecs);
  });
  const now = await liveTasks(ecs);
  assert.deepEqual([now.length, now.filter((arn) => old.includes(arn))], [2, []]);
  for (const arn of now) assert.match(must((await ecs.task(arn)).taskDefinitionArn), /site:2$/);
  await goOn(ecs, async () => ecs.aws.interfaces.size === 2);
  const gone = await ecs.task(must(old[0]));
  assert.equal(gone.stopCode, 'ServiceSchedulerInitiated');
  assert.match(must(gone.stoppedReason), /^Scaling activity initiated by \(deployment ecs-svc\/\d{19}\)$/);
  await ecs.close();
});

test('with another target group, the old tasks serve in the old one until the new are healthy', async () => {
  const { ecs, group } = await openService();
  const old = must(ecs.aws.targetGroups.get(group)).targets;
  const other = ecs.aws.addTargetGroup('other');
  const loadBalancers = [{ targetGroupArn: other, containerName: 'web', containerPort: 80 }];
  await ecs.call('UpdateService', { service: 'web', loadBalancers });
  for (let second = 0; second < 5; second++) {
    await ecs.reconcile();
    ecs.clock.advance(1000);
  }
  assert.deepEqual([...old.values()], ['healthy', 'healthy']);
  await goOn(ecs, () => isComplete(ecs));
  await goOn(ecs, async () => old.size === 0);
  assert.deepEqual([...must(ecs.aws.targetGroups.get(other)).targets.values()], ['healthy', 'healthy']);
  await ecs.close();
});

test('a task that its load balancer finds unhealthy is replaced, once another is healthy', async () => {
  const { ecs, group } = await openService();
  const before = await liveTasks(ecs);
  const { targets } = must(ecs.aws.targetGroups.get(group));
  targets.set(must([...targets.keys()][0]), 'unhealthy');
  ecs.clock.advance(5000);
  await ecs.reconcile();
  assert.deepEqual([(await liveTasks(ecs)).length, (await describe(ecs)).runningCount], [3, 2]);
  await goOn(ecs, async () => (await liveTasks(ecs)).length === 2);
  const after = await liveTasks(ecs);
  assert.equal(after.filter((arn) => before.includes(arn)).length, 1);
  await goOn(ecs, async () => targets.size === 2);
  const said = must(await messages(ecs)).slice(4);
  assert.deepEqual(said, [
    `(service web) (task #) (port 80) is unhealthy in (target-group ${group}) due to (reason as the test says).`,
    '(service web) has started 1 tasks: (task #). Amazon ECS replaced 1 tasks due to an unhealthy status.',
    `(service web) registered 1 targets in (target-group ${group}).`,
    '(service web) has stopped 1 running tasks: (task #).',
    '(service web) has reached a steady state.',
    `(service web) deregistered 1 targets in (target-group ${group}).`,
    '(service web) has begun draining connections on 1 tasks.',
  ]);
  await ecs.close();
});

test('a deployment whose tasks cannot start is rolled back', async () => {
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  const { ecs } = await openService({ deploymentConfiguration });
  await ecs.call('RegisterTaskDefinition', SITE);
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:2' });
  const isFine = (arn: string) => ecs.executor.specs.get(arn)?.taskDefinitionRevision !== 2;
  const isBack = async () => (await isComplete(ecs)) && must((await describe(ecs)).taskDefinition).endsWith('site:1');
  await goOn(ecs, isBack, isFine);
  const said = must(await messages(ecs)).join('\n');
  assert.match(said, /deployment failed: tasks failed to start/);
  assert.equal((await liveTasks(ecs)).length, 2);
  await ecs.close();
});

test('a container whose health check is NONE is healthy when it runs; one with a check when that says so', async () => {
  const ecs = await openTestSite();
  const checked = (command: string[]) => ({
    ...SITE,
    containerDefinitions: [{ name: 'web', image: 'a', healthCheck: { command } }],
  });
  await ecs.call('RegisterTaskDefinition', checked(['NONE']));
  await ecs.call('RegisterTaskDefinition', checked(['CMD', 'true']));
  await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1, taskDefinition: 'site:2' });
  await goOn(ecs, () => isComplete(ecs));
  assert.equal((await ecs.task(must((await liveTasks(ecs))[0]))).healthStatus, 'UNKNOWN');
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:3' });
  await ecs.reconcile();
  const arn = must((await liveTasks(ecs)).find((one) => ecs.executor.specs.get(one)?.taskDefinitionRevision === 3));
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  assert.equal((await describe(ecs)).deployments?.length, 2);
  await ecs.report(arn, 'RUNNING', { container: { health: 'HEALTHY' } });
  await goOn(ecs, () => isComplete(ecs));
  assert.equal((await ecs.task(arn)).healthStatus, 'HEALTHY');
  await ecs.close();
});

test('a deleted service takes its tasks down and is INACTIVE when the last has stopped', async () => {
  const { ecs, group } = await openService();
  await ecs.call('DeleteService', { service: 'web', force: true });
  await ecs.reconcile();
  assert.equal((await describe(ecs)).status, 'DRAINING');
  await goOn(ecs, async () => (await describe(ecs)).status === 'INACTIVE');
  assert.deepEqual([ecs.aws.interfaces.size, must(ecs.aws.targetGroups.get(group)).targets.size], [0, 0]);
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, []);
  assert.equal((await ecs.call('DeleteCluster', { cluster: 'default' })).cluster?.status, 'INACTIVE');
  await ecs.close();
});
