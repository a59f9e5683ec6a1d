import type { ServiceError } from '../kernel/errors.ts';
import { baseHeaders } from './base-headers.ts';
import { element, xmlText, XML_DECLARATION } from './encode-xml.ts';
import type { RawResponse } from './raw-request.ts';

export interface S3Error {
  /** As every REST XML service would put them. */
  readonly code: string;
  readonly status: number;
  readonly error: ServiceError;
  readonly requestId: string;
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/** What other services call otherwise. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['InternalFailure', 'InternalError'],
  ['Throttling', 'SlowDown'],
]);

/** Members of an error that S3 answers as headers. */
const HEADERS: ReadonlySet<string> = new Set([
  'ETag',
  'Last-Modified',
  'Content-Range',
  'x-amz-bucket-region',
  'Allow',
]);

/**
 * `<Error><Code/><Message/>members<Resource/><RequestId/><HostId/></Error>`: no wrapper and no namespace.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses
 */
export function encodeS3Error({ code, status, error, requestId, labels }: S3Error): RawResponse {
  const headers = baseHeaders('s3', requestId);
  const members = Object.entries(error.members).filter(([, value]) => value !== undefined);
  for (const [name, value] of members) if (HEADERS.has(name)) headers[name] = String(value);
  if (status === 304) {
    const { 'content-type': _, ...rest } = headers;
    return { status, headers: rest, body: Buffer.alloc(0) };
  }
  const content = [
    element('Code', xmlText(RENAMED.get(code) ?? code)),
    element('Message', xmlText(error.message)),
    ...members.filter(([name]) => !HEADERS.has(name)).map(([name, value]) => element(name, xmlText(String(value)))),
    element('Resource', xmlText(resourceOf(labels))),
    element('RequestId', xmlText(requestId)),
    element('HostId', xmlText(headers['x-amz-id-2'] ?? '')),
  ];
  return { status, headers, body: Buffer.from(XML_DECLARATION + element('Error', content.join(''))) };
}

function resourceOf(labels: ReadonlyMap<string, string> | undefined): string {
  return `/${[labels?.get('Bucket'), labels?.get('Key')].filter((part) => part !== undefined).join('/')}`;
}
