import { createHash } from 'node:crypto';
import { badDigest, entityTooSmall, invalidPart, invalidPartOrder, invalidRequest, malformedXml } from '../errors.ts';
import type { ObjectRow, PartRow, UploadRow } from '../tables.ts';
import { checksumsIn, wholeChecksum, type ChecksumMembers } from './checksums.ts';
import { unquoted } from './preconditions.ts';

const SMALLEST_PART_BYTES = 5 * 1024 * 1024;
export const MOST_PARTS = 10_000;

type Claimed = {
  readonly PartNumber?: number | undefined;
  readonly ETag?: string | undefined;
} & { readonly [Name in keyof ChecksumMembers]?: string | undefined };

/**
 * The parts that a client names, in its order.
 * @throws ServiceError InvalidPart, InvalidPartOrder, EntityTooSmall
 */
export function chooseParts(
  uploadId: string,
  claimed: readonly Claimed[],
  uploaded: readonly PartRow[],
): readonly PartRow[] {
  if (claimed.length === 0 || claimed.length > MOST_PARTS) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const chosen = claimed.map((claim) => {
    const { PartNumber = 0, ETag = '' } = claim;
    const part = byNumber.get(PartNumber);
    if (!part || part.etag !== unquoted(ETag)) throw invalidPart(uploadId, PartNumber, ETag);
    for (const [algorithm, value] of Object.entries(checksumsIn(claim) ?? {})) {
      const known = part.checksums?.[algorithm as keyof PartRow['checksums']];
      if (known !== value) throw invalidPart(uploadId, PartNumber, ETag);
    }
    return part;
  });
  if (chosen.some((part, index) => part.partNumber <= (chosen[index - 1]?.partNumber ?? 0))) {
    throw invalidPartOrder(uploadId);
  }
  const small = chosen.slice(0, -1).find(({ sizeBytes }) => sizeBytes < SMALLEST_PART_BYTES);
  if (small) throw entityTooSmall(small.partNumber, small.sizeBytes, SMALLEST_PART_BYTES);
  return chosen;
}

/** The object that an upload makes of its parts. */
export function objectOfParts(
  upload: UploadRow,
  parts: readonly PartRow[],
  manifestId: string,
  now: number,
): ObjectRow {
  const { checksumAlgorithm: algorithm, checksumType: type } = upload;
  const checksum = algorithm && type && wholeChecksum(algorithm, type, parts);
  return {
    bucket: upload.bucket,
    key: upload.key,
    attributes: upload.attributes,
    etag: etagOfParts(parts),
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    lastModifiedMs: now,
    bytes: manifestId,
    partCount: parts.length,
    ...(algorithm && type && checksum !== undefined && { checksums: { [algorithm]: checksum }, checksumType: type }),
    uploadId: upload.uploadId,
  };
}

/** The MD5 of the parts' MD5s, and how many there are. */
function etagOfParts(parts: readonly PartRow[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** What the client says of the whole must hold. @throws ServiceError BadDigest, InvalidRequest */
export function checkClaims(
  input: { readonly MpuObjectSize?: number | undefined } & {
    readonly [N in keyof ChecksumMembers]?: string | undefined;
  },
  row: ObjectRow,
): void {
  const { MpuObjectSize } = input;
  if (MpuObjectSize !== undefined && MpuObjectSize !== row.sizeBytes) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${MpuObjectSize} does not match what was computed: ${row.sizeBytes}`,
    );
  }
  for (const [algorithm, value] of Object.entries(checksumsIn(input) ?? {})) {
    const known = row.checksums?.[algorithm as keyof ObjectRow['checksums']];
    // Clients send a composite checksum with its count or without.
    if (known !== value && known !== `${value}-${row.partCount}`) throw badDigest(algorithm);
  }
}
