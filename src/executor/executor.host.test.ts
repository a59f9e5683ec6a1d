import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sleep, systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import type { TaskSpec } from './executor.ts';
import { docker, HostWorld, image, importImages, removeEverything, untilGone } from './host-world.ts';
import { LABEL } from './labels.ts';
import { testContainer, testTask } from './testing.ts';

function shellTask(script: string, taskId = systemIds.hex(32)): TaskSpec {
  const logs = { account: '1', region: 'us-east-1', group: 'g', stream: taskId, createGroup: false };
  return testTask(
    [
      testContainer('web', {
        pullReference: image,
        command: ['/bin/busybox', 'sh', '-c', script],
        environment: { GREETING: 'hello' },
        stopTimeoutMs: 10_000,
        logs,
      }),
      testContainer('sidecar', {
        pullReference: image,
        essential: false,
        command: ['/bin/busybox', 'sleep', '1000'],
        stopTimeoutMs: 0,
        dependsOn: [{ container: 'web', condition: 'START' }],
      }),
    ],
    { taskId, cpuUnits: 256, memoryBytes: 512 * 1024 * 1024 },
  );
}

describe('a task on Docker', () => {
  before(importImages);

  after(removeEverything);

  test('runs, is adopted by the next process, and stops', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const spec = shellTask(
      'trap "echo bye; exit 0" TERM; echo $GREETING; busybox cat /etc/resolv.conf; while :; do busybox sleep 0.02; done',
    );
    const first = world.executor();
    first.ensure(spec, 'RUNNING');
    const running = await world.until('RUNNING');
    await first.close();

    const second = world.executor();
    const before = world.reports.length;
    second.ensure(spec, 'RUNNING');
    while (world.reports.length === before) await sleep(systemClock, 5);
    const adopted = await world.until('RUNNING');
    assert.deepEqual(adopted.containers, running.containers);

    second.ensure(spec, 'STOPPED');
    const stopped = await world.until('STOPPED');
    assert.equal(stopped.stopCode, undefined);
    assert.deepEqual(
      stopped.containers.map(({ exitCode }) => exitCode),
      [0, 137],
    );
    assert.deepEqual(
      world.lines.map(({ message }) => message),
      ['hello', 'search ec2.internal', 'nameserver 172.31.0.2', 'bye'],
    );
    assert.deepEqual(world.plugs, ['plug eni-1 true', 'unplug eni-1']);
    await untilGone(spec.taskArn);
    await second.close();
  });

  test('an essential container that exits ends the task', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const executor = world.executor();
    const spec = shellTask('busybox seq 1 3000; exit 3');
    executor.ensure(spec, 'RUNNING');
    const stopped = await world.until('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.equal(stopped.stoppedReason, 'Essential container in task exited');
    assert.equal(stopped.containers[0]?.exitCode, 3);
    assert.deepEqual(
      world.lines.map(({ message }) => message),
      Array.from({ length: 3000 }, (_, index) => String(index + 1)),
    );
    await untilGone(spec.taskArn);
    await executor.close();
  });

  test('a program that is not there fails the task; unknown tasks are reaped', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const executor = world.executor();
    const broken = testTask([testContainer('web', { pullReference: image, command: ['/nosuch'] })]);
    executor.ensure(broken, 'RUNNING');
    const stopped = await world.until('STOPPED');
    assert.equal(stopped.stopCode, 'TaskFailedToStart');
    assert.match(stopped.stoppedReason ?? '', /^CannotStartContainerError: Error response from daemon: .*no such file/);
    await untilGone(broken.taskArn);

    const orphan = shellTask('busybox sleep 1000');
    executor.ensure(orphan, 'RUNNING');
    await world.until('RUNNING');
    await executor.close();
    const next = world.executor();
    await next.reap(new Set([orphan.taskArn]));
    assert.equal((await docker.list({ [LABEL.task]: orphan.taskArn })).length, 3);
    await next.reap(new Set());
    assert.deepEqual(await docker.list({ [LABEL.task]: orphan.taskArn }), []);
    await next.close();
  });

  test('the pause container killed cuts the task off', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const executor = world.executor();
    const spec = shellTask('trap "exit 0" TERM; while :; do busybox sleep 0.02; done');
    executor.ensure(spec, 'RUNNING');
    await world.until('RUNNING');
    const [pause] = await docker.list({ [LABEL.task]: spec.taskArn, [LABEL.role]: 'pause' });
    await docker.stop(pause?.id ?? '', 0);
    const stopped = await world.until('STOPPED');
    assert.match(stopped.stoppedReason ?? '', /network namespace is gone/);
    await untilGone(spec.taskArn);
    await executor.close();
  });
});
