import type { FileHandle } from 'node:fs/promises';
import { RuntimeError } from '../../kernel/errors.ts';
import type { ByteRange } from '../blob-store.ts';

const PIECE_BYTES = 512 * 1024;

/**
 * Reads the next piece while the last one is written. There are two buffers whatever the size of the whole: with one for
 * each piece, most of the work of a large blob would be the garbage collector's.
 */
export async function sendFile(
  handle: FileHandle,
  { start, end }: ByteRange,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const sizeBytes = Math.min(PIECE_BYTES, Math.max(0, end + 1 - start));
  let free: Buffer | undefined;
  let busy: Buffer | undefined;
  let writing: Promise<void> = Promise.resolve();
  for (let position = start; position <= end;) {
    const buffer = free ?? Buffer.allocUnsafe(sizeBytes);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end + 1 - position), position);
    if (bytesRead === 0) throw new RuntimeError('temporary', `A blob ends after ${position} bytes.`);
    await writing;
    [free, busy] = [busy, buffer];
    writing = write(buffer.subarray(0, bytesRead));
    // Its failure is thrown to the next who waits for it.
    writing.catch(() => {});
    position += bytesRead;
  }
  await writing;
}
