import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep, systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { HostCgroups } from '../runtime/cgroups/host-cgroups.ts';
import { SystemdSlices } from '../runtime/cgroups/systemd-slices.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { dockerSocketPath } from '../runtime/docker/socket-path.ts';
import type { ImageInfo } from '../runtime/runtime.ts';
import type { LogSink, TaskReport } from './executor.ts';
import { LABEL } from './labels.ts';
import { LocalExecutor, type LocalExecutorOptions } from './local-executor.ts';
import { FolderNetworkFiles } from './network-files.ts';
import { ensurePauseImage } from './pause-image.ts';

const run = promisify(execFile);
/** Of this run of the tests: nothing of another's is touched. */
export const instanceId = systemIds.hex(8);
/** Nothing but busybox, at `/bin/busybox`. */
export const image = `longshore-executor/${instanceId}:1`;
const pauseImage = `longshore-executor/${instanceId}:pause`;

/** There is no registry here: what is on the host counts as pulled. */
class LocalImages extends DockerRuntime {
  override async pull(reference: string): Promise<ImageInfo> {
    const found = await this.inspectImage(reference);
    assert.ok(found);
    return found;
  }
}

export const docker = new LocalImages({ socketPath: dockerSocketPath(process.env) });

export const cgroups = new HostCgroups({
  instanceId,
  runtime: docker,
  clock: systemClock,
  log: silentLog,
  slices: new SystemdSlices({ instanceId }),
});

const tasksFolder = mkdtempSync(join(tmpdir(), 'longshore-tasks-'));

export const networkFiles = new FolderNetworkFiles(tasksFolder);

/** Closed at the end, however a test ends. */
const executors: LocalExecutor[] = [];

/** The real engine, and all else in memory. */
export class HostWorld implements LogSink {
  readonly reports: TaskReport[] = [];
  readonly lines: { timeMs: number; message: string }[] = [];
  readonly plugs: string[] = [];

  readonly timeline: string[] = [];

  executor(options: Partial<LocalExecutorOptions> = {}): LocalExecutor {
    const executor = new LocalExecutor({
      runtime: docker,
      network: {
        plug: async (_vpc, id, pid) => void this.plugs.push(`plug ${id} ${pid > 1}`),
        isPlugged: async () => true,
        unplug: async (_vpc, id) => void this.plugs.push(`unplug ${id}`),
      },
      clock: systemClock,
      log: silentLog,
      instanceId,
      report: async (report) => void this.reports.push(report),
      logs: this,
      credentials: async () => undefined,
      resolveSecrets: async () => ({ secrets: {}, environmentFiles: [] }),
      cgroups,
      networkFiles,
      note: (_taskArn, { text }) => void this.timeline.push(text),
      pauseImage,
      ...options,
    });
    executors.push(executor);
    return executor;
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

/** To be called before the tests of a file. */
export async function importImages(): Promise<void> {
  const { stdout } = await run('tar', ['-C', '/', '-cf', '-', 'bin/busybox'], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  await docker.importImage(stdout, image, ['ENV PATH=/bin']);
  await ensurePauseImage(docker, pauseImage);
  await ensurePauseImage(docker, pauseImage);
}

/** To be called after them, whatever they left. */
export async function removeEverything(): Promise<void> {
  await Promise.all(executors.map((executor) => executor.close()));
  for (const { id } of await docker.list({ [LABEL.instance]: instanceId })) await docker.remove(id);
  for (const name of await docker.listVolumes({ [LABEL.instance]: instanceId })) await docker.removeVolume(name);
  for (const taskId of await cgroups.list()) await cgroups.remove(taskId);
  await rm(tasksFolder, { recursive: true });
  await run('docker', ['image', 'rm', '--force', image, pauseImage]);
}

export async function untilGone(taskArn: string): Promise<void> {
  while ((await docker.list({ [LABEL.task]: taskArn })).length > 0) await sleep(systemClock, 5);
}
