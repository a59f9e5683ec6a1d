import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tasks } from './tables.ts';
import { goOn, insist } from './testing-world.ts';
import { serviceDeployments, serviceRevisions } from './service-tables.ts';
import { FakeRegistry } from './testing-registry.ts';
import { ON_BRIDGE, joinInstance } from './testing-instances.ts';
import { Kill, atEachPlace } from './testing-kill.ts';
import { RUN, SITE, must, openTestSite } from './testing.ts';

/** A service with one task behind a load balancer, from its creation to its end. Answers the places it could be cut off at. */
async function lifeOfService(at: number | undefined): Promise<readonly number[]> {
  let onEffect = () => {};
  const ecs = await openTestSite(() => onEffect());
  const kill = new Kill(ecs, at);
  onEffect = kill.check;
  const group = ecs.aws.addTargetGroup('web', { drains: true });
  const loadBalancers = [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }];
  const serviceRegistries = [{ registryArn: FakeRegistry.ARN }];
  const wish = { ...RUN, serviceName: 'web', desiredCount: 1, loadBalancers, serviceRegistries, clientToken: 'once' };
  await insist(() => ecs.call('CreateService', wish));
  const service = async () =>
    must((await insist(() => ecs.call('DescribeServices', { services: ['web'] }))).services?.[0]);
  const { instances } = ecs.aws.registry;
  const isComplete = async () => (await service()).deployments?.[0]?.rolloutState === 'COMPLETED';
  await goOn(ecs, async () => (await isComplete()) && instances.size === 1);
  const { targets } = must(ecs.aws.targetGroups.get(group));
  assert.deepEqual([ecs.aws.interfaces.size, [...targets.values()]], [1, ['healthy']]);

  await insist(() => ecs.call('DeleteService', { service: 'web', force: true }));
  await goOn(ecs, async () => (await service()).status === 'INACTIVE');
  assert.deepEqual([ecs.aws.interfaces.size, targets.size, instances.size], [0, 0, 0]);
  const rows = await ecs.store.read((tx) => tx.list(tasks));
  assert.equal(rows.length, 1, 'one task did it');
  assert.deepEqual([rows[0]?.lastStatus, rows[0]?.containers[0]?.status], ['STOPPED', 'STOPPED']);
  assert.ok(rows[0]?.startedAtMs && rows[0].stoppingAtMs && rows[0].stoppedAtMs);
  await ecs.close();
  return kill.places;
}

test('cut off anywhere, the next pass is right: one task, nothing left behind', async () => {
  assert.ok((await atEachPlace(lifeOfService)) > 20);
});

/** A service of two tasks whose next deployment cannot start, and is rolled back. */
async function lifeOfRollback(at: number | undefined): Promise<readonly number[]> {
  let onEffect = () => {};
  const ecs = await openTestSite(() => onEffect());
  await ecs.call('RegisterTaskDefinition', SITE);
  const service = async () =>
    must((await insist(() => ecs.call('DescribeServices', { services: ['web'] }))).services?.[0]);
  const complete = async () => (await service()).deployments?.map((one) => one.rolloutState).join() === 'COMPLETED';
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  const wish = { ...RUN, taskDefinition: 'site:1', serviceName: 'web', desiredCount: 2, deploymentConfiguration };
  await ecs.call('CreateService', wish);
  await goOn(ecs, complete);
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:2' });
  const kill = new Kill(ecs, at);
  onEffect = kill.check;
  const only1 = (arn: string) => ecs.executor.specs.get(arn)?.taskDefinitionRevision !== 2;
  const isBack = async () => (await complete()) && must((await service()).taskDefinition).endsWith('site:1');
  await goOn(ecs, isBack, only1);
  onEffect = () => {};
  const [last, first] = must((await ecs.call('ListServiceDeployments', { service: 'web' })).serviceDeployments);
  assert.deepEqual([last?.status, first?.status], ['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']);
  const count = async () =>
    ecs.store.read(async (tx) => [
      (await tx.list(serviceDeployments)).length,
      (await tx.list(serviceRevisions)).length,
    ]);
  assert.deepEqual(await count(), [2, 2]);
  const { runningCount, events = [] } = await service();
  assert.equal(runningCount, 2);
  const said = events.filter((event) => event.message?.includes('rolling back to deployment'));
  assert.equal(said.length, 1, 'it rolls back once');
  await ecs.close();
  return kill.places;
}

test('cut off anywhere in a rollback, the next pass goes on from there', async () => {
  assert.ok((await atEachPlace(lifeOfRollback)) > 20);
});

/** A service of two tasks on a container instance, which is drained while another stands ready. */
async function lifeOfDraining(at: number | undefined): Promise<readonly number[]> {
  let onEffect = () => {};
  const ecs = await openTestSite(() => onEffect());
  await ecs.call('RegisterTaskDefinition', ON_BRIDGE);
  const first = await joinInstance(ecs, 'i-1');
  const kill = new Kill(ecs, at);
  onEffect = kill.check;
  const wish = { serviceName: 'web', taskDefinition: 'bridge', launchType: 'EC2', desiredCount: 2 } as const;
  await insist(() => ecs.call('CreateService', { ...wish, clientToken: 'once' }));
  const service = async () =>
    must((await insist(() => ecs.call('DescribeServices', { services: ['web'] }))).services?.[0]);
  await goOn(ecs, async () => (await service()).runningCount === 2);
  const second = await insist(() => joinInstance(ecs, 'i-2'));
  const draining = { containerInstances: [first], status: 'DRAINING' as const };
  await insist(() => ecs.call('UpdateContainerInstancesState', draining));
  const rows = () => ecs.store.read((tx) => tx.list(tasks));
  await goOn(ecs, async () => {
    const live = (await rows()).filter((task) => task.lastStatus !== 'STOPPED');
    return live.length === 2 && live.every((task) => task.containerInstanceArn === second && task.startedAtMs);
  });
  assert.equal((await rows()).length, 4, 'two tasks, and one in the stead of each');
  await ecs.close();
  return kill.places;
}

test('cut off anywhere while an instance is drained, each of its tasks is replaced once', async () => {
  assert.ok((await atEachPlace(lifeOfDraining)) > 10);
});
