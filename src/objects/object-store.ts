import type { Readable } from 'node:stream';

/**
 * Bytes under names that nobody can guess and that are used once: what was written is never written again, so whoever
 * names them in a row has all of them or none, and replacing or deleting an object is one write of rows.
 *
 *   write (hashed, durable, then named) -> read ... -> delete
 *
 * Knows nothing of buckets and keys. Failures of the medium (a full disk) are RuntimeErrors.
 */
export interface ObjectStore {
  /**
   * Keeps all of `source`, durably. When `source` fails, nothing is kept and the failure is thrown on. Memory use does
   * not grow with `source`.
   */
  write(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<WrittenBytes>;
  /** The bytes of `range`, or all. Rejects with a RuntimeError `gone` before the first byte if there are none. */
  read(id: string, range?: ByteRange): Promise<Readable>;
  /** Deleting what is not there is no error. Reads that run already go on to their end. */
  delete(id: string): Promise<void>;
  stat(id: string): Promise<StoredBytes | undefined>;
  all(): AsyncIterable<StoredBytes>;
}

export interface WrittenBytes {
  /** 32 hex digits. */
  readonly id: string;
  readonly sizeBytes: number;
  /** Of the bytes, in hex: S3's ETag. */
  readonly md5: string;
}

export interface StoredBytes {
  readonly id: string;
  readonly sizeBytes: number;
  readonly writtenAtMs: number;
}

/** Both ends are inside, counted from 0, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
