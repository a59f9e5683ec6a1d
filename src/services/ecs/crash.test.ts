import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tasks } from './tables.ts';
import { goOn, insist } from './testing-world.ts';
import { serviceDeployments, serviceRevisions } from './service-tables.ts';
import { FakeRegistry } from './testing-registry.ts';
import { RUN, SITE, must, openTestSite } from './testing.ts';

/** Throws at the n-th place where the process may be cut off, once. */
class CutOff {
  readonly #at: number;
  passed = 0;

  constructor(at: number) {
    this.#at = at;
  }

  check = (): void => {
    if (this.passed++ === this.#at) throw new Error('cut off here');
  };
}

/** A service with one task behind a load balancer, from its creation to its end. Answers the places it could be cut off at. */
async function lifeOfService(at: number): Promise<number> {
  let onEffect = () => {};
  const ecs = await openTestSite(() => onEffect());
  const cut = new CutOff(at);
  onEffect = cut.check;
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
  return cut.passed;
}

test('cut off anywhere, the next pass is right: one task, nothing left behind', async () => {
  const places = await lifeOfService(-1);
  assert.ok(places > 50, `${places} places`);
  for (let at = 0; at < places; at++) {
    await lifeOfService(at).catch((error: unknown) => {
      throw new Error(`cut off at place ${at} of ${places}`, { cause: error });
    });
  }
});

/** A service of two tasks whose next deployment cannot start, and is rolled back. */
async function lifeOfRollback(at: number): Promise<number> {
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
  const cut = new CutOff(at);
  onEffect = cut.check;
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
  return cut.passed;
}

test('cut off anywhere in a rollback, the next pass goes on from there', async () => {
  const places = await lifeOfRollback(-1);
  assert.ok(places > 50, `${places} places`);
  for (let at = 0; at < places; at++) {
    await lifeOfRollback(at).catch((error: unknown) => {
      throw new Error(`cut off at place ${at} of ${places}`, { cause: error });
    });
  }
});
