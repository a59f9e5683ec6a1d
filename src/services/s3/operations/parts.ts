import { requestConditions, writeConditions } from '../access.ts';
import { onObject } from '../arns.ts';
import { dropBytes, keepBytes } from '../bytes.ts';
import { refuseUnsupported } from '../domain/attributes.ts';
import { checksumsIn, checksumMembers } from '../domain/checksums.ts';
import { parseCopySource } from '../domain/copy-source.ts';
import { MOST_PARTS } from '../domain/multipart.ts';
import { checkCopySource } from '../domain/preconditions.ts';
import { cutPieces, parseRange, type ByteRange } from '../domain/range.ts';
import { invalidArgument, invalidRange } from '../errors.ts';
import { piecesOf, requireBucket, requireObject, requireUpload } from '../lookup.ts';
import { bodyChunks, readPieces } from '../object-body.ts';
import { operation, type S3Context } from '../operation.ts';
import { partKey, parts, type Checksums, type PartRow } from '../tables.ts';
import { listedPart, ownerOf, quoted } from '../views.ts';
import { withBytes } from '../written-bytes.ts';
import { sourcePermissions } from './copy-object.ts';
import { limitOf } from './list-objects.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const UploadPart = operation('UploadPart', {
  action: 's3:PutObject',
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(false),
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    const checksums = checksumsIn(input);
    const { etag } = await writePart(ctx, input, bodyChunks(input.Body), checksums);
    return { ETag: quoted(etag), ...checksumMembers(checksums) };
  },
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const UploadPartCopy = operation('UploadPartCopy', {
  action: 's3:PutObject',
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(false),
  also: (input, _scope, tx) => sourcePermissions(input, tx),
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    const from = parseCopySource(input.CopySource);
    const { source, pieces } = await ctx.read(async (tx) => {
      const source = await requireObject(tx, ctx, { ...from, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
      return { source, pieces: await piecesOf(tx, source) };
    });
    checkCopySource(
      {
        ifMatch: input.CopySourceIfMatch,
        ifNoneMatch: input.CopySourceIfNoneMatch,
        ifModifiedSince: input.CopySourceIfModifiedSince,
        ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
      },
      source,
    );
    const range = rangeOfCopy(input.CopySourceRange, source.sizeBytes);
    const { etag, lastModifiedMs } = await writePart(
      ctx,
      input,
      readPieces(ctx.ports.objects, cutPieces(pieces, range)),
    );
    return { CopyPartResult: { ETag: quoted(etag), LastModified: new Date(lastModifiedMs) } };
  },
});

function rangeOfCopy(text: string | undefined, sizeBytes: number): ByteRange {
  if (text === undefined) return { start: 0, end: sizeBytes - 1 };
  const range = /^bytes=\d+-\d+$/.test(text) ? parseRange(text, sizeBytes) : 'all';
  if (range === 'all') {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy';
    throw invalidArgument(message, 'x-amz-copy-source-range', text);
  }
  if (range === 'none') throw invalidRange(text, sizeBytes);
  return range;
}

interface PartInput {
  readonly Bucket: string | undefined;
  readonly Key: string | undefined;
  readonly UploadId: string | undefined;
  readonly PartNumber: number | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** A part takes the place of the one that had its number. */
async function writePart(
  ctx: S3Context,
  input: PartInput,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  checksums?: Checksums,
): Promise<PartRow> {
  const { PartNumber: partNumber = 0, UploadId: uploadId = '' } = input;
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MOST_PARTS) {
    const message = `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`;
    throw invalidArgument(message, 'partNumber', String(partNumber));
  }
  await ctx.read((tx) => requireUpload(tx, ctx, input));
  return withBytes(ctx, source, async ({ id, md5, sizeBytes }, tx) => {
    await requireUpload(tx, ctx, input);
    const before = await tx.get(parts, partKey(uploadId, partNumber));
    const row: PartRow = {
      uploadId,
      partNumber,
      bytes: id,
      sizeBytes,
      etag: md5,
      lastModifiedMs: ctx.now,
      ...(checksums && { checksums }),
    };
    if (before) await dropBytes(tx, before.bytes, ctx.now);
    await keepBytes(tx, id);
    return tx.put(parts, before ? { ...row, revision: before.revision } : row);
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const ListParts = operation('ListParts', {
  action: 's3:ListMultipartUploadParts',
  dataEvent: true,
  readOnly: true,
  resources: onObject,
  conditions: requestConditions,
  handle: async (ctx, input) => {
    const { PartNumberMarker = '0', UploadId: uploadId = '' } = input;
    const limit = limitOf(input.MaxParts, 'max-parts');
    if (!/^\d{1,9}$/.test(PartNumberMarker)) {
      const message = 'Argument part-number-marker must be an integer between 0 and 2147483647';
      throw invalidArgument(message, 'part-number-marker', PartNumberMarker);
    }
    const { upload, bucket, rows } = await ctx.read(async (tx) => ({
      upload: await requireUpload(tx, ctx, input),
      bucket: await requireBucket(tx, ctx, input),
      rows: await tx.list(parts, {
        prefix: `${uploadId}/`,
        after: partKey(uploadId, Math.min(Number(PartNumberMarker), MOST_PARTS)),
        limit: limit + 1,
      }),
    }));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const isTruncated = limit > 0 && rows.length > page.length;
    return {
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumberMarker,
      ...(isTruncated && last && { NextPartNumberMarker: String(last.partNumber) }),
      MaxParts: limit,
      IsTruncated: isTruncated,
      Parts: page.map(listedPart),
      Initiator: { ID: upload.initiator },
      Owner: ownerOf(bucket.account),
      StorageClass: 'STANDARD' as const,
      ...(upload.checksumAlgorithm && { ChecksumAlgorithm: upload.checksumAlgorithm }),
      ...(upload.checksumType && { ChecksumType: upload.checksumType }),
    };
  },
});
