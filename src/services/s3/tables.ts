import type { ChecksumAlgorithm } from '../../kernel/checksums.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

/** Times are ms since the epoch. */
export interface BucketRow {
  /** One namespace for all accounts and regions. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAtMs: number;
  /** As it was put. */
  readonly policy?: string;
  readonly tags?: Tags;
}

export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
/** COMPOSITE: the checksum of the parts' checksums, with their number. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** What a client says of an object besides its bytes. */
export interface ObjectAttributes {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly expiresAtMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Tags;
}

export interface ObjectRow {
  readonly bucket: string;
  readonly key: string;
  readonly attributes: ObjectAttributes;
  /** Without quotes: the MD5 in hex, or that of the parts' with `-COUNT`. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** The name of its bytes in the object store, or, of an object of parts, of its manifest. */
  readonly bytes: string;
  readonly partCount?: number;
  readonly checksums?: Checksums;
  readonly checksumType?: ChecksumType;
  /** The upload that it was made by, so that completing it twice gives the same answer. */
  readonly uploadId?: string;
}

/** The bytes of an object of parts, in order. Apart from the object, so that a list need not read them. */
export interface ManifestRow {
  readonly id: string;
  readonly pieces: readonly Piece[];
}

export interface Piece {
  /** In the object store. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** Bytes that an object, a manifest or a part names, or that none names any more. */
export interface BytesRow {
  readonly id: string;
  readonly unusedSinceMs?: number;
}

export interface UploadRow {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAtMs: number;
  /** The ARN of whoever began it. */
  readonly initiator: string;
  readonly attributes: ObjectAttributes;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

export interface PartRow {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly bytes: string;
  readonly sizeBytes: number;
  /** MD5, in hex. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly checksums?: Checksums;
}

/** Buckets' names hold no slash, so the rows of a bucket lie together, in the order of their keys' UTF-8 bytes. */
export function objectKey(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

const SEPARATOR = '\u0001';

export function uploadKey(bucket: string, key: string, uploadId: string): string {
  return `${bucket}/${key}${SEPARATOR}${uploadId}`;
}

export function partKey(uploadId: string, partNumber: number): string {
  return `${uploadId}/${String(partNumber).padStart(5, '0')}`;
}

export const buckets = table<BucketRow>('s3.buckets', (row) => row.name, { account: (row) => row.account });
export const objects = table<ObjectRow>('s3.objects', (row) => objectKey(row.bucket, row.key));
export const manifests = table<ManifestRow>('s3.manifests', (row) => row.id);
export const bytes = table<BytesRow>('s3.bytes', (row) => row.id, {
  unused: (row) => (row.unusedSinceMs === undefined ? undefined : 'yes'),
});
export const uploads = table<UploadRow>('s3.uploads', (row) => uploadKey(row.bucket, row.key, row.uploadId));
export const parts = table<PartRow>('s3.parts', (row) => partKey(row.uploadId, row.partNumber));
