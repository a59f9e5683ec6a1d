import type { Dialect } from './auth-errors.ts';

/** The headers of every answer: its content type, and the request id under the name that the service gives it. */
export function baseHeaders(dialect: Dialect, requestId: string): Record<string, string> {
  if (dialect === 's3') {
    const extended = Buffer.from(requestId).toString('base64');
    return { 'x-amz-request-id': requestId, 'x-amz-id-2': extended, 'content-type': CONTENT_TYPES.s3 };
  }
  const requestIdName = dialect === 'ec2Query' ? 'x-amzn-requestid' : 'x-amzn-RequestId';
  return { [requestIdName]: requestId, 'content-type': CONTENT_TYPES[dialect] };
}

const CONTENT_TYPES: Readonly<Record<Dialect, string>> = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  awsQuery: 'text/xml',
  ec2Query: 'text/xml;charset=UTF-8',
  restXml: 'text/xml',
  s3: 'application/xml',
};
