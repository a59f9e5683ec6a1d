import { gunzipSync } from 'node:zlib';
import { ServiceError } from '../kernel/errors.ts';
import { header, type RawRequest } from './raw-request.ts';

/** Four times what a body may have on the wire. */
const MAX_PLAIN_BYTES = 64 * 1024 * 1024;
const OPEN_FORM_BYTES = 16 * 1024 * 1024;

/**
 * The body without gzip: SDKs compress what is long of CloudWatch's PutMetricData, and sign what they send. A form must
 * be opened before its signature is verified, since it names the operation, so it may have no more than any body.
 * @throws ServiceError where it cannot be read, or is too large
 */
export function plainBody(request: RawRequest): Buffer {
  const coding = header(request, 'content-encoding')?.trim().toLowerCase();
  if (coding !== 'gzip') return request.body;
  const isForm = header(request, 'content-type')?.includes('x-www-form-urlencoded') ?? false;
  try {
    return gunzipSync(request.body, { maxOutputLength: isForm ? OPEN_FORM_BYTES : MAX_PLAIN_BYTES });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    const message = tooLarge ? 'The request body is too large.' : 'The request body is not valid gzip.';
    throw new ServiceError(tooLarge ? 'RequestEntityTooLarge' : 'SerializationException', message, {
      httpStatus: tooLarge ? 413 : 400,
      cause,
    });
  }
}
