import type { Readable } from 'node:stream';
import { RuntimeError } from '../kernel/errors.ts';

/**
 * Content-addressed bytes: one copy of each blob, whichever repositories hold it, and uploads on their way to
 * becoming one. Knows nothing of repositories; who may see a blob is the registry's affair.
 *
 *   append* -> commit (digest verified, durable) -> read ... -> delete
 *          `-> discard
 *
 * Failures of the medium are RuntimeErrors, a full one is StorageFull; after either, discard the upload: nobody knows
 * which of its bytes are durable. Two calls about the same upload must not run at once.
 */
export interface BlobStore {
  stat(digest: string): Promise<BlobInfo | undefined>;
  /** The bytes of `range`, or all; rejects with a RuntimeError `gone` before the first byte if there is no such blob. */
  read(digest: string, range?: ByteRange): Promise<Readable>;
  /**
   * Hands the bytes of `range` to `write`, one piece after another: for the few who send much. A piece is overwritten once
   * its promise is resolved. Rejects as `read` does, and with what `write` rejects with.
   */
  send(digest: string, range: ByteRange, write: (piece: Uint8Array) => Promise<void>): Promise<void>;
  /** Deleting what is not there is no error. Reads that run already go on to their end. */
  delete(digest: string): Promise<void>;
  blobs(): AsyncIterable<BlobInfo>;
  /** Takes a damaged blob out of sight, so that it can be pushed again, and keeps its bytes for whoever would look. */
  quarantine(digest: string): Promise<void>;

  /**
   * Adds `source` to an upload that holds `offset` bytes now, 0 for a new one; answers its new size. When `source`
   * fails, what had come before stays, and the failure is thrown on. Memory use does not grow with `source`.
   * @param upload an id of lower-case hex digits and dashes
   */
  append(upload: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number>;
  /** Bytes so far, also after a restart; 0 for an upload that nothing was appended to. */
  uploadSize(upload: string): Promise<number>;
  /**
   * Makes the upload's bytes a blob, durably. The upload is gone afterwards; on DigestMismatch it stays.
   * @throws DigestMismatch
   */
  commit(upload: string, digest: string): Promise<BlobInfo>;
  discard(upload: string): Promise<void>;
  uploads(): AsyncIterable<UploadInfo>;
}

export interface BlobInfo {
  readonly digest: string;
  readonly sizeBytes: number;
  /** When it was last committed. */
  readonly writtenAtMs: number;
}

export interface UploadInfo {
  readonly id: string;
  readonly sizeBytes: number;
  readonly touchedAtMs: number;
}

/** Both ends are inside, counted from 0, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The bytes are not those that the client promised. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`The bytes have digest ${actual}, not ${expected}.`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** The medium has no room left. */
export class StorageFull extends RuntimeError {
  constructor(cause: unknown) {
    super('temporary', 'no space left on device: the registry cannot store more until space is freed', cause);
  }
}
