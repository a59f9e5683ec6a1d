import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWorld } from './fake-world.ts';
import { sizeText } from './task-timeline.ts';
import { testContainer, testTask } from './testing.ts';

const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';
const healthCheck = { command: ['CMD', 'x'], intervalMs: 10, timeoutMs: 10, retries: 1, startPeriodMs: 0 };
const restart = { ignoredExitCodes: [], attemptPeriodMs: 1000 };
const spec = testTask([testContainer('web', { healthCheck, restart, secrets: [{ name: 'S', valueFrom: 's' }] })]);

test('a task tells its life once, and what the next process finds is not news', async () => {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1', { program: { health: 'healthy', healthAfterMs: 50 } });
  const first = fake.executor();
  first.ensure(spec, 'RUNNING');
  await fake.until(() => fake.last?.containers[0]?.health === 'HEALTHY');
  fake.clock.advance(1000);
  fake.runtime.container(`${NAME}-web`).exit(3);
  await fake.until(() => fake.last?.containers[0]?.restartCount === 1 && fake.last.containers[0].health === 'HEALTHY');
  const up = fake.timeline.splice(0);
  assert.deepEqual(up.toSorted(), [
    'network interface plugged',
    'pause container created',
    'secrets fetched for web',
    'web: created',
    'web: exited with code 3',
    'web: healthy',
    'web: healthy',
    'web: pulled web:1 in 0.0 s (1.0 kB)',
    'web: restarted (1)',
    'web: started',
  ]);
  await first.close();

  const second = fake.executor();
  second.ensure({ ...spec, containers: spec.containers.map((one) => ({ ...one, restartCount: 1 })) }, 'RUNNING');
  await fake.until(() => true);
  assert.deepEqual(fake.timeline, []);
  second.ensure(spec, 'STOPPED');
  await fake.until(() => fake.runtime.names().length === 0 && fake.cgroups.groups.size === 0);
  const down = fake.timeline.splice(0);
  assert.deepEqual(
    new Set(down),
    new Set([
      'network interface unplugged',
      'over: nothing of it is left on the host',
      'pause container removed',
      'stopping: it was asked to',
      'web: exited with code 143',
      'web: removed',
      'web: stopping, for up to 30 s',
    ]),
  );
  await second.close();
});

test('why a task failed is told, and what was done by hand', async () => {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1');
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  const running = await fake.untilStatus('RUNNING');
  await fake.runtime.remove(running.containers[0]?.runtimeId ?? '');
  const stopped = await fake.untilStatus('STOPPED');
  assert.equal(stopped.stopCode, 'EssentialContainerExited');
  assert.equal(
    stopped.stoppedReason,
    'Essential container in task exited: its container web was removed from the host',
  );
  assert.match(stopped.containers[0]?.reason ?? '', /^ContainerVanishedError/);
  assert.ok(fake.timeline.includes('web: gone from the host'));
  assert.ok(fake.timeline.includes(`stopping: ${stopped.stoppedReason}`));
  await executor.close();
});

test('sizes count in powers of ten', () => {
  assert.deepEqual([999, 1000, 41_234_567, 2e12].map(sizeText), ['999 B', '1.0 kB', '41.2 MB', '2000.0 GB']);
});
