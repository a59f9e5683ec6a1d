import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tasks } from './tables.ts';
import { goOn, insist } from './testing-world.ts';
import { RUN, must, openTestSite } from './testing.ts';

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
  const wish = { ...RUN, serviceName: 'web', desiredCount: 1, loadBalancers, clientToken: 'once' };
  await insist(() => ecs.call('CreateService', wish));
  const service = async () =>
    must((await insist(() => ecs.call('DescribeServices', { services: ['web'] }))).services?.[0]);
  await goOn(ecs, async () => (await service()).deployments?.[0]?.rolloutState === 'COMPLETED');
  const { targets } = must(ecs.aws.targetGroups.get(group));
  assert.deepEqual([ecs.aws.interfaces.size, [...targets.values()]], [1, ['healthy']]);

  await insist(() => ecs.call('DeleteService', { service: 'web', force: true }));
  await goOn(ecs, async () => (await service()).status === 'INACTIVE');
  assert.deepEqual([ecs.aws.interfaces.size, targets.size], [0, 0]);
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
