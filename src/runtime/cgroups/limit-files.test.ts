import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuFilesV1, filesV2, memoryFilesV1 } from './limit-files.ts';

const pairs = (files: readonly { name: string; value: string }[]) => files.map(({ name, value }) => `${name} ${value}`);

test('version 1 counts swap in, and a CPU as a share of 100 ms', () => {
  const limits = { cpuUnits: 256, memoryBytes: 512 * 1024 * 1024 };
  assert.deepEqual(pairs(memoryFilesV1(limits)), [
    'memory.limit_in_bytes 536870912',
    'memory.memsw.limit_in_bytes 536870912',
  ]);
  assert.deepEqual(pairs(cpuFilesV1(limits)), ['cpu.cfs_period_us 100000', 'cpu.cfs_quota_us 25000']);
  assert.deepEqual(pairs(cpuFilesV1({ cpuUnits: 2 })), ['cpu.cfs_period_us 100000', 'cpu.cfs_quota_us 1000']);
});

test('version 2 says both in one folder, and swap apart', () => {
  const limits = { cpuUnits: 2048, memoryBytes: 1024 };
  assert.deepEqual(pairs(filesV2(limits)), ['cpu.max 200000 100000', 'memory.max 1024', 'memory.swap.max 0']);
});

test('without a limit the kernel is told so', () => {
  assert.deepEqual(pairs(memoryFilesV1({})), ['memory.limit_in_bytes -1', 'memory.memsw.limit_in_bytes -1']);
  assert.deepEqual(pairs(cpuFilesV1({})), ['cpu.cfs_period_us 100000', 'cpu.cfs_quota_us -1']);
  assert.deepEqual(pairs(filesV2({})), ['cpu.max max 100000', 'memory.max max', 'memory.swap.max max']);
});
