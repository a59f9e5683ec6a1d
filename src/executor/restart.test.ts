import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import { FakeWorld } from './fake-world.ts';
import { volumePrefix } from './task-volumes.ts';
import { settle, testContainer, testTask } from './testing.ts';

const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';
const logs = { account: '1', region: 'us-east-1', group: 'g', stream: 'web/1', createGroup: false };
const spec = testTask([testContainer('web', { logs }), testContainer('side', { essential: false })]);

function world(): FakeWorld {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1', { digest: 'sha256:web' });
  fake.runtime.addImage('side:1');
  return fake;
}

/** Lets so many promises go on, so that a process can be cut off anywhere. */
async function tick(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await Promise.resolve();
}

test('what runs is adopted: nothing is touched, everything is said, no line twice', async () => {
  const fake = world();
  const first = fake.executor();
  first.ensure(spec, 'RUNNING');
  await fake.untilStatus('RUNNING');
  const web = fake.runtime.container(`${NAME}-web`);
  web.print('one');
  web.print('two');
  await fake.until(() => fake.sink.texts('web/1').length === 2);
  await first.close();
  web.print('three at the same time');
  fake.clock.advance(1000);
  web.print('four');
  const before = { steps: fake.steps, containers: fake.last?.containers, reports: fake.reports.length };

  const second = fake.executor();
  second.ensure(spec, 'RUNNING');
  await fake.until(() => fake.sink.texts('web/1').length === 4);
  assert.deepEqual(fake.sink.texts('web/1'), ['one', 'two', 'three at the same time', 'four']);
  assert.deepEqual(fake.steps, before.steps);
  assert.equal(fake.reports.length, before.reports + 1);
  assert.deepEqual(fake.last?.containers, before.containers);
  assert.equal(fake.plugs.length, 1);
  await second.close();
});

test('what ended while nobody looked is not run again', async () => {
  const fake = world();
  const first = fake.executor();
  first.ensure(spec, 'RUNNING');
  await fake.untilStatus('RUNNING');
  await first.close();
  const web = fake.runtime.container(`${NAME}-web`);
  web.print('dying');
  web.exit(137, { oomKilled: true });

  const second = fake.executor();
  second.ensure(spec, 'RUNNING');
  const stopped = await fake.untilStatus('STOPPED');
  assert.equal(stopped.stopCode, 'EssentialContainerExited');
  assert.equal(stopped.containers[0]?.exitCode, 137);
  assert.equal(stopped.containers[0]?.reason, 'OutOfMemoryError: Container killed due to memory usage');
  assert.deepEqual(fake.sink.texts('web/1'), ['dying']);
  assert.equal(fake.steps.filter((step) => step === 'start -web').length, 1);
  await second.close();
});

test('what was removed while nobody looked is not run again', async () => {
  const known = { ...spec, containers: spec.containers.map((container) => ({ ...container, hasRun: true })) };
  for (const names of [[`${NAME}-web`], [`${NAME}-web`, `${NAME}-side`, `${NAME}.pause`]]) {
    const fake = world();
    const first = fake.executor();
    first.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    await first.close();
    const there = await fake.runtime.list({});
    for (const { id, name } of there) if (names.includes(name)) await fake.runtime.remove(id);

    const second = fake.executor();
    second.ensure(known, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.match(stopped.containers[0]?.reason ?? '', /^ContainerVanishedError/);
    assert.equal(fake.steps.filter((step) => step === 'start -web').length, 1);
    await fake.until(() => fake.runtime.names().length === 0);
    await second.close();
  }
});

test('a container that failed for good stays so, whoever looks', async () => {
  const failure = 'CannotPullContainerError: no such image';
  const fake = world();
  const containers = spec.containers.map((one) => (one.name === 'side' ? { ...one, essential: false, failure } : one));
  const executor = fake.executor();
  executor.ensure({ ...spec, containers }, 'RUNNING');
  const { containers: said } = await fake.untilStatus('RUNNING');
  const side = said.find(({ name }) => name === 'side');
  assert.deepEqual([side?.status, side?.reason], ['STOPPED', failure]);
  assert.ok(!fake.runtime.names().includes(`${NAME}-side`));
  await executor.close();
});

test('a process that ends anywhere on the way up or down leaves work that the next one finishes', async () => {
  for (let cut = 0; cut < 160; cut += 3) {
    const fake = world();
    const first = fake.executor();
    first.ensure(spec, 'RUNNING');
    await tick(cut);
    void first.close();
    const second = fake.executor();
    second.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    fake.runtime.container(`${NAME}-web`).exit(5);
    await tick(cut);
    void second.close();

    const third = fake.executor();
    third.ensure(spec, fake.last?.status === 'STOPPED' ? 'STOPPED' : 'RUNNING');
    await fake.untilStatus('STOPPED');
    await fake.until(() => fake.runtime.names().length === 0);
    for (const name of ['web', 'side', 'pause']) {
      const starts = fake.steps.filter((step) => step === `start ${name === 'pause' ? '.' : '-'}${name}`).length;
      // Two processes may both ask; the engine starts what runs only once.
      assert.ok(starts === 1 || starts === 2, `cut at ${cut}: ${starts} starts of ${name}`);
    }
    await third.close();
  }
});

test('events nudge; what they miss is seen within half a minute', async () => {
  const fake = world();
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  await fake.untilStatus('RUNNING');
  const before = fake.clock.now();
  fake.runtime.container(`${NAME}-side`).exit(0);
  await fake.until(() => fake.last?.containers[1]?.status === 'STOPPED');
  assert.equal(fake.clock.now(), before);
  assert.equal(fake.last?.status, 'RUNNING');
  await executor.close();
});

test('reaping removes what the control plane does not know, and nothing else', async () => {
  const fake = world();
  const first = fake.executor();
  const other = testTask([testContainer('web')], { taskId: 'f'.repeat(32) });
  first.ensure(spec, 'RUNNING');
  first.ensure(other, 'RUNNING');
  await fake.until(() => fake.runtime.names().length === 5 && fake.plugs.length === 2);
  await settle();
  await first.reap(new Set());
  assert.equal(fake.runtime.names().length, 5, 'tasks of this process are left to their loops');
  await first.close();

  await fake.runtime.create({
    name: 'foreign',
    image: 'web:1',
    labels: { 'longshore.instance': 'ffff' },
    network: 'none',
  });
  const second = fake.executor();
  await second.reap(new Set([other.taskArn]));
  assert.deepEqual(fake.runtime.names(), [
    'foreign',
    `ls-abcd1234-${other.taskId}-web`,
    `ls-abcd1234-${other.taskId}.pause`,
  ]);
  assert.equal(fake.plugs.at(-1), 'unplug eni-1');
  await second.close();
});

test('what cannot be removed keeps nothing else from being reaped', async () => {
  const fake = world();
  const labels = { 'longshore.instance': 'abcd1234' };
  for (const taskId of ['a', 'b']) {
    await fake.runtime.createVolume({ name: volumePrefix('abcd1234', taskId.repeat(32)), labels });
  }
  const inUse = new RuntimeError('temporary', 'volume is in use');
  fake.runtime.fail('removeVolume', volumePrefix('abcd1234', 'a'.repeat(32)), inUse, 9);
  const executor = fake.executor();
  await fake.cgroups.ensure('c'.repeat(32), {});
  await assert.rejects(executor.reap(new Set()), inUse);
  assert.deepEqual(await fake.runtime.listVolumes(labels), [volumePrefix('abcd1234', 'a'.repeat(32))]);
  assert.deepEqual(await fake.cgroups.list(), []);
  await executor.close();
});

test('what a task that cannot be removed uses is left to it', async () => {
  const fake = world();
  const first = fake.executor();
  const tasks = ['a', 'b'].map((id) => testTask([testContainer('web')], { taskId: id.repeat(32) }));
  for (const task of tasks) first.ensure(task, 'RUNNING');
  await fake.until(() => fake.plugs.length === 2 && fake.cgroups.groups.size === 2);
  await settle();
  await first.close();
  const [stuck] = tasks;
  assert.ok(stuck);
  const hangs = new RuntimeError('temporary', 'the container cannot be killed');
  fake.runtime.fail('remove', `ls-abcd1234-${stuck.taskId}-web`, hangs);
  const second = fake.executor();
  await assert.rejects(second.reap(new Set()), hangs);
  assert.deepEqual(await fake.cgroups.list(), [stuck.taskId]);
  assert.deepEqual(await fake.networkFiles.list(), [stuck.taskId]);
  const away = new RuntimeError('temporary', 'the engine does not answer');
  fake.runtime.fail('list', '', away);
  await assert.rejects(second.reap(new Set()), away);
  assert.deepEqual(await fake.cgroups.list(), [stuck.taskId]);
  await second.reap(new Set());
  assert.deepEqual([await fake.cgroups.list(), await fake.networkFiles.list()], [[], []]);
  await second.close();
});
