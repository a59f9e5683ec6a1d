import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SystemdSlices } from './systemd-slices.ts';

const controlFolder = mkdtempSync(join(tmpdir(), 'longshore-slices-'));
after(() => rmSync(controlFolder, { recursive: true, force: true }));

/** A systemd that keeps the files of properties, as the real one does, and tells what it was told. */
function open() {
  const told: string[] = [];
  const systemctl = async (...args: readonly string[]) => {
    told.push(args.join(' '));
    if (args[0] === 'set-property') mkdirSync(join(controlFolder, `${args[2]}.d`), { recursive: true });
  };
  return { told, slices: new SystemdSlices({ instanceId: 'abcd1234', controlFolder, systemctl }) };
}

test('a task is a slice with its limits, which can be set anew', async () => {
  const { told, slices } = open();
  assert.equal(await slices.ensure('t1', { cpuUnits: 256, memoryBytes: 4096 }), 'longshore-abcd1234-t1.slice');
  await slices.ensure('t1', { cpuUnits: 1 });
  assert.deepEqual(told, [
    'set-property --runtime longshore-abcd1234-t1.slice CPUQuota=25% MemoryMax=4096 MemorySwapMax=0',
    'start longshore-abcd1234-t1.slice',
    'set-property --runtime longshore-abcd1234-t1.slice CPUQuota=1% MemoryMax=infinity MemorySwapMax=infinity',
    'start longshore-abcd1234-t1.slice',
  ]);
});

test('those of this instance are found and removed, no others', async () => {
  const { told, slices } = open();
  mkdirSync(join(controlFolder, 'longshore-ffff0000-t1.slice.d'), { recursive: true });
  await slices.ensure('t1', {});
  await slices.ensure('t2', {});
  assert.deepEqual((await slices.list()).toSorted(), ['t1', 't2']);
  await slices.remove('t1');
  await slices.remove('t1');
  assert.deepEqual(await slices.list(), ['t2']);
  assert.deepEqual(
    told.filter((words) => words.startsWith('stop')),
    ['stop longshore-abcd1234-t1.slice'],
  );
  await slices.remove('t2');
  assert.equal(told.at(-1), 'stop longshore-abcd1234.slice', 'the one around them goes with the last');
  assert.ok(existsSync(join(controlFolder, 'longshore-ffff0000-t1.slice.d')));
});

test('a host without systemd has none', async () => {
  const slices = new SystemdSlices({ instanceId: 'abcd1234', controlFolder: join(controlFolder, 'absent') });
  assert.deepEqual(await slices.list(), []);
  await slices.remove('t1');
});
