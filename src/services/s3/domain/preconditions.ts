import { notImplemented, notModified, preconditionFailed } from '../errors.ts';

export interface ReadConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
}

interface Current {
  readonly etag: string;
  readonly lastModifiedMs: number;
}

/**
 * Which condition of a read does not hold; an entity tag goes over a date.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
 */
function brokenCondition(conditions: ReadConditions, current: Current): string | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined && !matches(ifMatch, current.etag)) return 'If-Match';
  if (ifMatch === undefined && ifUnmodifiedSince && seconds(current) > ifUnmodifiedSince.getTime()) {
    return 'If-Unmodified-Since';
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, current.etag) ? 'If-None-Match' : undefined;
  return ifModifiedSince && seconds(current) <= ifModifiedSince.getTime() ? 'If-Modified-Since' : undefined;
}

/** @throws ServiceError PreconditionFailed; NotModified where the client has what there is */
export function checkRead(conditions: ReadConditions, current: Current): void {
  const broken = brokenCondition(conditions, current);
  if (broken === 'If-None-Match' || broken === 'If-Modified-Since') {
    throw notModified({
      ETag: `"${current.etag}"`,
      'Last-Modified': new Date(current.lastModifiedMs).toUTCString(),
    });
  }
  if (broken !== undefined) throw preconditionFailed(broken);
}

/** @throws ServiceError PreconditionFailed */
export function checkCopySource(conditions: ReadConditions, current: Current): void {
  const broken = brokenCondition(conditions, current);
  if (broken !== undefined) throw preconditionFailed(`x-amz-copy-source-${broken.toLowerCase()}`);
}

export interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** `If-None-Match` takes `*` only. */
export function refuseOtherConditions({ IfNoneMatch }: WriteConditions): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw notImplemented('If-None-Match of an entity tag');
}

/**
 * @throws ServiceError PreconditionFailed
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWrite(
  { IfMatch, IfNoneMatch }: WriteConditions,
  current: Current | undefined,
  missing: () => Error,
): void {
  if (IfNoneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
  if (IfMatch === undefined) return;
  if (!current) throw missing();
  if (!matches(IfMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** HTTP's dates have whole seconds. */
function seconds({ lastModifiedMs }: Current): number {
  return Math.floor(lastModifiedMs / 1000) * 1000;
}

/** `*`, or a list of tags, with quotes or without. */
function matches(header: string, etag: string): boolean {
  const tags = header.split(',').map((tag) => unquoted(tag.trim().replace(/^W\//, '')));
  return tags.includes('*') || tags.includes(etag);
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
