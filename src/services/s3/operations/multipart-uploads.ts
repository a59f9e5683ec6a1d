import { tagOnWrite, writeConditions } from '../access.ts';
import { onBucket, onObject } from '../arns.ts';
import { endUpload, partsOf, replaceObject } from '../bytes.ts';
import { readAttributes, refuseUnsupported } from '../domain/attributes.ts';
import { checksumAlgorithm, checksumType } from '../domain/checksums.ts';
import { listKeys } from '../domain/listing.ts';
import { checkClaims, chooseParts, objectOfParts } from '../domain/multipart.ts';
import { checkWrite, refuseOtherConditions } from '../domain/preconditions.ts';
import { keyText } from '../domain/url-encoding.ts';
import { invalidRequest, noSuchKey } from '../errors.ts';
import { requireBucket, requireUpload } from '../lookup.ts';
import { operation, type S3Context } from '../operation.ts';
import { manifests, objectKey, objects, uploadKey, uploads, type ObjectRow, type UploadRow } from '../tables.ts';
import { checksumView, listedUpload, quoted } from '../views.ts';
import { limitOf } from './list-objects.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const CreateMultipartUpload = operation('CreateMultipartUpload', {
  action: 's3:PutObject',
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(false),
  also: tagOnWrite,
  handle: async (ctx, input) => {
    const { Bucket: bucket = '', Key: key = '' } = input;
    const algorithm = checksumAlgorithm(input.ChecksumAlgorithm);
    if (!algorithm && input.ChecksumType !== undefined) {
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    }
    const row: UploadRow = {
      bucket,
      key,
      uploadId: ctx.ids.hex(64),
      initiatedAtMs: ctx.now,
      initiator: ctx.principal.arn,
      attributes: readAttributes(input),
      ...(algorithm && { checksumAlgorithm: algorithm, checksumType: checksumType(algorithm, input.ChecksumType) }),
    };
    await ctx.write(async (tx) => {
      await requireBucket(tx, ctx, input);
      await tx.put(uploads, row);
    });
    return {
      Bucket: bucket,
      Key: key,
      UploadId: row.uploadId,
      ...(row.checksumAlgorithm && { ChecksumAlgorithm: row.checksumAlgorithm }),
      ...(row.checksumType && { ChecksumType: row.checksumType }),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const CompleteMultipartUpload = operation('CompleteMultipartUpload', {
  action: 's3:PutObject',
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(true),
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    refuseOtherConditions(input);
    const { Bucket: bucket = '', Key: key = '', UploadId: uploadId = '' } = input;
    return ctx.write(async (tx) => {
      const current = await tx.get(objects, objectKey(bucket, key));
      const upload = await tx.get(uploads, uploadKey(bucket, key, uploadId));
      // The answer to the first call may have been lost.
      if (!upload && current?.uploadId === uploadId) return completed(ctx, current);
      await requireUpload(tx, ctx, input);
      if (!upload) throw noSuchKey(key);
      const chosen = chooseParts(uploadId, input.MultipartUpload?.Parts ?? [], await partsOf(tx, uploadId));
      const row = objectOfParts(upload, chosen, ctx.ids.hex(32), ctx.now);
      checkClaims(input, row);
      checkWrite(input, current, () => noSuchKey(key));
      await tx.put(manifests, {
        id: row.bytes,
        pieces: chosen.map(({ bytes, sizeBytes }) => ({ id: bytes, sizeBytes })),
      });
      await replaceObject(tx, row, ctx.now);
      await endUpload(tx, upload, ctx.now, new Set(chosen.map((part) => part.bytes)));
      return completed(ctx, row);
    });
  },
});

function completed(ctx: S3Context, row: ObjectRow) {
  return {
    Location: `${ctx.endpoint}/${row.bucket}/${row.key.split('/').map(encodeURIComponent).join('/')}`,
    Bucket: row.bucket,
    Key: row.key,
    ETag: quoted(row.etag),
    ...checksumView(row),
  };
}

export const AbortMultipartUpload = operation('AbortMultipartUpload', {
  dataEvent: true,
  resources: onObject,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => endUpload(tx, await requireUpload(tx, ctx, input), ctx.now));
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const ListMultipartUploads = operation('ListMultipartUploads', {
  action: 's3:ListBucketMultipartUploads',
  dataEvent: true,
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { Bucket = '', Prefix = '', Delimiter = '', KeyMarker = '', UploadIdMarker = '' } = input;
    const text = keyText(input.EncodingType);
    const limit = limitOf(input.MaxUploads, 'max-uploads');
    const { bucket, found } = await ctx.read(async (tx) => ({
      bucket: await requireBucket(tx, ctx, input),
      found: await listKeys<UploadRow>({
        prefix: Prefix,
        delimiter: Delimiter,
        after: KeyMarker === '' ? '' : positionAfter(KeyMarker, UploadIdMarker, Delimiter),
        limit,
        keyOf: ({ key, uploadId }) => positionOf(key, uploadId),
        fetch: (position, most) =>
          tx.list(uploads, {
            prefix: objectKey(Bucket, Prefix),
            ...(position !== '' && { after: objectKey(Bucket, position) }),
            limit: most,
          }),
      }),
    }));
    const [nextKey, nextId] = found.last?.split(SEPARATOR) ?? [];
    return {
      Bucket,
      KeyMarker: text(KeyMarker),
      UploadIdMarker,
      ...(nextKey !== undefined && { NextKeyMarker: text(nextKey), NextUploadIdMarker: nextId ?? '' }),
      Prefix: text(Prefix),
      ...(input.Delimiter !== undefined && { Delimiter: text(input.Delimiter) }),
      MaxUploads: limit,
      IsTruncated: found.last !== undefined,
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      Uploads: found.rows.map((row) => listedUpload(row, bucket.account, text)),
      CommonPrefixes: found.prefixes.map((prefix) => ({ Prefix: text(prefix) })),
    };
  },
});

const SEPARATOR = '\u0001';

/** Where an upload stands among the others of its bucket: as its row's key, without the bucket. */
function positionOf(key: string, uploadId: string): string {
  return uploadKey('', key, uploadId).slice(1);
}

/** After an upload, after all of a key, or after what was gathered under a prefix. */
function positionAfter(keyMarker: string, uploadIdMarker: string, delimiter: string): string {
  if (delimiter !== '' && keyMarker.endsWith(delimiter) && uploadIdMarker === '') return keyMarker;
  return positionOf(keyMarker, uploadIdMarker === '' ? '\u{10ffff}' : uploadIdMarker);
}
