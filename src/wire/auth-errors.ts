import { ServiceError } from '../kernel/errors.ts';
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
  /** Signed for another service or another day. */
  | 'wrong-scope'
  /** Signed too long ago, or a presigned URL past its time. */
  | 'expired'
  | 'not-yet-current';

/** A request that was not authenticated, in the code, status and words of the service that was called. */
export class AuthError extends ServiceError {
  readonly reason: AuthReason;

  constructor(reason: AuthReason, protocol: Protocol, detail?: string) {
    const { code, httpStatus, message } = authAnswer(reason, protocol, detail);
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
    case 'expired':
    case 'not-yet-current':
      return answer('RequestExpired', 400, `Request has expired. ${detail ?? ''}`.trim());
    default:
      return answer('AuthFailure', 401, EC2_INVALID);
  }
}
