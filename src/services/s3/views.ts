import { createHash } from 'node:crypto';
import type { ChecksumMembers } from './domain/checksums.ts';
import { checksumMembers } from './domain/checksums.ts';
import type { KeyText } from './domain/url-encoding.ts';
import type { ObjectRow, PartRow, UploadRow } from './tables.ts';

export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** An account as S3 names it: 64 hex digits that tell nothing. */
export function ownerOf(account: string): { ID: string } {
  return { ID: createHash('sha256').update(`canonical user ${account}`).digest('hex') };
}

/** What GetObject and HeadObject say of an object, but for its length and its checksums. */
export function objectHeaders(row: ObjectRow) {
  const { attributes } = row;
  const tagCount = Object.keys(attributes.tags ?? {}).length;
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(row.lastModifiedMs),
    ETag: quoted(row.etag),
    ContentType: attributes.contentType ?? 'binary/octet-stream',
    Metadata: { ...attributes.metadata },
    ...(attributes.cacheControl !== undefined && { CacheControl: attributes.cacheControl }),
    ...(attributes.contentDisposition !== undefined && { ContentDisposition: attributes.contentDisposition }),
    ...(attributes.contentEncoding !== undefined && { ContentEncoding: attributes.contentEncoding }),
    ...(attributes.contentLanguage !== undefined && { ContentLanguage: attributes.contentLanguage }),
    ...(attributes.expiresAtMs !== undefined && { Expires: new Date(attributes.expiresAtMs) }),
    ...(tagCount > 0 && { TagCount: tagCount }),
  };
}

export function checksumView(
  row: Pick<ObjectRow, 'checksums' | 'checksumType'>,
): ChecksumMembers & { ChecksumType?: 'FULL_OBJECT' | 'COMPOSITE' } {
  return {
    ...checksumMembers(row.checksums),
    ...(row.checksums && row.checksumType && { ChecksumType: row.checksumType }),
  };
}

/** @param owner given where it was asked for */
export function listedObject(row: ObjectRow, text: KeyText, owner?: string) {
  const algorithms = Object.keys(row.checksums ?? {}) as NonNullable<keyof NonNullable<ObjectRow['checksums']>>[];
  return {
    Key: text(row.key),
    LastModified: new Date(row.lastModifiedMs),
    ETag: quoted(row.etag),
    ...(algorithms.length > 0 && { ChecksumAlgorithm: algorithms }),
    ...(algorithms.length > 0 && row.checksumType && { ChecksumType: row.checksumType }),
    Size: row.sizeBytes,
    StorageClass: 'STANDARD' as const,
    ...(owner !== undefined && { Owner: ownerOf(owner) }),
  };
}

export function listedUpload(row: UploadRow, owner: string, text: KeyText) {
  return {
    UploadId: row.uploadId,
    Key: text(row.key),
    Initiated: new Date(row.initiatedAtMs),
    StorageClass: 'STANDARD' as const,
    Owner: ownerOf(owner),
    Initiator: { ID: row.initiator },
    ...(row.checksumAlgorithm && { ChecksumAlgorithm: row.checksumAlgorithm }),
    ...(row.checksumType && { ChecksumType: row.checksumType }),
  };
}

export function listedPart(row: PartRow) {
  return {
    PartNumber: row.partNumber,
    LastModified: new Date(row.lastModifiedMs),
    ETag: quoted(row.etag),
    Size: row.sizeBytes,
    ...checksumMembers(row.checksums),
  };
}
