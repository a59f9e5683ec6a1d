import type { Input } from '../../../api/clients.ts';
import type { Permission } from '../../../api/operation.ts';
import type { ReadTx } from '../../../store/store.ts';
import { existingTagConditions, existingTags, tagOnWrite, writeConditions } from '../access.ts';
import { objectArn, onObject } from '../arns.ts';
import { keepBytes, replaceObject } from '../bytes.ts';
import { readAttributes } from '../domain/attributes.ts';
import { checksumAlgorithm } from '../domain/checksums.ts';
import { parseCopySource, type CopySource } from '../domain/copy-source.ts';
import { checkCopySource, checkWrite, refuseOtherConditions } from '../domain/preconditions.ts';
import { invalidArgument, invalidRequest, noSuchKey } from '../errors.ts';
import { piecesOf, requireBucket, requireObject } from '../lookup.ts';
import { readPieces } from '../object-body.ts';
import { operation } from '../operation.ts';
import { objectKey, objects, type ObjectAttributes, type ObjectRow } from '../tables.ts';
import { checksumView, quoted } from '../views.ts';
import { withBytes } from '../written-bytes.ts';

const MOST_BYTES = 5 * 1024 ** 3;

type CopyInput = Input<'s3', 'CopyObject'>;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const CopyObject = operation('CopyObject', {
  action: 's3:PutObject',
  dataEvent: true,
  resources: onObject,
  conditions: writeConditions(true),
  also: async (input, _scope, tx) => [...(await sourcePermissions(input, tx)), ...(await tagPermissions(input, tx))],
  handle: async (ctx, input) => {
    const { Bucket: bucket = '', Key: key = '' } = input;
    const given = readAttributes(input);
    refuseOtherConditions(input);
    checksumAlgorithm(input.ChecksumAlgorithm);
    checkDirectives(input);
    const from = parseCopySource(input.CopySource);
    const { source, pieces } = await ctx.read(async (tx) => {
      await requireBucket(tx, ctx, input);
      const source = await requireObject(tx, ctx, { ...from, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
      return { source, pieces: await piecesOf(tx, source) };
    });
    checkCopySource(copyConditions(input), source);
    checkCopy(input, from, source);
    return withBytes(ctx, readPieces(ctx.ports.objects, pieces), async ({ id, md5, sizeBytes }, tx) => {
      await requireBucket(tx, ctx, input);
      checkWrite(input, await tx.get(objects, objectKey(bucket, key)), () => noSuchKey(key));
      const row: ObjectRow = {
        bucket,
        key,
        attributes: attributesOfCopy(input, given, source.attributes),
        etag: md5,
        sizeBytes,
        lastModifiedMs: ctx.now,
        bytes: id,
        // Those of parts are of no use without the parts.
        ...(source.checksums &&
          source.checksumType === 'FULL_OBJECT' && { checksums: source.checksums, checksumType: 'FULL_OBJECT' }),
      };
      await keepBytes(tx, id);
      await replaceObject(tx, row, ctx.now);
      return { CopyObjectResult: { ETag: quoted(md5), LastModified: new Date(ctx.now), ...checksumView(row) } };
    });
  },
});

/** What reading a copy's source needs. */
export async function sourcePermissions(
  input: { readonly CopySource: string | undefined },
  tx: ReadTx,
): Promise<readonly Permission[]> {
  const from = parseCopySource(input.CopySource);
  const conditions = await existingTagConditions(from, { account: '', region: '' }, tx);
  const action = from.VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  return [{ action, resources: [objectArn(from.Bucket, from.Key)], conditions }];
}

/** Tags that come with a copy are read and written under permissions of their own. */
async function tagPermissions(input: CopyInput, tx: ReadTx): Promise<readonly Permission[]> {
  if (input.TaggingDirective === 'REPLACE') return tagOnWrite(input);
  const from = parseCopySource(input.CopySource);
  if (Object.keys(await existingTags(from, tx)).length === 0) return [];
  return [
    { action: 's3:GetObjectTagging', resources: [objectArn(from.Bucket, from.Key)] },
    { action: 's3:PutObjectTagging', resources: [objectArn(input.Bucket, input.Key)] },
  ];
}

function checkDirectives({ MetadataDirective, TaggingDirective }: CopyInput): void {
  for (const [name, value] of Object.entries({ MetadataDirective, TaggingDirective })) {
    if (value === undefined || value === 'COPY' || value === 'REPLACE') continue;
    const header = name === 'MetadataDirective' ? 'x-amz-metadata-directive' : 'x-amz-tagging-directive';
    throw invalidArgument('Unknown metadata directive.', header, String(value));
  }
}

function copyConditions(input: CopyInput) {
  return {
    ifMatch: input.CopySourceIfMatch,
    ifNoneMatch: input.CopySourceIfNoneMatch,
    ifModifiedSince: input.CopySourceIfModifiedSince,
    ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
}

function checkCopy(input: CopyInput, from: CopySource, source: ObjectRow): void {
  if (source.sizeBytes > MOST_BYTES) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MOST_BYTES}`,
    );
  }
  const isItself = from.Bucket === input.Bucket && from.Key === input.Key;
  if (isItself && input.MetadataDirective !== 'REPLACE' && input.TaggingDirective !== 'REPLACE') {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

function attributesOfCopy(input: CopyInput, given: ObjectAttributes, source: ObjectAttributes): ObjectAttributes {
  const { tags: _, ...described } = input.MetadataDirective === 'REPLACE' ? given : source;
  const tags = input.TaggingDirective === 'REPLACE' ? given.tags : source.tags;
  return { ...described, ...(tags && { tags }) };
}
