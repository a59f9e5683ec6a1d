import type { Context } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { invalid } from './errors.ts';

export interface FilePlace {
  readonly bucket: string;
  readonly key: string;
  readonly version?: string | undefined;
}

/** The text of an object of S3 that the caller may read. */
export async function storedText(
  ctx: Context,
  { bucket, key, version }: FilePlace,
  limitBytes: number,
  notFound: (message: string) => ServiceError,
): Promise<string> {
  try {
    const { Body: body, ContentLength: size = 0 } = await ctx.callAsCaller('s3', 'GetObject', {
      Bucket: bucket,
      Key: key,
      ...(version === undefined ? {} : { VersionId: version }),
    });
    if (size > limitBytes) throw invalid(`The file '${key}' cannot be larger than ${limitBytes} bytes`);
    return (await body?.transformToString()) ?? '';
  } catch (error) {
    if (error instanceof ServiceError && /^NoSuch(Bucket|Key|Version)$/.test(error.code)) throw notFound(error.message);
    throw error;
  }
}
