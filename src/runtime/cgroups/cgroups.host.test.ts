import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { sleep, systemClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { DockerRuntime } from '../docker/docker-runtime.ts';
import { dockerSocketPath } from '../docker/socket-path.ts';
import type { ContainerState } from '../runtime.ts';
import { HostCgroups } from './host-cgroups.ts';
import { SystemdSlices } from './systemd-slices.ts';

const run = promisify(execFile);
const instanceId = systemIds.hex(8);
const image = `longshore-cgroups/${instanceId}:1`;
const labels = { 'longshore.instance': `cgroups-${instanceId}` };
const runtime = new DockerRuntime({ socketPath: dockerSocketPath(process.env) });
const slices = new SystemdSlices({ instanceId });
const cgroups = new HostCgroups({ instanceId, runtime, clock: systemClock, log: silentLog, slices });
const MIB = 1024 ** 2;

before(async () => {
  const options = { encoding: 'buffer', maxBuffer: 64 * MIB } as const;
  const { stdout } = await run('tar', ['-C', '/', '-cf', '-', 'bin/busybox'], options);
  await runtime.importImage(stdout, image, ['ENV PATH=/bin']);
});

after(async () => {
  for (const { id } of await runtime.list(labels)) await runtime.remove(id);
  for (const taskId of await cgroups.list()) await cgroups.remove(taskId);
  await run('docker', ['image', 'rm', '--force', image]);
});

async function started(name: string, script: string, cgroupParent: string): Promise<string> {
  const command = ['/bin/busybox', 'sh', '-c', script];
  const spec = { name: `${instanceId}-${name}`, image, labels, network: 'none', command, cgroupParent } as const;
  const id = await runtime.create(spec);
  await runtime.start(id);
  return id;
}

async function until(id: string, check: (state: ContainerState) => boolean): Promise<ContainerState> {
  for (let round = 0; round < 1500; round++) {
    const state = await runtime.inspect(id);
    assert.ok(state);
    if (check(state)) return state;
    await sleep(systemClock, 10);
  }
  return assert.fail('it never came to be');
}

test('two containers of a task cannot use more than it together', { timeout: 60_000 }, async () => {
  const parent = await cgroups.ensure('memory', { memoryBytes: 64 * MIB });
  assert.ok(parent);
  const isSystemd = (await runtime.info()).cgroupDriver === 'systemd';
  assert.equal(parent, isSystemd ? `longshore-${instanceId}-memory.slice` : `/longshore-${instanceId}/memory`);
  // Each holds 40 MiB; the second is too much.
  const hold = 'busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=40 2>/dev/null; exec busybox sleep 1000';
  const first = await started('first', hold, parent);
  const usage = async () => (await runtime.stats(first))?.['memory_stats'] as { usage: number } | undefined;
  while (((await usage())?.usage ?? 0) < 40 * MIB) await sleep(systemClock, 10);
  const second = await started('second', 'exec busybox tail /dev/zero', parent);
  const killed = await until(second, ({ status }) => status === 'exited');
  assert.equal(killed.exitCode, 137);
  assert.equal(killed.oomKilled, true);
  const other = await runtime.inspect(first);
  assert.equal(other?.status, 'running');
  assert.equal(other.oomKilled, undefined);

  // A limit is set anew without a restart, up and down.
  await cgroups.ensure('memory', { memoryBytes: 256 * MIB });
  await cgroups.ensure('memory', { memoryBytes: 128 * MIB });
  await runtime.stop(first, 0);
  const stopped = await runtime.inspect(first);
  assert.equal(stopped?.exitCode, 137);
  assert.equal(stopped.oomKilled, undefined, 'it was stopped, not killed for memory');
  await runtime.remove(first);
  await runtime.remove(second);
  await cgroups.remove('memory');
  assert.deepEqual(await cgroups.list(), []);
});

test('two containers of a task share its quota of a CPU', { timeout: 60_000 }, async () => {
  const parent = await cgroups.ensure('cpu', { cpuUnits: 256 });
  assert.ok(parent);
  const spin = 'while :; do :; done';
  const ids = [await started('spin-1', spin, parent), await started('spin-2', spin, parent)];
  const used = async () => {
    const samples = await Promise.all(ids.map((id) => runtime.stats(id)));
    return samples.reduce((sum, stats) => {
      assert.ok(stats);
      return sum + (stats['cpu_stats'] as { cpu_usage: { total_usage: number } }).cpu_usage.total_usage / 1_000_000;
    }, 0);
  };
  const before = { usedMs: await used(), atMs: systemClock.now() };
  while (systemClock.now() < before.atMs + 1500) await sleep(systemClock, 50);
  const share = ((await used()) - before.usedMs) / (systemClock.now() - before.atMs);
  assert.ok(share > 0.05 && share < 0.4, `${share} of a CPU`);
  for (const id of ids) await runtime.remove(id);
  await cgroups.remove('cpu');
});

test('a group in use stays until it is not; none is left on the host', { timeout: 60_000 }, async () => {
  const parent = await cgroups.ensure('busy', {});
  assert.ok(parent);
  const id = await started('busy', 'exec busybox sleep 1000', parent);
  const removing = cgroups.remove('busy');
  assert.deepEqual(await cgroups.list(), ['busy']);
  await runtime.remove(id);
  await removing;
  assert.deepEqual(await cgroups.list(), []);
  assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(instanceId));
  assert.ok(!existsSync(`/sys/fs/cgroup/memory/longshore-${instanceId}`));
});
