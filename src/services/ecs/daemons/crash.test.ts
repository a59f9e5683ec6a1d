import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tasks } from '../tables.ts';
import { Kill, atEachPlace } from '../testing-kill.ts';
import { insist } from '../testing-world.ts';
import {
  describeDeployment,
  AGENT,
  DAEMON,
  PROVIDER,
  createDaemon,
  joinManaged,
  leaveManaged,
  openTestDaemons,
  runDaemon,
} from './testing.ts';
import { daemonDeployments } from './tables.ts';

/** An update that replaces one instance by another. Answers the places it could be cut off at. */
async function lifeOfUpdate(at: number | undefined): Promise<readonly number[]> {
  let onEffect = () => {};
  const ecs = await openTestDaemons(() => onEffect());
  await createDaemon(ecs);
  const old = await joinManaged(ecs, 'i-1');
  await runDaemon(ecs, old);
  await ecs.call('RegisterDaemonTaskDefinition', AGENT);
  ecs.clock.advance(1000);
  const kill = new Kill(ecs, at);
  onEffect = kill.check;
  const wish = { daemonArn: DAEMON, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [PROVIDER] };
  const { deploymentArn = '' } = await insist(() => ecs.call('UpdateDaemon', wish));
  const settle = async () => {
    for (let second = 0; second < 5; second++) {
      ecs.clock.advance(1000);
      await ecs.reconcile();
    }
  };
  await settle();
  const next = await insist(() => joinManaged(ecs, 'i-2'));
  await settle();
  await insist(() => leaveManaged(ecs, old));
  const started = (await ecs.store.read((tx) => tx.list(tasks))).filter((task) => task.containerInstanceArn === next);
  assert.equal(started.length, 1, 'one task is on the new instance');
  await insist(() => runDaemon(ecs, next));
  await settle();
  const all = await ecs.store.read((tx) => tx.list(daemonDeployments));
  // A client that asks again makes one more: it takes the place of the one before.
  const open = all.filter((row) => !['SUCCESSFUL', 'STOPPED'].includes(row.status));
  assert.deepEqual(open, []);
  assert.equal((await describeDeployment(ecs, deploymentArn)).status, 'SUCCESSFUL');
  await ecs.close();
  return kill.places;
}

test('cut off anywhere, an update goes on: one task on each instance', async () => {
  assert.ok((await atEachPlace(lifeOfUpdate)) > 5);
});
