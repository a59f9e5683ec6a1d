import { percentDecode } from './percent.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';

/** What an S3 request is about: all buckets, one bucket, or one object. */
export interface S3Target {
  readonly bucket?: string;
  /** Decoded; slashes count, also double and trailing ones. */
  readonly key?: string;
}

const AMAZON_HOST = /^(?:(?<bucket>.+)\.)?s3(?:-fips)?(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

/** Whether a host name is S3's own, so that a request need not be signed to be known as S3's. */
export function isS3Host(host: string): boolean {
  const name = withoutPort(host);
  return AMAZON_HOST.test(name) || name === 's3.localhost' || name.endsWith('.s3.localhost');
}

/**
 * The bucket of a virtual-hosted-style request: `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.localhost`,
 * `BUCKET.localhost`. Undefined for path style.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function bucketOfHost(host: string): string | undefined {
  const name = withoutPort(host);
  const amazon = AMAZON_HOST.exec(name);
  if (amazon) return amazon.groups?.['bucket'];
  if (!name.endsWith('.localhost')) return undefined;
  const labels = name.slice(0, -'.localhost'.length).replace(/(^|\.)s3$/, '');
  return labels === '' ? undefined : labels;
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** Undefined when an escape is broken. */
export function s3Target(request: RawRequest): S3Target | undefined {
  const path = splitTarget(request.rawUrl).path.replace(/^\//, '');
  const virtual = bucketOfHost(header(request, 'host') ?? '');
  if (virtual !== undefined) return withKey(virtual, path);
  if (path === '') return {};
  const slash = path.indexOf('/');
  const bucket = percentDecode(slash < 0 ? path : path.slice(0, slash));
  return bucket === undefined ? undefined : withKey(bucket, slash < 0 ? '' : path.slice(slash + 1));
}

function withKey(bucket: string, rawKey: string): S3Target | undefined {
  const key = percentDecode(rawKey);
  if (key === undefined) return undefined;
  return key === '' ? { bucket } : { bucket, key };
}
