import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { sleep, systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { dockerSocketPath } from '../runtime/docker/socket-path.ts';
import type { ImageInfo } from '../runtime/runtime.ts';
import { LABEL } from './container-spec.ts';
import type { LogSink, TaskReport, TaskSpec } from './executor.ts';
import { LocalExecutor } from './local-executor.ts';
import { ensurePauseImage } from './pause-image.ts';
import { testContainer, testTask } from './testing.ts';

const run = promisify(execFile);
const instanceId = systemIds.hex(8);
const image = `longshore-executor/${instanceId}:1`;
const pauseImage = `longshore-executor/${instanceId}:pause`;

/** There is no registry here: what is on the host counts as pulled. */
class LocalImages extends DockerRuntime {
  override async pull(reference: string): Promise<ImageInfo> {
    const found = await this.inspectImage(reference);
    assert.ok(found);
    return found;
  }
}

const docker = new LocalImages({ socketPath: dockerSocketPath(process.env) });

class World implements LogSink {
  readonly reports: TaskReport[] = [];
  readonly lines: { timeMs: number; message: string }[] = [];
  readonly plugs: string[] = [];

  executor(): LocalExecutor {
    return new LocalExecutor({
      runtime: docker,
      network: {
        plug: async (_vpc, id, pid) => void this.plugs.push(`plug ${id} ${pid > 1}`),
        unplug: async (_vpc, id) => void this.plugs.push(`unplug ${id}`),
      },
      clock: systemClock,
      log: silentLog,
      instanceId,
      report: async (report) => void this.reports.push(report),
      logs: this,
      credentials: async () => undefined,
      pauseImage,
    });
  }

  async open(): Promise<void> {}

  async append(_to: unknown, events: readonly { timeMs: number; message: string }[]): Promise<void> {
    this.lines.push(...events);
  }

  async position(): Promise<{ timeMs: number; linesAtTime: number } | undefined> {
    const timeMs = this.lines.at(-1)?.timeMs;
    if (timeMs === undefined) return undefined;
    return { timeMs, linesAtTime: this.lines.filter((line) => line.timeMs === timeMs).length };
  }

  async until(status: TaskReport['status']): Promise<TaskReport> {
    let last = this.reports.at(-1);
    for (let round = 0; last?.status !== status; round++) {
      assert.ok(round < 2000, `never ${status}: ${JSON.stringify(last)}`);
      await sleep(systemClock, 5);
      last = this.reports.at(-1);
    }
    return last;
  }
}

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

async function untilGone(taskArn: string): Promise<void> {
  while ((await docker.list({ [LABEL.task]: taskArn })).length > 0) await sleep(systemClock, 5);
}

describe('a task on Docker', () => {
  before(async () => {
    const { stdout } = await run('tar', ['-C', '/', '-cf', '-', 'bin/busybox'], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    await docker.importImage(stdout, image, ['ENV PATH=/bin']);
    await ensurePauseImage(docker, pauseImage);
    await ensurePauseImage(docker, pauseImage);
  });

  after(async () => {
    for (const { id } of await docker.list({ [LABEL.instance]: instanceId })) await docker.remove(id);
    await run('docker', ['image', 'rm', '--force', image, pauseImage]);
  });

  test('runs, is adopted by the next process, and stops', { timeout: 60_000 }, async () => {
    const world = new World();
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
    const world = new World();
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
    const world = new World();
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
    const world = new World();
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
