import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RuntimeError } from '../../kernel/errors.ts';
import { sendFile } from './send-file.ts';

async function withFile(bytes: Buffer, run: (handle: FileHandle) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-send-'));
  try {
    await writeFile(join(folder, 'file'), bytes);
    await using handle = await open(join(folder, 'file'));
    await run(handle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a piece stays what it is until it is written, and only then comes the one after the next', () => {
  const bytes = randomBytes(3_000_001);
  return withFile(bytes, async (handle) => {
    const taken: Buffer[] = [];
    let writing = 0;
    await sendFile(handle, { start: 7, end: bytes.length - 3 }, async (piece) => {
      assert.equal((writing += 1), 1);
      // As long as the next piece takes to be read, and longer.
      await handle.stat();
      await handle.stat();
      taken.push(Buffer.from(piece));
      writing -= 1;
    });
    assert.ok(Buffer.concat(taken).equals(bytes.subarray(7, bytes.length - 2)));
  });
});

test('a file that ends too early and a reader that is gone are failures', () =>
  withFile(randomBytes(100), async (handle) => {
    await assert.rejects(
      sendFile(handle, { start: 0, end: 100 }, async () => {}),
      RuntimeError,
    );
    const gone = () => Promise.reject(new Error('gone'));
    await assert.rejects(sendFile(handle, { start: 0, end: 99 }, gone), /gone/);
  }));
