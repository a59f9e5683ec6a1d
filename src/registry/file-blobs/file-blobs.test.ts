import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import { digestOf } from '../digest.ts';
import { blobStoreSuite, parts } from '../suite.ts';
import { StorageFull } from '../blob-store.ts';
import { FileBlobs } from './file-blobs.ts';
import { DurableFolders, onMedium } from './files.ts';

const ID = '1c9e6679-7425-40de-944b-e07fc1f90ae7';

blobStoreSuite('FileBlobs', async () => {
  const root = await mkdtemp(join(tmpdir(), 'longshore-blobs-'));
  return {
    blobs: await FileBlobs.open(root, new FakeClock()),
    reopen: () => FileBlobs.open(root, new FakeClock()),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

async function inFolder(run: (root: string, blobs: FileBlobs, clock: FakeClock) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'longshore-blobs-'));
  const clock = new FakeClock();
  try {
    await run(root, await FileBlobs.open(root, clock), clock);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test('a blob lies in a file of its digest, for its owner only, with the time of the clock', () =>
  inFolder(async (root, blobs, clock) => {
    clock.advance(1234);
    await blobs.append(ID, 0, parts('hello'));
    const digest = digestOf('hello');
    const hex = digest.slice('sha256:'.length);
    await blobs.commit(ID, digest);
    const file = await stat(join(root, 'blobs/sha256', hex.slice(0, 2), hex));
    assert.equal(file.mode & 0o777, 0o600);
    assert.equal((await blobs.stat(digest))?.writtenAtMs, clock.now());
    assert.deepEqual(await readdir(join(root, 'uploads')), []);
  }));

test('a damaged blob is whole again once it is pushed again', () =>
  inFolder(async (root, blobs) => {
    const digest = digestOf('hello');
    const hex = digest.slice('sha256:'.length);
    await blobs.append(ID, 0, parts('hello'));
    await blobs.commit(ID, digest);
    await writeFile(join(root, 'blobs/sha256', hex.slice(0, 2), hex), 'rot');
    await blobs.append(ID, 0, parts('hello'));
    await blobs.commit(ID, digest);
    assert.equal((await buffer(await blobs.read(digest))).toString(), 'hello');
  }));

test('bytes that changed on disk between two starts are caught by the digest', () =>
  inFolder(async (root, blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    await writeFile(join(root, 'uploads', ID), 'hullo');
    const again = await FileBlobs.open(root, new FakeClock());
    await assert.rejects(again.commit(ID, digestOf('hello')), /not sha256/);
  }));

test('a failing medium is told from a failing client', () =>
  inFolder(async (root, blobs) => {
    await rm(join(root, 'uploads'), { recursive: true });
    await assert.rejects(
      blobs.append(ID, 0, parts('hello')),
      (error) => error instanceof RuntimeError && error.kind === 'temporary',
    );
  }));

test('names that could leave the folder are refused', () =>
  inFolder(async (_root, blobs) => {
    await assert.rejects(blobs.append('../x', 0, parts('hello')), RuntimeError);
    await assert.rejects(blobs.read('sha256:../../etc/passwd'), RuntimeError);
  }));

test('what is set aside keeps its bytes', () =>
  inFolder(async (root, blobs) => {
    await blobs.append(ID, 0, parts('hello'));
    const { digest } = await blobs.commit(ID, digestOf('hello'));
    await blobs.quarantine(digest);
    assert.equal(await readFile(join(root, 'damaged', digest.replace(':', '-')), 'utf8'), 'hello');
  }));

test('a full disk is told from a broken one', async () => {
  const failing = (code: string) => onMedium(Promise.reject(Object.assign(new Error(code), { code })));
  await assert.rejects(failing('ENOSPC'), StorageFull);
  await assert.rejects(failing('EDQUOT'), StorageFull);
  await assert.rejects(failing('EIO'), (error) => error instanceof RuntimeError && !(error instanceof StorageFull));
});

test('a folder is made once for all who ask, and again after a failure', () =>
  inFolder(async (root) => {
    const folders = new DurableFolders();
    const path = join(root, 'file/folder');
    await writeFile(join(root, 'file'), '');
    await assert.rejects(folders.ensure(path));
    await rm(join(root, 'file'));
    const made = [folders.ensure(path), folders.ensure(path)];
    assert.equal(made[0], made[1]);
    await Promise.all(made);
    assert.ok((await stat(path)).isDirectory());
  }));
