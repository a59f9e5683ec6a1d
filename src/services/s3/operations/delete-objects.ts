import type { Output } from '../../../api/clients.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { WriteTx } from '../../../store/store.ts';
import { requestConditions } from '../access.ts';
import { objectArn, onObject } from '../arns.ts';
import { deleteObject } from '../bytes.ts';
import { refuseUnsupported } from '../domain/attributes.ts';
import { unquoted } from '../domain/preconditions.ts';
import { malformedXml, noSuchKey, preconditionFailed } from '../errors.ts';
import { checkVersion, requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';
import { objectKey, objects } from '../tables.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const DeleteObject = operation('DeleteObject', {
  dataEvent: true,
  resources: onObject,
  conditions: requestConditions,
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    await ctx.write(async (tx) => {
      const { name } = await requireBucket(tx, ctx, input);
      await deleteIf(tx, name, ctx.now, {
        Key: input.Key,
        VersionId: input.VersionId,
        ETag: input.IfMatch,
        LastModifiedTime: input.IfMatchLastModifiedTime,
        Size: input.IfMatchSize,
      });
    });
    return {};
  },
});

interface ToDelete {
  readonly Key: string | undefined;
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModifiedTime?: Date | undefined;
  readonly Size?: number | undefined;
}

/** Deleting what is not there is no error, unless it should be a certain one. */
async function deleteIf(tx: WriteTx, bucket: string, now: number, wanted: ToDelete): Promise<void> {
  const { Key = '', ETag, LastModifiedTime, Size } = wanted;
  checkVersion(Key, wanted.VersionId);
  const row = await tx.get(objects, objectKey(bucket, Key));
  const isConditional = ETag !== undefined || LastModifiedTime !== undefined || Size !== undefined;
  if (!row) {
    if (isConditional) throw noSuchKey(Key);
    return;
  }
  const etag = ETag === undefined ? undefined : unquoted(ETag);
  if (etag !== undefined && etag !== '*' && etag !== row.etag) throw preconditionFailed('If-Match');
  if (Size !== undefined && Size !== row.sizeBytes) throw preconditionFailed('x-amz-if-match-size');
  const modifiedAt = Math.floor(row.lastModifiedMs / 1000);
  if (LastModifiedTime && Math.floor(LastModifiedTime.getTime() / 1000) !== modifiedAt) {
    throw preconditionFailed('x-amz-if-match-last-modified-time');
  }
  await deleteObject(tx, row, now);
}

const MOST_KEYS = 1000;

/** Each key needs s3:DeleteObject; the call is refused as a whole where one of them is. */
export const DeleteObjects = operation('DeleteObjects', {
  action: 's3:DeleteObject',
  dataEvent: true,
  resources: (input) =>
    // More are refused.
    (input.Delete?.Objects ?? []).slice(0, MOST_KEYS).map(({ Key }) => objectArn(input.Bucket, Key)),
  handle: async (ctx, input) => {
    refuseUnsupported(input);
    const wanted = input.Delete?.Objects ?? [];
    if (wanted.length === 0 || wanted.length > MOST_KEYS) throw malformedXml();
    return ctx.write(async (tx) => {
      const { name } = await requireBucket(tx, ctx, input);
      const deleted: NonNullable<Output<'s3', 'DeleteObjects'>['Deleted']> = [];
      const errors: NonNullable<Output<'s3', 'DeleteObjects'>['Errors']> = [];
      for (const each of wanted) {
        try {
          await deleteIf(tx, name, ctx.now, each);
          deleted.push({ Key: each.Key, ...(each.VersionId !== undefined && { VersionId: each.VersionId }) });
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          errors.push({ Key: each.Key, Code: error.code, Message: error.message });
        }
      }
      return { ...(!input.Delete?.Quiet && { Deleted: deleted }), ...(errors.length > 0 && { Errors: errors }) };
    });
  },
});
