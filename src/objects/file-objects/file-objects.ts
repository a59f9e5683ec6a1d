import { createHash } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, absent, messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { ByteRange, ObjectStore, StoredBytes, WrittenBytes } from '../object-store.ts';

const READ_CHUNK_BYTES = 256 * 1024;

/**
 * Bytes in files. A file under `bytes` is whole and durable from the moment its name exists; what a crash leaves behind
 * is under `new`, and is removed at the next start.
 *
 *   <root>/                     0700
 *     bytes/
 *       9f/                     the first two digits
 *         9f86d081884c7d65...   what was written once
 *     new/
 *       1c9e667974254...        what is being written
 */
export class FileObjects implements ObjectStore {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #ids: Ids;

  private constructor(root: string, clock: Clock, ids: Ids) {
    this.#root = root;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** @param root the folder, made if missing, which no other process may use at the same time */
  static async open(root: string, clock: Clock, ids: Ids): Promise<FileObjects> {
    await rm(join(root, 'new'), { recursive: true, force: true });
    for (const folder of ['bytes', 'new']) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
    await syncFolder(root);
    return new FileObjects(root, clock, ids);
  }

  async write(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<WrittenBytes> {
    const id = this.#ids.hex(32);
    const path = join(this.#root, 'new', id);
    try {
      const written = await this.#fill(path, source);
      await this.#publish(path, this.#pathOf(id));
      return { id, ...written };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async read(id: string, range?: ByteRange): Promise<Readable> {
    const handle = await open(this.#pathOf(id)).catch(absent);
    if (!handle) throw new RuntimeError('gone', `There are no bytes ${id}.`);
    return handle.createReadStream({ ...range, highWaterMark: READ_CHUNK_BYTES });
  }

  async delete(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  async stat(id: string): Promise<StoredBytes | undefined> {
    const found = await stat(this.#pathOf(id)).catch(absent);
    return found && { id, sizeBytes: found.size, writtenAtMs: Math.round(found.mtimeMs) };
  }

  async *all(): AsyncIterable<StoredBytes> {
    for await (const folder of await opendir(join(this.#root, 'bytes'))) {
      for await (const file of await opendir(join(this.#root, 'bytes', folder.name))) {
        const found = isId(file.name) ? await this.stat(file.name) : undefined;
        if (found) yield found;
      }
    }
  }

  async #fill(path: string, source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    const handle = await onMedium(open(path, 'wx', 0o600));
    const hash = createHash('md5');
    let sizeBytes = 0;
    try {
      for await (const chunk of source) {
        const written = writeAll(handle, chunk);
        written.catch(() => {});
        // The hash is reckoned while the bytes are on their way to the disk.
        hash.update(chunk);
        await onMedium(written);
        sizeBytes += chunk.length;
      }
      const now = new Date(this.#clock.now());
      await onMedium(handle.utimes(now, now));
      await onMedium(handle.sync());
    } finally {
      await handle.close();
    }
    return { sizeBytes, md5: hash.digest('hex') };
  }

  async #publish(from: string, to: string): Promise<void> {
    const folder = dirname(to);
    if (await onMedium(mkdir(folder, { recursive: true, mode: 0o700 }))) await syncFolder(dirname(folder));
    await onMedium(rename(from, to));
    await onMedium(syncFolder(folder));
  }

  #pathOf(id: string): string {
    if (!isId(id)) throw new RuntimeError('rejected', `'${id}' is not the name of an object's bytes.`);
    return join(this.#root, 'bytes', id.slice(0, 2), id);
  }
}

function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** One write may take only a part. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

/** Makes the names in a folder durable: a rename is not, until its folder is written. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Tells the medium's failures from those of the source. */
function onMedium<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new RuntimeError('temporary', `The object could not be stored: ${messageOf(error)}`, error);
  });
}
