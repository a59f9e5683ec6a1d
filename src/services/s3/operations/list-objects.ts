import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { requestConditions } from '../access.ts';
import { onBucket } from '../arns.ts';
import { listKeys, type Listing } from '../domain/listing.ts';
import { keyText } from '../domain/url-encoding.ts';
import { invalidArgument } from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';
import { objectKey, objects, type ObjectRow } from '../tables.ts';
import { listedObject } from '../views.ts';

const MOST_KEYS = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const ListObjectsV2 = operation('ListObjectsV2', {
  action: 's3:ListBucket',
  dataEvent: true,
  readOnly: true,
  resources: onBucket,
  conditions: requestConditions,
  handle: async (ctx, input) => {
    const { Prefix = '', Delimiter = '', ContinuationToken, StartAfter } = input;
    const text = keyText(input.EncodingType);
    const limit = limitOf(input.MaxKeys, 'max-keys');
    const after = ContinuationToken === undefined ? (StartAfter ?? '') : positionOf(ContinuationToken);
    const { bucket, found } = await ctx.read(async (tx) => {
      const bucket = await requireBucket(tx, ctx, input);
      return { bucket, found: await page(tx, bucket.name, { Prefix, Delimiter, after, limit }) };
    });
    const owner = input.FetchOwner ? bucket.account : undefined;
    return {
      Name: bucket.name,
      Prefix: text(Prefix),
      ...(StartAfter !== undefined && { StartAfter: text(StartAfter) }),
      ...(ContinuationToken !== undefined && { ContinuationToken }),
      ...(found.last !== undefined && { NextContinuationToken: encodePageToken(found.last) }),
      KeyCount: found.rows.length + found.prefixes.length,
      MaxKeys: limit,
      ...(input.Delimiter !== undefined && { Delimiter: text(input.Delimiter) }),
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      IsTruncated: found.last !== undefined,
      Contents: found.rows.map((row) => listedObject(row, text, owner)),
      CommonPrefixes: found.prefixes.map((prefix) => ({ Prefix: text(prefix) })),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const ListObjects = operation('ListObjects', {
  action: 's3:ListBucket',
  dataEvent: true,
  readOnly: true,
  resources: onBucket,
  conditions: requestConditions,
  handle: async (ctx, input) => {
    const { Prefix = '', Delimiter = '', Marker = '' } = input;
    const text = keyText(input.EncodingType);
    const limit = limitOf(input.MaxKeys, 'max-keys');
    const { bucket, found } = await ctx.read(async (tx) => {
      const bucket = await requireBucket(tx, ctx, input);
      return { bucket, found: await page(tx, bucket.name, { Prefix, Delimiter, after: Marker, limit }) };
    });
    return {
      Name: bucket.name,
      Prefix: text(Prefix),
      Marker: text(Marker),
      // Without a delimiter the last key is the marker.
      ...(found.last !== undefined && Delimiter !== '' && { NextMarker: text(found.last) }),
      MaxKeys: limit,
      ...(input.Delimiter !== undefined && { Delimiter: text(input.Delimiter) }),
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      IsTruncated: found.last !== undefined,
      Contents: found.rows.map((row) => listedObject(row, text, bucket.account)),
      CommonPrefixes: found.prefixes.map((prefix) => ({ Prefix: text(prefix) })),
    };
  },
});

interface PageQuery {
  readonly Prefix: string;
  readonly Delimiter: string;
  readonly after: string;
  readonly limit: number;
}

function page(tx: ReadTx, bucket: string, query: PageQuery): Promise<Listing<ObjectRow>> {
  const { Prefix, Delimiter, after, limit } = query;
  return listKeys<ObjectRow>({
    prefix: Prefix,
    delimiter: Delimiter,
    after,
    limit,
    keyOf: ({ key }) => key,
    fetch: (position, most) =>
      tx.list(objects, {
        prefix: objectKey(bucket, Prefix),
        ...(position !== '' && { after: objectKey(bucket, position) }),
        limit: most,
      }),
  });
}

/** @throws ServiceError InvalidArgument */
export function limitOf(asked: number | undefined, name: string): number {
  if (asked === undefined) return MOST_KEYS;
  if (!Number.isInteger(asked) || asked < 0 || asked > 2 ** 31 - 1) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, String(asked));
  }
  return Math.min(asked, MOST_KEYS);
}

function positionOf(token: string): string {
  const position = decodePageToken(token);
  if (position === undefined) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return position;
}
