import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from './tables.ts';
import { joinInstance } from './testing-instances.ts';
import { FakeRules } from './testing-shift.ts';
import { deployment, service, untilStage } from './testing-shift-site.ts';
import { NETWORK, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { boundWrites, goOn } from './testing-world.ts';

const ON_INSTANCES = {
  family: 'web',
  networkMode: 'awsvpc' as const,
  requiresCompatibilities: ['EC2' as const],
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', memory: 64, portMappings: [{ containerPort: 80 }] }],
};

/** A deployment of `web:2` in its bake time, on one instance, beside the task of `web:1`. */
async function openBaking(ecs: TestEcs): Promise<string> {
  for (const definition of [ON_INSTANCES, ON_INSTANCES]) await ecs.call('RegisterTaskDefinition', definition);
  const instance = await joinInstance(ecs, 'i-1');
  const advancedConfiguration = {
    alternateTargetGroupArn: ecs.aws.addTargetGroup('green', { drains: true, LoadBalancerArns: [] }),
    productionListenerRule: FakeRules.PRODUCTION,
    testListenerRule: FakeRules.TEST,
    roleArn: 'arn:aws:iam::123456789012:role/ecsInfrastructureRole',
  };
  const targetGroupArn = ecs.aws.addTargetGroup('blue', { drains: true });
  await ecs.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web:1',
    launchType: 'EC2',
    desiredCount: 1,
    networkConfiguration: NETWORK,
    deploymentConfiguration: { strategy: 'BLUE_GREEN' },
    loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80, advancedConfiguration }],
  });
  await goOn(ecs, async () => (await service(ecs)).deployments?.[0]?.rolloutState === 'COMPLETED');
  const deploymentConfiguration = { bakeTimeInMinutes: 60 };
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'web:2', deploymentConfiguration });
  await untilStage(ecs, 'BAKE_TIME');
  return instance;
}

const tasksOf = async (ecs: TestEcs, taskDefinition: string) => {
  const { taskArns = [] } = await ecs.call('ListTasks', { serviceName: 'web' });
  const all = await Promise.all(taskArns.map((arn) => ecs.task(arn)));
  return all.filter((task) => task.taskDefinitionArn?.endsWith(taskDefinition)).map((task) => must(task.taskArn));
};

test('what is replaced waits for room as the new tasks do, and is placed once there is some', async () => {
  const ecs = await openTestSite();
  const instance = await openBaking(ecs);
  await ecs.call('UpdateContainerInstancesState', { containerInstances: [instance], status: 'DRAINING' });
  const [task = ''] = await tasksOf(ecs, 'web:1');
  const writes = boundWrites(ecs, 1000);
  await ecs.call('StopTask', { task });
  await ecs.reconcile();
  await ecs.report(task, 'STOPPED');
  await ecs.reconcile();
  assert.ok(writes() < 50, `${writes()} writes, the clock standing still`);
  assert.ok((await service(ecs)).events?.some((event) => event.message?.includes('unable to place a task')));
  await joinInstance(ecs, 'i-2');
  await goOn(ecs, async () => (await tasksOf(ecs, 'web:1')).length === 1);
  assert.equal((await deployment(ecs)).lifecycleStage, 'BAKE_TIME');
  const { unplaced } = must(await ecs.store.read(async (tx) => (await tx.list(services))[0]));
  assert.equal(unplaced, undefined);
  await ecs.close();
});
