import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StorageFull } from '../blob-store.ts';
import { BatchWriter } from './batch-writer.ts';
import type { WritableFile } from './files.ts';
import { Room } from './room.ts';

const PIECE_BYTES = 300_000;

async function withFile(run: (handle: FileHandle, path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-writer-'));
  const path = join(folder, 'file');
  const handle = await open(path, 'w+');
  try {
    await run(handle, path, folder);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const pieces = Array.from({ length: 11 }, (_, i) => Buffer.alloc(PIECE_BYTES, i + 1));

test('pieces of several batches stand one after the other, from where the file ends', () =>
  withFile(async (handle, path, folder) => {
    await handle.write('begin');
    const writer = new BatchWriter(handle, 5, new Room(folder));
    for (const piece of pieces) await writer.write(piece);
    await writer.end();
    assert.ok((await readFile(path)).equals(Buffer.concat([Buffer.from('begin'), ...pieces])));
  }));

test('what one write leaves over is written by the next', () =>
  withFile(async (handle, path, folder) => {
    // As a disk that takes a part only.
    const partial: WritableFile = {
      write: (bytes, offset, length, at) => handle.write(bytes, offset, length, at),
      writev: (batch, at) => handle.writev(batch.slice(0, 1), at),
    };
    const writer = new BatchWriter(partial, 0, new Room(folder));
    for (const piece of pieces) await writer.write(piece);
    await writer.end();
    assert.ok((await readFile(path)).equals(Buffer.concat(pieces)));
  }));

test('a failed write is thrown to whoever comes next, and nothing is written behind it', () =>
  withFile(async (_handle, path, folder) => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const fail = () => Promise.reject(full);
    const writer = new BatchWriter({ write: fail, writev: fail }, 0, new Room(folder));
    await assert.rejects(async () => {
      for (const piece of pieces) await writer.write(piece);
    }, StorageFull);
    await assert.rejects(writer.end(), StorageFull);
    assert.equal((await readFile(path)).length, 0);
  }));
