import { Readable } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import { DigestMismatch } from '../blob-store.ts';
import type { BlobInfo, BlobStore, ByteRange, UploadInfo } from '../blob-store.ts';
import { digestOf, parseDigest } from '../digest.ts';

/** The fake: for tests of what stands above. */
export class MemoryBlobs implements BlobStore {
  readonly #clock: Clock;
  readonly #blobs = new Map<string, { bytes: Buffer; writtenAtMs: number }>();
  readonly #uploads = new Map<string, { bytes: Buffer; touchedAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rot: the blob's bytes are no longer those of its name. */
  damage(digest: string, bytes: string): void {
    this.#blobs.set(digest, { bytes: Buffer.from(bytes), writtenAtMs: this.#clock.now() });
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    const blob = this.#blobs.get(digest);
    return blob && { digest, sizeBytes: blob.bytes.length, writtenAtMs: blob.writtenAtMs };
  }

  async read(digest: string, range?: ByteRange): Promise<Readable> {
    const blob = this.#blobs.get(digest);
    if (!blob) throw new RuntimeError('gone', `There is no blob ${digest}.`);
    const bytes = range ? blob.bytes.subarray(range.start, range.end + 1) : blob.bytes;
    return Readable.from(bytes.length > 0 ? [bytes] : []);
  }

  async send(digest: string, range: ByteRange, write: (piece: Uint8Array) => Promise<void>): Promise<void> {
    for await (const piece of await this.read(digest, range)) await write(piece);
  }

  async delete(digest: string): Promise<void> {
    this.#blobs.delete(digest);
  }

  async *blobs(): AsyncIterable<BlobInfo> {
    for (const [digest, blob] of this.#blobs) {
      yield { digest, sizeBytes: blob.bytes.length, writtenAtMs: blob.writtenAtMs };
    }
  }

  async quarantine(digest: string): Promise<void> {
    this.#blobs.delete(digest);
  }

  async append(upload: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = (this.#uploads.get(upload)?.bytes ?? Buffer.alloc(0)).subarray(0, offset);
    this.#keep(upload, bytes);
    for await (const chunk of source) {
      bytes = Buffer.concat([bytes, chunk]);
      this.#keep(upload, bytes);
    }
    return bytes.length;
  }

  async uploadSize(upload: string): Promise<number> {
    return this.#uploads.get(upload)?.bytes.length ?? 0;
  }

  async commit(upload: string, digest: string): Promise<BlobInfo> {
    const bytes = this.#uploads.get(upload)?.bytes ?? Buffer.alloc(0);
    const actual = digestOf(bytes, parseDigest(digest)?.algorithm);
    if (actual !== digest) throw new DigestMismatch(digest, actual);
    const writtenAtMs = this.#clock.now();
    this.#blobs.set(digest, { bytes, writtenAtMs });
    this.#uploads.delete(upload);
    return { digest, sizeBytes: bytes.length, writtenAtMs };
  }

  async discard(upload: string): Promise<void> {
    this.#uploads.delete(upload);
  }

  async *uploads(): AsyncIterable<UploadInfo> {
    for (const [id, upload] of this.#uploads) {
      yield { id, sizeBytes: upload.bytes.length, touchedAtMs: upload.touchedAtMs };
    }
  }

  #keep(upload: string, bytes: Buffer): void {
    this.#uploads.set(upload, { bytes, touchedAtMs: this.#clock.now() });
  }
}
