import { ServiceError } from '../kernel/errors.ts';
import type { Identified } from './identified.ts';
import type { Protocol } from './protocol.ts';
import { isJson } from './protocol.ts';

/** Why a request was not authenticated, whatever the service calls it. */
export type AuthReason =
  /** There is no signature at all. */
  | 'missing-token'
  /** There is one, but parts of it are not there or cannot be read. */
  | 'incomplete-signature'
  | 'malformed-query'
  | 'unknown-key'
  | 'bad-signature'
  /** Signed for another service or another day, or for what is no region. */
  | 'wrong-scope'
  /** Signed too long ago, or a presigned URL past its time. */
  | 'expired'
  | 'not-yet-current'
  /** Temporary credentials that have ended. */
  | 'expired-token'
  /** The body is not the one whose hash was declared. */
  | 'wrong-payload-hash'
  /** A header that says what to do is not under the signature. */
  | 'unsigned-header';

/** In whose words a refusal is put: S3 has its own, though it speaks REST XML as others do. */
export type Dialect = Protocol | 's3';

export function dialectOf({ service, protocol }: Pick<Identified, 'service' | 'protocol'>): Dialect {
  return service === 's3' ? 's3' : protocol;
}

/** A request that was not authenticated, in the code, status and words of the service that was called. */
export class AuthError extends ServiceError {
  readonly reason: AuthReason;

  /** @param facts `presigned`: the signature stands in the URL */
  constructor(reason: AuthReason, dialect: Dialect, detail?: string, facts: { readonly presigned?: boolean } = {}) {
    const { code, httpStatus, message } =
      dialect === 's3' ? s3Answer(reason, facts.presigned ?? false, detail) : authAnswer(reason, dialect, detail);
    super(code, message, { httpStatus });
    this.reason = reason;
  }
}

interface AuthAnswer {
  readonly code: string;
  readonly httpStatus: number;
  readonly message: string;
}

const TOKEN_INVALID = 'The security token included in the request is invalid.';
const TOKEN_EXPIRED = 'The security token included in the request is expired';
const EC2_INVALID = 'AWS was not able to validate the provided access credentials';
const SIGNATURE_DIFFERS =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
  'and signing method. Consult the service documentation for details.';
const QUERY_SYNTAX = 'The query string contains a syntax error.';

function answer(code: string, httpStatus: number, message: string): AuthAnswer {
  return { code, httpStatus, message };
}

function authAnswer(reason: AuthReason, protocol: Protocol, detail: string | undefined): AuthAnswer {
  if (isJson(protocol)) return jsonAnswer(reason, detail);
  return protocol === 'ec2Query' ? ec2Answer(reason, detail) : queryAnswer(reason, detail);
}

/** JSON services answer 400 to everything. */
function jsonAnswer(reason: AuthReason, detail: string | undefined): AuthAnswer {
  switch (reason) {
    case 'missing-token':
      return answer('MissingAuthenticationTokenException', 400, 'Missing Authentication Token');
    case 'incomplete-signature':
      return answer('IncompleteSignatureException', 400, detail ?? SIGNATURE_DIFFERS);
    case 'malformed-query':
      return answer('MalformedQueryStringException', 400, QUERY_SYNTAX);
    case 'unknown-key':
      return answer('UnrecognizedClientException', 400, TOKEN_INVALID);
    case 'expired-token':
      return answer('ExpiredTokenException', 400, TOKEN_EXPIRED);
    default:
      return answer('InvalidSignatureException', 400, detail ?? SIGNATURE_DIFFERS);
  }
}

/** awsQuery and REST XML: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
function queryAnswer(reason: AuthReason, detail: string | undefined): AuthAnswer {
  switch (reason) {
    case 'missing-token':
      return answer('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
    case 'incomplete-signature':
      return answer('IncompleteSignature', 400, detail ?? SIGNATURE_DIFFERS);
    case 'malformed-query':
      return answer('MalformedQueryString', 400, QUERY_SYNTAX);
    case 'unknown-key':
      return answer('InvalidClientTokenId', 403, TOKEN_INVALID);
    case 'expired-token':
      return answer('ExpiredToken', 403, TOKEN_EXPIRED);
    default:
      return answer('SignatureDoesNotMatch', 403, detail ?? SIGNATURE_DIFFERS);
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
function ec2Answer(reason: AuthReason, detail: string | undefined): AuthAnswer {
  switch (reason) {
    case 'missing-token':
      return answer('AuthFailure', 401, 'AWS was not able to authenticate the request: access credentials are missing');
    case 'incomplete-signature':
      return answer('IncompleteSignature', 400, detail ?? SIGNATURE_DIFFERS);
    case 'malformed-query':
      return answer('MalformedQueryString', 400, QUERY_SYNTAX);
    case 'expired-token':
      return answer('RequestExpired', 400, 'Request has expired.');
    case 'expired':
    case 'not-yet-current':
      return answer('RequestExpired', 400, `Request has expired. ${detail ?? ''}`.trim());
    default:
      return answer('AuthFailure', 401, EC2_INVALID);
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Answer(reason: AuthReason, presigned: boolean, detail: string | undefined): AuthAnswer {
  switch (reason) {
    case 'missing-token':
      return answer('AccessDenied', 403, 'Access Denied');
    case 'incomplete-signature':
    case 'wrong-scope': {
      const code = presigned ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed';
      return answer(code, 400, detail ?? 'The authorization header you provided is invalid.');
    }
    case 'malformed-query':
      return answer('InvalidURI', 400, "Couldn't parse the specified URI.");
    case 'unknown-key':
      return answer('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.');
    case 'expired-token':
      return answer('ExpiredToken', 400, 'The provided token has expired.');
    case 'expired':
    case 'not-yet-current':
      if (presigned) {
        return answer('AccessDenied', 403, reason === 'expired' ? 'Request has expired' : 'Request is not valid yet');
      }
      return answer(
        'RequestTimeTooSkewed',
        403,
        'The difference between the request time and the current time is too large.',
      );
    case 'unsigned-header':
      return answer('AccessDenied', 403, 'There were headers present in the request which were not signed');
    case 'wrong-payload-hash':
      return answer(
        'XAmzContentSHA256Mismatch',
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    default:
      return answer(
        'SignatureDoesNotMatch',
        403,
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
  }
}
