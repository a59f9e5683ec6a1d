import { formatArn, parseArn } from '../../kernel/arn.ts';

/** Buckets' and objects' ARNs name neither account nor region. */
export function bucketArn(bucket: string | undefined): string {
  return formatArn('s3', {}, bucket ?? '');
}

export function objectArn(bucket: string | undefined, key: string | undefined): string {
  return formatArn('s3', {}, `${bucket}/${key}`);
}

/** The bucket that one of S3's ARNs is of or in, and the object's key. */
export function readS3Arn(arn: string): { readonly bucket: string; readonly key?: string } | undefined {
  const parsed = parseArn(arn);
  if (parsed?.service !== 's3') return undefined;
  const slash = parsed.resource.indexOf('/');
  if (slash < 0) return { bucket: parsed.resource };
  return { bucket: parsed.resource.slice(0, slash), key: parsed.resource.slice(slash + 1) };
}

export const onBucket = (input: { readonly Bucket: string | undefined }): readonly string[] => [
  bucketArn(input.Bucket),
];

export const onObject = (input: {
  readonly Bucket: string | undefined;
  readonly Key: string | undefined;
}): readonly string[] => [objectArn(input.Bucket, input.Key)];
