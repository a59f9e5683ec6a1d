import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceDeployments } from './service-tables.ts';
import { Kill, atEachPlace } from './testing-kill.ts';
import { must } from './testing.ts';
import { FakeRules } from './testing-shift.ts';
import { deployment, openShiftSite, service } from './testing-shift-site.ts';
import { goOn, insist } from './testing-world.ts';

/**
 * A blue/green deployment that runs a hook as a task, from UpdateService to its end.
 * @param at the effect at which the process ends, once
 * @param exitCode of the hook's task: 1 rolls back
 * @returns the places at which it could end
 */
async function lifeOfShift(at: number | undefined, exitCode: number): Promise<number[]> {
  let onEffect = () => {};
  const { ecs, blue, green } = await openShiftSite(
    {
      strategy: 'BLUE_GREEN',
      lifecycleHooks: [
        {
          hookTargetArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:1',
          roleArn: 'arn:aws:iam::123456789012:role/hook',
          lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT'],
        },
      ],
    },
    () => onEffect(),
    1,
  );
  ecs.aws.hooks.exitCode = exitCode;
  const kill = new Kill(ecs, at);
  onEffect = kill.check;
  await insist(() => ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:2' }));
  const status = exitCode === 0 ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL';
  const isNew = async () => must((await service(ecs)).deployments?.length) > 0;
  await goOn(ecs, async () => (await isNew()) && (await deployment(ecs)).status === status);
  onEffect = () => {};
  const [own, other] = exitCode === 0 ? [green, blue] : [blue, green];
  assert.deepEqual(ecs.aws.rules.weights.get(FakeRules.PRODUCTION), {
    [blue]: own === blue ? 100 : 0,
    [green]: own === green ? 100 : 0,
  });
  await goOn(ecs, async () => must(ecs.aws.targetGroups.get(other)).targets.size === 0);
  assert.equal(must(ecs.aws.targetGroups.get(own)).targets.size, 1);
  assert.equal(ecs.aws.hooks.tasks.size, 1, 'the hook runs once');
  const stories = await ecs.store.read((tx) => tx.list(serviceDeployments));
  assert.deepEqual(stories.map((one) => one.status).toSorted(), [status, 'SUCCESSFUL'].toSorted());
  const { runningCount, taskDefinition = '' } = await service(ecs);
  assert.deepEqual([runningCount, taskDefinition.split(':').at(-1)], [1, exitCode === 0 ? '2' : '1']);
  await ecs.close();
  return kill.places;
}

for (const [exitCode, end] of [
  [0, 'to its end'],
  [1, 'back'],
] as const) {
  test(`cut off anywhere while the traffic is shifted, the next pass goes on ${end}`, async () => {
    assert.ok((await atEachPlace((at) => lifeOfShift(at, exitCode))) > 30);
  });
}
