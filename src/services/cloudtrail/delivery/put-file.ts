import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { bucketError } from '../destination-checks.ts';
import type { CloudTrailEnvironment } from '../operation.ts';
import type { TrailRow } from '../tables.ts';

const pack = promisify(gzip);

export interface FileToPut {
  readonly bucket: string;
  readonly object: string;
  readonly content: Buffer;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * As CloudTrail puts its files: in its own name for the trail, and so that the bucket's owner owns them.
 * @throws ServiceError AccessDenied, NoSuchBucket
 */
export async function putFile(env: CloudTrailEnvironment, trail: TrailRow, file: FileToPut): Promise<void> {
  const call = env.callIn(trail, { sourceArn: trail.arn });
  try {
    await call('s3', 'PutObject', {
      Bucket: file.bucket,
      Key: file.object,
      Body: await pack(file.content),
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      ACL: 'bucket-owner-full-control',
      ...(file.metadata && { Metadata: { ...file.metadata } }),
    });
  } catch (error) {
    throw await bucketError(call, file.bucket, error);
  }
}
