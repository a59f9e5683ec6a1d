import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { sleep, systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import type { TaskContainer } from './executor.ts';
import {
  cgroups,
  docker,
  HostWorld,
  image,
  importImages,
  instanceId,
  removeEverything,
  untilGone,
} from './host-world.ts';
import { LABEL } from './labels.ts';
import { testContainer, testTask } from './testing.ts';

const MIB = 1024 * 1024;
const logs = { account: '1', region: 'us-east-1', group: 'g', stream: 's', createGroup: false };

function shell(name: string, script: string, options: Partial<TaskContainer> = {}): TaskContainer {
  const command = ['/bin/busybox', 'sh', '-c', script];
  return testContainer(name, { pullReference: image, command, stopTimeoutMs: 0, logs, ...options });
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; !(await check()); round++) {
    assert.ok(round < 2000, `never: ${check.toString()}`);
    await sleep(systemClock, 5);
  }
}

describe('what a task has beside its containers, on Docker', () => {
  before(importImages);
  after(removeEverything);

  test('volumes, tmpfs, secrets, one set of processes and one control group', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const taskId = systemIds.hex(32);
    const writer = shell('writer', 'echo $SECRET > /shared/file; busybox sleep 1000 & busybox sleep 1001', {
      mounts: [{ volume: 'data', path: '/shared', readOnly: false }],
      tmpfs: [{ path: '/scratch', sizeBytes: MIB, options: ['noexec'] }],
      secrets: [{ name: 'SECRET', valueFrom: 's' }],
      environment: { SECRET: 'not this' },
    });
    const script = [
      'until busybox test -s /shared/file; do busybox sleep 0.01; done',
      'busybox cat /shared/file',
      'busybox touch /shared/x || echo read-only',
      // The writer's shell may not have come to them yet.
      'until n=$(busybox ps -o args | busybox grep -c "^busybox sleep 100[01]$"); [ $n -ge 2 ]; do busybox sleep 0.01; done',
      'echo $n',
      'busybox sleep 1000',
    ].join('; ');
    const reader = shell('reader', script, {
      logs: { ...logs, stream: 'reader' },
      volumesFrom: [{ container: 'writer', readOnly: true }],
    });
    const spec = testTask([reader, writer], {
      taskId,
      volumes: [{ kind: 'task', name: 'data' }],
      pidMode: 'task',
      memoryBytes: 64 * MIB,
      cpuUnits: 512,
    });
    const executor = world.executor({
      resolveSecrets: async () => ({ secrets: { SECRET: 'hunter2' }, environmentFiles: [] }),
    });
    executor.ensure(spec, 'RUNNING');
    await world.until('RUNNING');
    await until(() => world.lines.some(({ message }) => /^\d+$/.test(message)));
    const lines = world.lines.map(({ message }) => message).filter((line) => !line.startsWith('busybox: '));
    assert.deepEqual(
      lines.filter((line) => !line.includes('touch')),
      ['hunter2', 'read-only', '2'],
    );

    const [state] = await docker.list({ [LABEL.task]: spec.taskArn, [LABEL.container]: 'writer' });
    const mounts = await readFile(`/proc/${state?.pid}/mounts`, 'utf8');
    assert.match(mounts, /tmpfs \/scratch tmpfs rw,.*noexec.*size=1024k/);
    const groups = await readFile(`/proc/${state?.pid}/cgroup`, 'utf8');
    assert.ok((await cgroups.list()).includes(taskId));
    assert.match(groups, new RegExp(`/longshore-${instanceId}/${taskId}/`));

    executor.ensure(spec, 'STOPPED');
    await world.until('STOPPED');
    await untilGone(spec.taskArn);
    await until(async () => (await cgroups.list()).length === 0);
    await until(async () => (await docker.listVolumes({ [LABEL.task]: spec.taskArn })).length === 0);
    await executor.close();
  });

  test("a container that takes more than the task's memory is killed for it", { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const greedy = shell('greedy', 'busybox dd if=/dev/zero of=/scratch/x bs=1M count=60; echo survived', {
      tmpfs: [{ path: '/scratch', sizeBytes: 64 * MIB, options: [] }],
      // Nothing can start in a group that is full.
      dependsOn: [{ container: 'modest', condition: 'START' }],
      // The kernel kills the largest process: here it is the program itself.
      entryPoint: ['/bin/busybox'],
      command: ['dd', 'if=/dev/zero', 'of=/scratch/x', 'bs=1M', 'count=60'],
    });
    const modest = shell('modest', 'busybox sleep 1000', { essential: false });
    const spec = testTask([greedy, modest], { taskId: systemIds.hex(32), memoryBytes: 32 * MIB });
    const executor = world.executor();
    executor.ensure(spec, 'RUNNING');
    const stopped = await world.until('STOPPED');
    assert.equal(stopped.stopCode, 'EssentialContainerExited');
    assert.equal(stopped.containers[0]?.exitCode, 137);
    assert.equal(stopped.containers[0]?.reason, 'OutOfMemoryError: Container killed due to memory usage');
    assert.equal(stopped.containers[1]?.reason, undefined);
    await untilGone(spec.taskArn);
    await executor.close();
  });

  test('a restart policy starts the same container again, and its lines go on', { timeout: 60_000 }, async () => {
    const world = new HostWorld();
    const restart = { ignoredExitCodes: [3], attemptPeriodMs: 0 };
    const script = 'echo x >> /count; busybox wc -l < /count; [ $(busybox wc -l < /count) -lt 3 ] && exit 1; exit 3';
    const spec = testTask([shell('web', script, { restart })], { taskId: systemIds.hex(32) });
    const executor = world.executor();
    executor.ensure(spec, 'RUNNING');
    const stopped = await world.until('STOPPED');
    assert.equal(stopped.containers[0]?.exitCode, 3);
    assert.equal(stopped.containers[0]?.restartCount, 2);
    assert.deepEqual(
      world.lines.map(({ message }) => message.trim()),
      ['1', '2', '3'],
    );
    await untilGone(spec.taskArn);
    await executor.close();
  });
});
