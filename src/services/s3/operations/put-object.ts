import { tagOnWrite, writeConditions } from '../access.ts';
import { onObject } from '../arns.ts';
import { keepBytes, replaceObject } from '../bytes.ts';
import { readAttributes } from '../domain/attributes.ts';
import { checksumAlgorithm, checksumsIn } from '../domain/checksums.ts';
import { checkWrite, refuseOtherConditions } from '../domain/preconditions.ts';
import { noSuchKey } from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { bodyChunks } from '../object-body.ts';
import { operation } from '../operation.ts';
import { objectKey, objects, type ObjectRow } from '../tables.ts';
import { checksumView, quoted } from '../views.ts';
import { withBytes } from '../written-bytes.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const PutObject = operation('PutObject', {
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(true),
  also: tagOnWrite,
  handle: async (ctx, input) => {
    const { Bucket: bucket = '', Key: key = '' } = input;
    const attributes = readAttributes(input);
    refuseOtherConditions(input);
    checksumAlgorithm(input.ChecksumAlgorithm);
    await ctx.read((tx) => requireBucket(tx, ctx, input));
    const checksums = checksumsIn(input);
    return withBytes(ctx, bodyChunks(input.Body), async ({ id, md5, sizeBytes }, tx) => {
      await requireBucket(tx, ctx, input);
      checkWrite(input, await tx.get(objects, objectKey(bucket, key)), () => noSuchKey(key));
      const row: ObjectRow = {
        bucket,
        key,
        attributes,
        etag: md5,
        sizeBytes,
        lastModifiedMs: ctx.now,
        bytes: id,
        ...(checksums && { checksums, checksumType: 'FULL_OBJECT' }),
      };
      await keepBytes(tx, id);
      await replaceObject(tx, row, ctx.now);
      return { ETag: quoted(md5), ...checksumView(row) };
    });
  },
});
