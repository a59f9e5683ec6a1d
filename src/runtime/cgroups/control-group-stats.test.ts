import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { controlGroups, controlGroupStats } from './control-group-stats.ts';

const STAT = 'cpu  100 1 50 800 5 2 3 0 0 0\ncpu0 50 0 25 400 2 1 1 0 0 0\ncpu1 50 1 25 400 3 1 2 0 0 0\nintr 5\n';

async function inFolders<T>(files: Readonly<Record<string, string>>, run: (root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'ls-cgroup-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
    return await run(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const statsIn = (files: Readonly<Record<string, string>>) =>
  inFolders(files, (root) => controlGroupStats(7, { proc: join(root, 'proc'), cgroup: join(root, 'cgroup') }));

test('version 1: each controller has a group of its own', async () => {
  const stats = await statsIn({
    'proc/stat': STAT,
    'proc/7/cgroup': '8:pids:/t/a\n7:blkio:/t/a\n4:memory:/t/a\n2:cpu,cpuacct:/t/a\n0::/t/a\n',
    'cgroup/cpuacct/t/a/cpuacct.usage': '5000000000\n',
    'cgroup/cpuacct/t/a/cpuacct.usage_percpu': '2000000000 3000000000 \n',
    'cgroup/cpuacct/t/a/cpuacct.stat': 'user 300\nsystem 200\n',
    'cgroup/cpu/t/a/cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 77\n',
    'cgroup/memory/t/a/memory.usage_in_bytes': '4096\n',
    'cgroup/memory/t/a/memory.max_usage_in_bytes': '8192\n',
    'cgroup/memory/t/a/memory.limit_in_bytes': '9223372036854771712\n',
    'cgroup/memory/t/a/memory.stat': 'cache 1\nrss 2\n',
    'cgroup/pids/t/a/pids.current': '2\n',
    'cgroup/pids/t/a/pids.max': 'max\n',
    'cgroup/blkio/t/a/blkio.throttle.io_service_bytes_recursive': '254:0 Read 10\n254:0 Write 20\nTotal 30\n',
  });
  assert.deepEqual(stats?.cpu_stats, {
    cpu_usage: {
      total_usage: 5_000_000_000,
      usage_in_kernelmode: 2_000_000_000,
      usage_in_usermode: 3_000_000_000,
      percpu_usage: [2_000_000_000, 3_000_000_000],
    },
    throttling_data: { periods: 9, throttled_periods: 3, throttled_time: 77 },
    system_cpu_usage: 961 * 10_000_000,
    online_cpus: 2,
  });
  assert.deepEqual(stats?.memory_stats, { usage: 4096, max_usage: 8192, failcnt: 0, stats: { cache: 1, rss: 2 } });
  assert.deepEqual(stats?.pids_stats, { current: 2 });
  assert.deepEqual(stats?.blkio_stats, {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'Read', value: 10 },
      { major: 254, minor: 0, op: 'Write', value: 20 },
    ],
    io_serviced_recursive: [],
  });
});

test('version 2: one group has it all', async () => {
  const stats = await statsIn({
    'proc/stat': STAT,
    'proc/7/cgroup': '0::/t/a\n',
    'cgroup/t/a/cpu.stat': 'usage_usec 500\nuser_usec 300\nsystem_usec 200\nnr_periods 1\n',
    'cgroup/t/a/memory.current': '4096\n',
    'cgroup/t/a/memory.max': '1048576\n',
    'cgroup/t/a/memory.stat': 'anon 5\n',
    'cgroup/t/a/pids.current': '3\n',
    'cgroup/t/a/pids.max': '100\n',
    'cgroup/t/a/io.stat': '254:0 rbytes=10 wbytes=20 rios=1 wios=2\n',
  });
  assert.equal(stats?.cpu_stats.cpu_usage.total_usage, 500_000);
  assert.deepEqual(stats?.memory_stats, { usage: 4096, limit: 1_048_576, stats: { anon: 5 } });
  assert.deepEqual(stats?.pids_stats, { current: 3, limit: 100 });
  assert.deepEqual(stats?.blkio_stats, {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'read', value: 10 },
      { major: 254, minor: 0, op: 'write', value: 20 },
    ],
  });
});

test('a process that is gone, or whose group went while it was read, has none', async () => {
  assert.equal(await statsIn({ 'proc/stat': STAT }), undefined);
  assert.equal(await statsIn({ 'proc/stat': STAT, 'proc/7/cgroup': '4:memory:/t/a\n' }), undefined);
  assert.equal(await statsIn({ 'proc/stat': STAT, 'proc/7/cgroup': '0::/t/a\n' }), undefined);
});

test('the lines of a process name its groups', () => {
  assert.deepEqual(Object.fromEntries(controlGroups('2:cpu,cpuacct:/a\n0::/b:c\nnonsense')), {
    cpu: '/a',
    cpuacct: '/a',
    '': '/b:c',
  });
});
