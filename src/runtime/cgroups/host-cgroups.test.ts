import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { RuntimeInfo } from '../runtime.ts';
import { HostCgroups } from './host-cgroups.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The kernel's folders as ordinary ones: it makes the files of a group, which a test has to. */
function open(version: 1 | 2, driver: RuntimeInfo['cgroupDriver'] = 'cgroupfs') {
  const root = mkdtempSync(join(tmpdir(), 'longshore-cgroups-'));
  folders.push(root);
  const info = async () => ({ version: '1', cgroupVersion: version, cgroupDriver: driver, cpus: 4, memoryBytes: 1 });
  const clock = new FakeClock();
  const cgroups = new HostCgroups({ instanceId: 'abcd1234', runtime: { info }, clock, log: silentLog, root });
  const group = (path: string, names: readonly string[]) => {
    mkdirSync(join(root, path), { recursive: true });
    for (const name of names) writeFileSync(join(root, path, name), '');
  };
  return { root, cgroups, group, read: (path: string) => readFileSync(join(root, path), 'utf8') };
}

test('version 1: the limits are in the folders of memory and cpu, a group is in each', async () => {
  const { root, cgroups, group, read } = open(1);
  group('pids', []);
  group('memory/longshore-abcd1234/t1', ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']);
  group('cpu/longshore-abcd1234/t1', ['cpu.cfs_period_us', 'cpu.cfs_quota_us']);
  const parent = await cgroups.ensure('t1', { cpuUnits: 512, memoryBytes: 4096 });
  assert.equal(parent, '/longshore-abcd1234/t1');
  assert.equal(read('memory/longshore-abcd1234/t1/memory.limit_in_bytes'), '4096');
  assert.equal(read('memory/longshore-abcd1234/t1/memory.memsw.limit_in_bytes'), '4096');
  assert.equal(read('cpu/longshore-abcd1234/t1/cpu.cfs_quota_us'), '50000');
  assert.ok(existsSync(join(root, 'pids/longshore-abcd1234/t1')));
  assert.deepEqual(await cgroups.list(), ['t1']);
});

test('version 2: controllers are handed down, then limits are written', async () => {
  const { root, cgroups, group, read } = open(2);
  group('.', ['cgroup.controllers', 'cgroup.subtree_control']);
  writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory pids\n');
  group('longshore-abcd1234', ['cgroup.subtree_control']);
  group('longshore-abcd1234/t1', ['cpu.max', 'memory.max', 'memory.swap.max']);
  assert.equal(await cgroups.ensure('t1', { cpuUnits: 512, memoryBytes: 4096 }), '/longshore-abcd1234/t1');
  assert.equal(read('cgroup.subtree_control'), 'cpu memory pids\n');
  assert.equal(read('longshore-abcd1234/cgroup.subtree_control'), '+cpu +memory +pids');
  assert.equal(read('longshore-abcd1234/t1/cpu.max'), '50000 100000');
  assert.equal(read('longshore-abcd1234/t1/memory.max'), '4096');
  assert.equal(read('longshore-abcd1234/t1/memory.swap.max'), '0');
});

test('groups that an engine left below it go with it; other tasks stay', async () => {
  const { root, cgroups, group } = open(1);
  group('memory/longshore-abcd1234/t1/container/inner', []);
  group('pids/longshore-abcd1234/t1', []);
  group('pids/longshore-abcd1234/t2', []);
  assert.deepEqual(await cgroups.list(), ['t1', 't2']);
  await cgroups.remove('t1');
  await cgroups.remove('t1');
  assert.deepEqual(await cgroups.list(), ['t2']);
  assert.ok(!existsSync(join(root, 'memory/longshore-abcd1234')));
});

test('a host that cannot has none: systemd, or no such limits', async () => {
  assert.equal(await open(2, 'systemd').cgroups.ensure('t1', {}), undefined);
  const { root, cgroups, group } = open(1);
  group('memory', []);
  group('cpu', []);
  assert.equal(await cgroups.ensure('t1', { memoryBytes: 1 }), undefined);
  assert.ok(!existsSync(join(root, 'memory/longshore-abcd1234')));
  await assert.rejects(cgroups.ensure('../x', {}), { kind: 'rejected' });
});
