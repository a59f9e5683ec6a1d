import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import type { ContainerState } from '../runtime/runtime.ts';
import { FakeWorld } from './fake-world.ts';
import { LABEL } from './labels.ts';
import { restartsNext } from './restart-policy.ts';
import { UNTOUCHED } from './task-seen.ts';
import { testContainer, testTask } from './testing.ts';

const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';
const logs = { account: '1', region: 'us-east-1', group: 'g', stream: 'web/1', createGroup: false };
const web = testContainer('web', { logs, restart: { ignoredExitCodes: [0], attemptPeriodMs: 60_000 } });
const spec = testTask([web]);

async function running(): Promise<FakeWorld> {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1', { program: { output: [{ text: 'up' }] } });
  return fake;
}

test('a container restarts by its exit code and by how long it ran', () => {
  const after = (exitCode: number, ranMs: number) => {
    const state: ContainerState = {
      id: 'x',
      name: 'web',
      labels: { [LABEL.container]: 'web' },
      image: 'i',
      imageId: 'i',
      createdAtMs: 0,
      status: 'exited',
      exitCode,
      startedAtMs: 1000,
      finishedAtMs: 1000 + ranMs,
    };
    return restartsNext(web, { ...UNTOUCHED, hasRun: true, state });
  };
  assert.equal(after(1, 60_000), true);
  assert.equal(after(1, 59_999), false);
  assert.equal(after(0, 60_000), false);
  assert.equal(restartsNext(web, UNTOUCHED), false);
});

describe('an essential container with a restart policy', () => {
  test('starts again in place, is counted, and is followed on', async () => {
    const fake = await running();
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    const first = await fake.untilStatus('RUNNING');
    assert.equal(first.containers[0]?.restartCount, 0);
    for (const count of [1, 2]) {
      fake.clock.advance(60_000);
      fake.runtime.container(`${NAME}-web`).print(`dying ${count}`);
      fake.runtime.container(`${NAME}-web`).exit(1);
      await fake.until(() => fake.last?.containers[0]?.restartCount === count);
      assert.equal(fake.last?.status, 'RUNNING');
      assert.equal(fake.last?.containers[0]?.runtimeId, first.containers[0]?.runtimeId);
    }
    assert.ok(fake.reports.every(({ containers }) => containers[0]?.exitCode === undefined));
    await fake.until(() => fake.sink.texts('web/1').length === 5);
    assert.deepEqual(fake.sink.texts('web/1'), ['up', 'dying 1', 'up', 'dying 2', 'up']);

    // Too soon.
    fake.runtime.container(`${NAME}-web`).exit(7);
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.equal(stopped.containers[0]?.exitCode, 7);
    assert.equal(stopped.containers[0]?.restartCount, 2);
    await executor.close();
  });

  test('counts on in the next process', async () => {
    const fake = await running();
    const first = fake.executor();
    first.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    await first.close();
    const second = fake.executor();
    second.ensure(testTask([{ ...web, hasRun: true, restartCount: 4 }]), 'RUNNING');
    fake.clock.advance(60_000);
    await fake.until(() => fake.last?.containers[0]?.restartCount === 4);
    fake.runtime.container(`${NAME}-web`).exit(2);
    await fake.until(() => fake.last?.containers[0]?.restartCount === 5);
    await second.close();
  });

  test('does not start again once the task stops', async () => {
    const fake = await running();
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    fake.clock.advance(60_000);
    executor.ensure(spec, 'STOPPED');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.containers[0]?.exitCode, 143);
    assert.equal(fake.steps.filter((step) => step === 'start -web').length, 1);
    await executor.close();
  });

  test('ends the task when it cannot start again', async () => {
    const fake = await running();
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    fake.clock.advance(60_000);
    fake.runtime.fail('start', `${NAME}-web`, new RuntimeError('rejected', 'no such device'));
    fake.runtime.container(`${NAME}-web`).exit(2);
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.equal(stopped.containers[0]?.exitCode, 2);
    assert.match(stopped.containers[0]?.reason ?? '', /^CannotStartContainerError: .*no such device$/);
    await executor.close();
  });
});
