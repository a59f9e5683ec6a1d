import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HostProcesses } from './host-process.ts';

const proc = await mkdtemp(join(tmpdir(), 'longshore-proc-'));
after(() => rm(proc, { recursive: true }));

async function put(pid: number, nsPids: string, group: string): Promise<void> {
  await mkdir(join(proc, String(pid)), { recursive: true });
  await writeFile(join(proc, `${pid}/status`), `Name:\tx\nNSpid:\t${nsPids}\n`);
  await writeFile(join(proc, `${pid}/cgroup`), `4:memory:${group}\n`);
}

test('a process of an instance is found by its id there, whichever namespace is below', async () => {
  await put(100, '100\t1', '/docker/aaa');
  await put(200, '200\t1', '/docker/bbb');
  await put(101, '101\t7', '/docker/aaa');
  await put(201, '201\t8\t1', '/docker/bbb/docker/web');
  await put(102, '102\t8\t1', '/docker/aaa/docker/web');
  const processes = new HostProcesses(proc);
  const init = { pid: 100, containerId: 'aaa' };
  assert.equal(await processes.find(init, 1), 100);
  assert.equal(await processes.find(init, 7), 101);
  assert.equal(await processes.find(init, 8), 102);
  assert.equal(await processes.find(init, 9), undefined);
  assert.equal(await processes.find({ pid: 200, containerId: 'bbb' }, 8), 201);

  // It has ended, and its id inside is another's.
  await rm(join(proc, '102'), { recursive: true });
  await put(103, '103\t8', '/docker/aaa');
  assert.equal(await processes.find(init, 8), 103);
  // The init's id is another container's now.
  await put(100, '100\t1', '/docker/ccc');
  assert.equal(await processes.find(init, 8), undefined);
});

test('a process that has the id of one before is found, though it was read as the other', async () => {
  const folder = 'reused';
  await put(300, '300\t1', `/docker/${folder}`);
  await put(301, '301', '/');
  const processes = new HostProcesses(proc);
  const init = { pid: 300, containerId: folder };
  assert.equal(await processes.find(init, 5), undefined);
  await put(301, '301\t5', `/docker/${folder}`);
  assert.equal(await processes.find(init, 5), 301);
  await put(302, '302\t6', `/docker/${folder}`);
  assert.equal(await processes.find(init, 6), 302);
  processes.forget(folder);
  await put(302, '302', '/');
  assert.equal(await processes.find(init, 6), undefined);
});
