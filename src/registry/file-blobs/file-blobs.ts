import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, opendir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, absent } from '../../kernel/errors.ts';
import { DigestMismatch } from '../blob-store.ts';
import type { BlobInfo, BlobStore, ByteRange, UploadInfo } from '../blob-store.ts';
import { isDigest, parseDigest } from '../digest.ts';
import type { DigestAlgorithm } from '../digest.ts';
import { BatchWriter } from './batch-writer.ts';
import { sendFile } from './send-file.ts';
import { DurableFolders, onMedium, syncFolder } from './files.ts';
import { Room } from './room.ts';

const READ_CHUNK_BYTES = 256 * 1024;

/** The hash of all that an upload's file holds, so that a commit need not read it again. */
interface RunningHash {
  readonly hash: Hash;
  sizeBytes: number;
}

/**
 * Blobs in files. A file under `blobs` is whole, verified and durable from the moment its name exists, and is never
 * written again; what a crash leaves behind is under `uploads`.
 *
 *   <root>/                     0700
 *     blobs/
 *       sha256/
 *         9f/                   the first two digits
 *           9f86d081884c...     one blob, its name its digest
 *       sha512/...
 *     uploads/
 *       1c9e6679-7425-...       the bytes of one upload so far
 *     damaged/
 *       sha256-9f86d081884c...  what was found not to be what its name says
 */
export class FileBlobs implements BlobStore {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningHash>();
  readonly #folders = new DurableFolders();
  readonly #room: Room;

  private constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#room = new Room(root);
    this.#clock = clock;
  }

  /** @param root the folder, made if missing; `uploads` and `blobs` must be on one file system */
  static async open(root: string, clock: Clock): Promise<FileBlobs> {
    const blobs = new FileBlobs(root, clock);
    for (const folder of ['.', 'uploads', 'damaged', 'blobs', 'blobs/sha256', 'blobs/sha512']) {
      await blobs.#folders.ensure(join(root, folder));
    }
    return blobs;
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    const found = await stat(this.#blobPath(digest)).catch(absent);
    return found && { digest, sizeBytes: found.size, writtenAtMs: Math.round(found.mtimeMs) };
  }

  async read(digest: string, range?: ByteRange): Promise<Readable> {
    const handle = await open(this.#blobPath(digest)).catch(absent);
    if (!handle) throw new RuntimeError('gone', `There is no blob ${digest}.`);
    if (range && range.end < range.start) {
      await handle.close();
      return Readable.from([]);
    }
    return handle.createReadStream({ ...range, highWaterMark: READ_CHUNK_BYTES });
  }

  async send(digest: string, range: ByteRange, write: (piece: Uint8Array) => Promise<void>): Promise<void> {
    const handle = await open(this.#blobPath(digest)).catch(absent);
    if (!handle) throw new RuntimeError('gone', `There is no blob ${digest}.`);
    try {
      await sendFile(handle, range, write);
    } finally {
      await handle.close();
    }
  }

  async delete(digest: string): Promise<void> {
    await rm(this.#blobPath(digest), { force: true });
  }

  async quarantine(digest: string): Promise<void> {
    const path = this.#blobPath(digest);
    await onMedium(rename(path, join(this.#root, 'damaged', digest.replace(':', '-'))).catch(absent));
    await onMedium(syncFolder(dirname(path)).catch(absent));
  }

  async *blobs(): AsyncIterable<BlobInfo> {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const folder = join(this.#root, 'blobs', algorithm);
      for await (const prefix of await opendir(folder)) {
        if (!prefix.isDirectory()) continue;
        for await (const file of await opendir(join(folder, prefix.name))) {
          const digest = `${algorithm}:${file.name}`;
          const info = isDigest(digest) ? await this.stat(digest) : undefined;
          if (info) yield info;
        }
      }
    }
  }

  async append(upload: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
    const handle = await onMedium(open(this.#uploadPath(upload), offset === 0 ? 'w+' : 'r+', 0o600));
    try {
      await onMedium(handle.truncate(offset));
      const running = await this.#runningHash(upload, offset, handle);
      const writer = new BatchWriter(handle, running.sizeBytes, this.#room);
      try {
        for await (const chunk of source) {
          // Reckoned while the bytes before are on their way to the disk.
          running.hash.update(chunk);
          running.sizeBytes += chunk.length;
          await writer.write(chunk);
        }
      } finally {
        await writer.end().catch((error: unknown) => {
          this.#running.delete(upload);
          throw error;
        });
      }
      return running.sizeBytes;
    } finally {
      await onMedium(handle.close());
      await this.#touch(this.#uploadPath(upload));
    }
  }

  async uploadSize(upload: string): Promise<number> {
    return (await stat(this.#uploadPath(upload)).catch(absent))?.size ?? 0;
  }

  async commit(upload: string, digest: string): Promise<BlobInfo> {
    const path = this.#uploadPath(upload);
    const handle = await onMedium(open(path, 'a+', 0o600));
    let sizeBytes: number;
    try {
      sizeBytes = (await handle.stat()).size;
      const actual = await this.#digest(upload, digest, sizeBytes, handle);
      if (actual !== digest) throw new DigestMismatch(digest, actual);
      await onMedium(handle.sync());
    } finally {
      await handle.close();
    }
    // A blob that is there already is replaced by the same bytes: should it be damaged, it is whole again.
    await this.#publish(path, this.#blobPath(digest));
    this.#running.delete(upload);
    return { digest, sizeBytes, writtenAtMs: this.#clock.now() };
  }

  async discard(upload: string): Promise<void> {
    this.#running.delete(upload);
    await rm(this.#uploadPath(upload), { force: true });
  }

  async *uploads(): AsyncIterable<UploadInfo> {
    for await (const file of await opendir(join(this.#root, 'uploads'))) {
      const found = await stat(join(this.#root, 'uploads', file.name)).catch(absent);
      if (found) yield { id: file.name, sizeBytes: found.size, touchedAtMs: Math.round(found.mtimeMs) };
    }
  }

  /** The hash of the first `sizeBytes` bytes: kept from the last append, or, after a restart, from the file. */
  async #runningHash(upload: string, sizeBytes: number, handle: FileHandle): Promise<RunningHash> {
    const known = this.#running.get(upload);
    if (known?.sizeBytes === sizeBytes) return known;
    const running = { hash: await onMedium(hashFile(handle, 'sha256')), sizeBytes };
    this.#running.set(upload, running);
    return running;
  }

  async #digest(upload: string, expected: string, sizeBytes: number, handle: FileHandle): Promise<string> {
    const algorithm = parseDigest(expected)?.algorithm ?? 'sha256';
    const known = this.#running.get(upload);
    const isKnown = algorithm === 'sha256' && known?.sizeBytes === sizeBytes;
    const hash = isKnown ? known.hash.copy() : await onMedium(hashFile(handle, algorithm));
    return `${algorithm}:${hash.digest('hex')}`;
  }

  async #publish(from: string, to: string): Promise<void> {
    const folder = dirname(to);
    await this.#touch(from);
    await onMedium(this.#folders.ensure(folder));
    await onMedium(rename(from, to));
    await onMedium(syncFolder(folder));
  }

  /** Times are the server's clock's, not the file system's. */
  async #touch(path: string): Promise<void> {
    const now = new Date(this.#clock.now());
    await utimes(path, now, now).catch(absent);
  }

  #blobPath(digest: string): string {
    const parsed = parseDigest(digest);
    if (!parsed) throw new RuntimeError('rejected', `'${digest}' is not a digest.`);
    return join(this.#root, 'blobs', parsed.algorithm, parsed.hex.slice(0, 2), parsed.hex);
  }

  #uploadPath(upload: string): string {
    if (!/^[0-9a-f-]{1,64}$/.test(upload)) throw new RuntimeError('rejected', `'${upload}' is not an upload's id.`);
    return join(this.#root, 'uploads', upload);
  }
}

async function hashFile(handle: FileHandle, algorithm: DigestAlgorithm): Promise<Hash> {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(READ_CHUNK_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
