import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { seededIds } from '../kernel/ids.ts';
import { HomeInUse, lockHome, openHome } from './home.ts';

async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-home-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('of many starts at once, one takes the folder', async (t) => {
  const home = join(await scratchFolder(t), 'home');
  const starts = await Promise.allSettled(Array.from({ length: 10 }, () => lockHome(home)));
  const taken = starts.filter((start) => start.status === 'fulfilled');
  assert.equal(taken.length, 1);
  for (const start of starts) if (start.status === 'rejected') assert.ok(start.reason instanceof HomeInUse);
  await taken[0]?.value();
});

test('who has it is named, by every path to it, until it is given back', async (t) => {
  const folder = await scratchFolder(t);
  const home = join(folder, 'home');
  const unlock = await lockHome(home);
  await symlink(home, join(folder, 'link'));
  await assert.rejects(lockHome(join(folder, 'link')), {
    message: `Another Longshore (pid ${process.pid}) uses ${folder}/link: stop it with 'longshore down' first.`,
  });
  await unlock();
  assert.equal(existsSync(join(home, 'lock')), false);
  const again = await lockHome(home);
  await again();
});

test('what a killed server left behind does not matter', async (t) => {
  const home = join(await scratchFolder(t), 'home');
  await mkdir(home);
  await writeFile(join(home, 'lock'), '1');
  await writeFile(join(home, 'lock.new'), 'half');
  const unlock = await lockHome(home);
  await unlock();
});

test('a folder that is opened again is the same server, for its owner only', async (t) => {
  const home = join(await scratchFolder(t), 'home');
  const first = await openHome(home, seededIds(1), '123456789012');
  const second = await openHome(home, seededIds(2), '123456789012');
  assert.deepEqual(second, first);
  assert.match(first.credentials.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal(first.credentials.secretAccessKey.length, 40);
  for (const name of ['credentials.json', 'master.key', 'instance']) {
    assert.equal((await stat(join(home, name))).mode & 0o777, 0o600, name);
  }
});
