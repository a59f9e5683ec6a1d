import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RuntimeError, ServiceError } from '../kernel/errors.ts';
import { FakeWorld } from './fake-world.ts';
import { testContainer, testTask } from './testing.ts';

const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';
const logs = { account: '1', region: 'us-east-1', group: 'g', stream: 'web/1', createGroup: false };
const spec = testTask([testContainer('web', { logs })]);

function world(...args: Parameters<FakeWorld['runtime']['addImage']>[1][]): FakeWorld {
  const fake = new FakeWorld();
  fake.runtime.addImage('web:1', { digest: 'sha256:web', ...args[0] });
  return fake;
}

describe('a task', () => {
  test('comes up in order, and says so', async () => {
    const fake = world({ program: { output: [{ text: 'hello' }] } });
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    const running = await fake.untilStatus('RUNNING');
    executor.ensure(spec, 'RUNNING');
    assert.deepEqual(fake.steps, ['pull web:1', 'create .pause', 'start .pause', 'create -web', 'start -web']);
    assert.deepEqual(fake.plugs, ['plug eni-1 true']);
    assert.equal(fake.reports[0]?.status, 'PENDING');
    assert.equal(running.pullStartedAtMs, running.pullStoppedAtMs);
    assert.deepEqual(running.containers, [
      {
        name: 'web',
        status: 'RUNNING',
        health: 'UNKNOWN',
        runtimeId: fake.runtime.container(`${NAME}-web`).state.id,
        imageDigest: 'sha256:web',
      },
    ]);
    await fake.until(() => fake.sink.texts('web/1').length === 1);
    const count = fake.reports.length;
    fake.clock.advance(120_000);
    await fake.until(() => true);
    assert.equal(fake.reports.length, count, 'nothing changed, so nothing is said');
    await executor.close();
  });

  test('stops when it is told to, and leaves nothing', async () => {
    const fake = world({ program: { ignoresTerm: true } });
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    fake.runtime.container(`${NAME}-web`).print('last words');
    executor.ensure(spec, 'STOPPED');
    executor.ensure(spec, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.containers[0]?.exitCode, 137);
    assert.equal(stopped.stopCode, undefined);
    assert.ok(stopped.executionStoppedAtMs);
    assert.deepEqual(fake.sink.texts('web/1'), ['last words']);
    await fake.until(() => fake.runtime.names().length === 0);
    assert.deepEqual(fake.plugs, ['plug eni-1 true', 'unplug eni-1']);
    executor.ensure(spec, 'RUNNING');
    await fake.until(() => true);
    assert.deepEqual(fake.runtime.names(), [], 'a task never starts again');
    await executor.close();
  });

  test('stops in the middle of a pull', async () => {
    const fake = world();
    const release = fake.runtime.hold('pull');
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.until(() => fake.plugs.length === 1);
    executor.ensure(spec, 'STOPPED');
    await fake.untilStatus('STOPPED');
    release();
    await fake.until(() => fake.runtime.names().length === 0);
    await executor.close();
  });

  test('an essential exit is told with its code, after the last line, and again until it is heard', async () => {
    const fake = world({ program: { output: [{ text: 'oops' }], exitCode: 3, exitAfterMs: 1000 } });
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    fake.reportErrors.push(...Array.from({ length: 5 }, () => new Error('the store is away')));
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.equal(stopped.stoppedReason, 'Essential container in task exited');
    assert.equal(stopped.containers[0]?.exitCode, 3);
    assert.deepEqual(fake.sink.texts('web/1'), ['oops']);
    await fake.until(() => fake.runtime.names().length === 0);
    await executor.close();
  });

  test('a sink that takes nothing holds STOPPED up for 5 seconds at most', async () => {
    const fake = world({ program: { output: [{ text: 'lost' }], exitCode: 0, exitAfterMs: 100 } });
    fake.sink.appendErrors.push(...Array.from({ length: 1000 }, () => new Error('no')));
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    const from = fake.clock.now();
    await fake.untilStatus('STOPPED');
    assert.ok(fake.clock.now() - from < 6000);
    await executor.close();
  });

  test('a dependency that does not become healthy in time fails the task', async () => {
    const healthCheck = { command: ['CMD', 'x'], intervalMs: 10, timeoutMs: 10, retries: 1, startPeriodMs: 0 };
    const db = testContainer('db', { essential: false, startTimeoutMs: 10_000, healthCheck });
    const web = testContainer('web', { dependsOn: [{ container: 'db', condition: 'HEALTHY' }] });
    const fake = world();
    fake.runtime.addImage('db:1');
    const executor = fake.executor();
    executor.ensure(testTask([web, db]), 'RUNNING');
    await fake.until(() => fake.last?.containers[1]?.status === 'RUNNING');
    const from = fake.clock.now();
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(fake.clock.now() - from, 10_000);
    assert.match(stopped.stoppedReason ?? '', /^CannotStartContainerError: dependency graph: .*has timed out/);
    await executor.close();
  });
});

describe('failures', () => {
  const failing: [string, (fake: FakeWorld) => void, RegExp][] = [
    [
      'a refused pull',
      (fake) => fake.runtime.fail('pull', 'web:1', new RuntimeError('rejected', 'manifest unknown')),
      /^CannotPullContainerError: Error response from daemon: manifest unknown$/,
    ],
    [
      'a registry that stays away',
      (fake) => fake.runtime.fail('pull', 'web:1', new RuntimeError('temporary', 'connection refused'), 100),
      /^CannotPullContainerError: pull image manifest has been retried 9 time\(s\): failed to resolve ref web:1: connection refused$/,
    ],
    [
      'a refused create',
      (fake) => fake.runtime.fail('create', `${NAME}-web`, new RuntimeError('rejected', 'invalid user')),
      /^CannotCreateContainerError: Error response from daemon: invalid user$/,
    ],
    [
      'a refused start',
      (fake) => fake.runtime.fail('start', `${NAME}-web`, new RuntimeError('rejected', 'no such file')),
      /^CannotStartContainerError: Error response from daemon: no such file$/,
    ],
    [
      'a log group that is missing',
      (fake) => (fake.sink.openError = new Error('The specified log group does not exist.')),
      /^ResourceInitializationError: failed to validate logger args: The specified log group does not exist\.$/,
    ],
    [
      'an interface that cannot be',
      (fake) => fake.plugErrors.push(new RuntimeError('rejected', 'no veth')),
      /^ResourceInitializationError: failed to set up the task's network interface: no veth$/,
    ],
    [
      'a pause container that does not stay',
      (fake) => fake.runtime.fail('start', `${NAME}.pause`, new RuntimeError('rejected', 'no runc')),
      /^ResourceInitializationError: .*pause container: .*no runc$/,
    ],
  ];
  for (const [name, arrange, reason] of failing) {
    test(name, async () => {
      const fake = world();
      arrange(fake);
      const executor = fake.executor();
      executor.ensure(spec, 'RUNNING');
      const stopped = await fake.untilStatus('STOPPED');
      assert.equal(stopped.stopCode, 'TaskFailedToStart');
      assert.match(stopped.stoppedReason ?? '', reason);
      assert.equal(stopped.containers[0]?.status, 'STOPPED');
      await fake.until(() => fake.runtime.names().length === 0);
      await executor.close();
    });
  }

  test('credentials that are refused', async () => {
    const fake = world();
    const executor = fake.executor({
      credentials: async () => {
        throw new ServiceError('AccessDeniedException', 'not authorized to perform: ecr:GetAuthorizationToken');
      },
    });
    executor.ensure(spec, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(
      stopped.stoppedReason,
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
        'unable to retrieve ecr registry auth: service call has been retried 1 time(s): ' +
        'AccessDeniedException: not authorized to perform: ecr:GetAuthorizationToken',
    );
    await executor.close();
  });

  test('what passes is tried again', async () => {
    const fake = world();
    const away = new RuntimeError('temporary', 'the engine is away');
    for (const step of ['create', 'start', 'pull', 'list'] as const) fake.runtime.fail(step, '', away, 3);
    fake.plugErrors.push(new RuntimeError('temporary', 'not yet'), new RuntimeError('gone', 'not yet'));
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    await executor.close();
  });

  test('a pause image that was removed is made again; an image that was removed is pulled again', async () => {
    const fake = world();
    fake.runtime.fail('create', `${NAME}.pause`, new RuntimeError('gone', 'No such image'));
    fake.runtime.fail('create', `${NAME}-web`, new RuntimeError('gone', 'No such image'));
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    assert.equal(fake.steps.filter((step) => step === 'pull web:1').length, 2);
    await executor.close();
  });
});
