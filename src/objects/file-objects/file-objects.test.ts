import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import { seededIds, systemIds } from '../../kernel/ids.ts';
import { objectStoreSuite } from '../suite.ts';
import { FileObjects } from './file-objects.ts';

objectStoreSuite('FileObjects', async (clock) => {
  const root = await mkdtemp(join(tmpdir(), 'longshore-objects-'));
  return {
    objects: await FileObjects.open(root, clock, seededIds(1)),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

async function inFolder(run: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'longshore-objects-'));
  try {
    await run(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const open = (root: string) => FileObjects.open(root, new FakeClock(), systemIds);

test('bytes lie in a file of their name, for their owner only', () =>
  inFolder(async (root) => {
    const { id } = await (await open(root)).write([Buffer.from('a')]);
    const file = await stat(join(root, 'bytes', id.slice(0, 2), id));
    assert.equal(file.mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(root, 'new')), []);
  }));

test('a start keeps what is whole and removes what is not', () =>
  inFolder(async (root) => {
    const { id } = await (await open(root)).write([Buffer.from('a')]);
    await writeFile(join(root, 'new', 'abc'), 'half');
    const again = await open(root);
    assert.equal((await again.stat(id))?.sizeBytes, 1);
    assert.deepEqual(await readdir(join(root, 'new')), []);
  }));

test('a failing medium is told from a failing source', () =>
  inFolder(async (root) => {
    const objects = await open(root);
    await rm(join(root, 'new'), { recursive: true });
    const isTemporary = (error: unknown) => error instanceof RuntimeError && error.kind === 'temporary';
    await assert.rejects(objects.write([Buffer.from('a')]), isTemporary);
    await mkdir(join(root, 'new'));
    await objects.write([Buffer.from('a')]);
  }));

test('names that could leave the folder are refused', () =>
  inFolder(async (root) => {
    const objects = await open(root);
    await assert.rejects(objects.read('../../etc/passwd'), RuntimeError);
    await assert.rejects(objects.delete('..'), RuntimeError);
  }));
