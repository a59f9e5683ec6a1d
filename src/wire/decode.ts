import { decodeJson } from './decode-json.ts';
import { decodeQuery } from './decode-query.ts';
import { decodeRestXml } from './decode-rest-xml.ts';
import type { Identified } from './identified.ts';
import { plainBody } from './plain-body.ts';
import type { RawRequest } from './raw-request.ts';
import { plainS3Request } from './s3-body.ts';

/**
 * The operation's input as the SDK types it: timestamps are Dates, blobs Uint8Arrays, absent members are left out.
 * Required members and JSON types are not checked yet: that is `validate`.
 * @throws ServiceError when the request cannot be read
 */
export function decodeInput(identified: Identified, request: RawRequest): object {
  switch (identified.protocol) {
    case 'awsQuery':
    case 'ec2Query':
      return decodeQuery(identified, identified.form ?? new Map());
    case 'restXml':
      return decodeRestXml(identified, identified.service === 's3' ? plainS3Request(identified, request) : request);
    default:
      return decodeJson(identified, plainBody(request));
  }
}
