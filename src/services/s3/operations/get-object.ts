import type { Input, Output } from '../../../api/clients.ts';
import { existingTagConditions } from '../access.ts';
import { onObject } from '../arns.ts';
import { refuseUnsupported } from '../domain/attributes.ts';
import { checkRead } from '../domain/preconditions.ts';
import { cutPieces, parseRange, type ByteRange } from '../domain/range.ts';
import { invalidPartNumber, invalidRange, invalidRequest } from '../errors.ts';
import { piecesOf, requireObject } from '../lookup.ts';
import { objectBody } from '../object-body.ts';
import { operation, type S3Context } from '../operation.ts';
import type { ObjectRow, Piece } from '../tables.ts';
import { checksumView, objectHeaders } from '../views.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const GetObject = operation('GetObject', {
  dataEvent: true,
  readOnly: true,
  resources: onObject,
  conditions: existingTagConditions,
  handle: async (ctx, input): Promise<Output<'s3', 'GetObject'>> => {
    const found = await find(ctx, input);
    return { Body: objectBody(ctx.ports.objects, cutPieces(found.pieces, found.range)), ...describe(found, input) };
  },
});

export const HeadObject = operation('HeadObject', {
  action: 's3:GetObject',
  dataEvent: true,
  readOnly: true,
  resources: onObject,
  conditions: existingTagConditions,
  handle: async (ctx, input) => describe(await find(ctx, input), input),
});

type ReadInput = Input<'s3', 'GetObject'> | Input<'s3', 'HeadObject'>;

interface Found {
  readonly row: ObjectRow;
  readonly pieces: readonly Piece[];
  /** Ends before it starts for an object without bytes. */
  readonly range: ByteRange;
  readonly isPart: boolean;
}

async function find(ctx: S3Context, input: ReadInput): Promise<Found> {
  refuseUnsupported(input);
  const { row, pieces } = await ctx.read(async (tx) => {
    const row = await requireObject(tx, ctx, input);
    return { row, pieces: await piecesOf(tx, row) };
  });
  checkRead(
    {
      ifMatch: input.IfMatch,
      ifNoneMatch: input.IfNoneMatch,
      ifModifiedSince: input.IfModifiedSince,
      ifUnmodifiedSince: input.IfUnmodifiedSince,
    },
    row,
  );
  const whole = { start: 0, end: row.sizeBytes - 1 };
  if (input.PartNumber !== undefined) {
    if (input.Range !== undefined)
      throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
    return { row, pieces, range: rangeOfPart(pieces, input.PartNumber), isPart: row.sizeBytes > 0 };
  }
  const range = parseRange(input.Range, row.sizeBytes);
  if (range === 'none') throw invalidRange(input.Range ?? '', row.sizeBytes);
  return range === 'all' ? { row, pieces, range: whole, isPart: false } : { row, pieces, range, isPart: true };
}

function rangeOfPart(pieces: readonly Piece[], partNumber: number): ByteRange {
  const piece = pieces[partNumber - 1];
  if (!piece) throw invalidPartNumber(partNumber, pieces.length);
  const start = pieces.slice(0, partNumber - 1).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { start, end: start + piece.sizeBytes - 1 };
}

function describe({ row, range, isPart }: Found, input: ReadInput) {
  return {
    ...objectHeaders(row),
    ...overrides(input),
    ContentLength: range.end - range.start + 1,
    ...(isPart && { ContentRange: `bytes ${range.start}-${range.end}/${row.sizeBytes}` }),
    // A checksum is of the whole: of a part it would not hold.
    ...(input.ChecksumMode === 'ENABLED' && !isPart && checksumView(row)),
    ...(input.PartNumber !== undefined && row.partCount !== undefined && { PartsCount: row.partCount }),
  };
}

/** The query's `response-*`, for links. */
function overrides(input: ReadInput) {
  const { ResponseContentType, ResponseCacheControl, ResponseContentDisposition } = input;
  const { ResponseContentEncoding, ResponseContentLanguage, ResponseExpires } = input;
  return {
    ...(ResponseContentType !== undefined && { ContentType: ResponseContentType }),
    ...(ResponseCacheControl !== undefined && { CacheControl: ResponseCacheControl }),
    ...(ResponseContentDisposition !== undefined && { ContentDisposition: ResponseContentDisposition }),
    ...(ResponseContentEncoding !== undefined && { ContentEncoding: ResponseContentEncoding }),
    ...(ResponseContentLanguage !== undefined && { ContentLanguage: ResponseContentLanguage }),
    ...(ResponseExpires !== undefined && { Expires: ResponseExpires }),
  };
}
