import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RuntimeError, messageOf, systemCode } from '../../kernel/errors.ts';
import { StorageFull } from '../blob-store.ts';

/** Makes the names in a folder durable: a rename is not, until its folder is written. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What of a FileHandle writes. */
export interface WritableFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  writev(batch: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }>;
}

/** Writes all of `bytes`: one write may take only a part. */
export async function writeAll(handle: WritableFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Tells the medium's failures from those of the client that sends. */
export function onMedium<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof RuntimeError) throw error;
    const code = systemCode(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new StorageFull(error);
    throw new RuntimeError('temporary', `The blob could not be stored: ${messageOf(error)}`, error);
  });
}

/**
 * Folders whose names outlive a power cut. Whoever asks for one waits until its name is durable, also while somebody
 * else makes it, and once after each start, since a process may have died between making it and syncing it.
 */
export class DurableFolders {
  readonly #known = new Map<string, Promise<void>>();

  /** Makes the folder if it is missing. */
  ensure(path: string): Promise<void> {
    const known = this.#known.get(path) ?? make(path);
    this.#known.set(path, known);
    known.catch(() => this.#known.delete(path));
    return known;
  }
}

async function make(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(path));
}
