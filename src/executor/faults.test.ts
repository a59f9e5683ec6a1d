import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import { FakeWorld } from './fake-world.ts';
import { testContainer, testTask } from './testing.ts';

const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';
const spec = testTask([testContainer('web')]);

function world(): FakeWorld {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1');
  return fake;
}

test('a full disk fails the task in the words of the engine, at the pull and at the create', async () => {
  const full = new RuntimeError('rejected', 'write /var/lib/docker/tmp/x: no space left on device');
  const table = [
    ['pull', 'web:1', /^CannotPullContainerError: .*: no space left on device$/],
    ['create', `${NAME}-web`, /^CannotCreateContainerError: .*: no space left on device$/],
  ] as const;
  for (const [operation, target, reason] of table) {
    const fake = world();
    fake.runtime.fail(operation, target, full);
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.match(stopped.stoppedReason ?? '', reason);
    await fake.until(() => fake.runtime.names().length === 0);
    await executor.close();
  }
});

test('an engine that restarts, and ends its containers by that, is waited for', async () => {
  const fake = world();
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  await fake.untilStatus('RUNNING');
  fake.runtime.fail('list', '', new RuntimeError('temporary', 'connect ECONNREFUSED /var/run/docker.sock'), 8);
  fake.runtime.container(`${NAME}-web`).exit(137);
  fake.runtime.container(`${NAME}.pause`).exit(137);
  const stopped = await fake.untilStatus('STOPPED');
  assert.equal(stopped.stopCode, 'EssentialContainerExited');
  assert.equal(stopped.containers[0]?.exitCode, 137);
  assert.equal(stopped.containers[0]?.reason, undefined);
  await fake.until(() => fake.runtime.names().length === 0 && fake.plugs.at(-1) === 'unplug eni-1');
  await executor.close();
});

test('a stop that comes while a container is being created waits for it, and never starts it', async () => {
  const fake = world();
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  await fake.until(() => fake.steps.includes('create .pause'));
  const second = testTask([testContainer('web')], { taskId: 'f'.repeat(32) });
  const release = fake.runtime.hold('create');
  executor.ensure(second, 'RUNNING');
  await fake.until(() => fake.runtime.calls.some((call) => call === `create ls-abcd1234-${second.taskId}.pause`));
  executor.ensure(second, 'STOPPED');
  await fake.until(() => true);
  assert.ok(!fake.reports.some((report) => report.taskArn === second.taskArn && report.status === 'STOPPED'));
  release();
  await fake.until(() => fake.last?.taskArn === second.taskArn && fake.last.status === 'STOPPED');
  await fake.until(() => fake.runtime.names().every((name) => name.startsWith(NAME)));
  assert.ok(!fake.runtime.calls.includes(`start ls-abcd1234-${second.taskId}-web`));
  await executor.close();
});

test('an essential container that is unhealthy does not stop a task by itself', async () => {
  const healthCheck = { command: ['CMD', 'x'], intervalMs: 10, timeoutMs: 10, retries: 1, startPeriodMs: 0 };
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1', { program: { health: 'unhealthy', healthAfterMs: 50 } });
  const executor = fake.executor();
  executor.ensure(testTask([testContainer('web', { healthCheck })]), 'RUNNING');
  await fake.until(() => fake.last?.containers[0]?.health === 'UNHEALTHY');
  fake.clock.advance(120_000);
  await fake.until(() => true);
  assert.equal(fake.last?.status, 'RUNNING');
  await executor.close();
});

test('an interface that somebody deletes is plugged again, and the containers run on', async () => {
  const fake = world();
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  await fake.untilStatus('RUNNING');
  const before = { steps: [...fake.steps], plugs: [...fake.plugs] };
  fake.isCutOff = true;
  await fake.until(() => !fake.isCutOff);
  assert.deepEqual(fake.plugs, [...before.plugs, 'plug eni-1 true']);
  assert.deepEqual(fake.steps, before.steps);
  assert.equal(fake.last?.status, 'RUNNING');
  await executor.close();
});
