import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { InstanceFolder } from './seed.ts';

async function folderOf(t: TestContext): Promise<InstanceFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'longshore-seed-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = new InstanceFolder(parent, 'i-1');
  await mkdir(folder.state, { recursive: true });
  return folder;
}

test('a link that an instance leaves in place of its engine’s socket is not followed', async (t) => {
  const folder = await folderOf(t);
  const listener = createServer();
  t.after(() => listener.close());
  const elsewhere = join(folder.path, 'host.sock');
  await new Promise<void>((resolve) => listener.listen(elsewhere, resolve));
  assert.equal(await folder.hasSocket(), false);
  await symlink(elsewhere, folder.socket);
  assert.equal(await folder.hasSocket(), false);
  await rm(folder.socket);
  const own = createServer();
  t.after(() => own.close());
  await new Promise<void>((resolve) => own.listen(folder.socket, resolve));
  assert.equal(await folder.hasSocket(), true);
});

test('nor one in place of the state of its user data', async (t) => {
  const folder = await folderOf(t);
  const elsewhere = join(folder.path, 'elsewhere');
  await writeFile(elsewhere, 'done\n');
  await symlink(elsewhere, join(folder.state, 'user-data'));
  assert.equal(await folder.userDataState(), undefined);
  await rm(join(folder.state, 'user-data'));
  await writeFile(join(folder.state, 'user-data'), 'done\n');
  assert.equal(await folder.userDataState(), 'done');
});

test('nor is anything else that is no file', async (t) => {
  const folder = await folderOf(t);
  const place = join(folder.state, 'user-data');
  await mkdir(place);
  assert.equal(await folder.userDataState(), undefined);
  await rm(place, { recursive: true });
  execFileSync('mkfifo', [place]);
  assert.equal(await folder.userDataState(), undefined);
  // One that somebody writes to has nothing to read yet.
  const writer = await open(place, 'r+');
  t.after(() => writer.close());
  assert.equal(await folder.userDataState(), undefined);
});
