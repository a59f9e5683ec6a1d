import { isRegion } from '../kernel/region.ts';
import { AuthError, type AuthReason } from './auth-errors.ts';
import { canonicalRequest } from './canonical-request.ts';
import { areChunksSigned, isStreamingHash } from './chunk-signatures.ts';
import type { Protocol } from './protocol.ts';
import type { RawRequest } from './raw-request.ts';
import { isSignature, sha256Hex, signatureOf } from './signature.ts';
import { formatTime, isPresigned, parseTime, readSignature, type SignedRequest } from './signed-request.ts';

/** Who signed a request, and for what. */
export interface Authenticated {
  readonly accessKeyId: string;
  readonly signingName: string;
  readonly region: string;
  readonly sessionToken?: string;
  readonly presigned: boolean;
}

export interface AuthenticateOptions {
  /** ms since the epoch */
  readonly now: number;
  /** The secret of a key; undefined for a key (with this session token) that does not exist. */
  readonly findSecret: (accessKeyId: string, sessionToken?: string) => Promise<string | undefined>;
  /** In whose words a refusal is put. */
  readonly protocol: Protocol;
  /** The service that is called: a signature for another one is refused. Left out: any. */
  readonly signingName?: string;
}

const SKEW_MS = 15 * 60_000;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * Verifies a request's Signature Version 4, in the Authorization header or in a presigned URL:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 * @throws AuthError in the service's own code, status and words
 */
export async function authenticate(request: RawRequest, options: AuthenticateOptions): Promise<Authenticated> {
  const read = readSignature(request);
  const dialect = options.signingName === 's3' ? 's3' : options.protocol;
  const presigned = isPresigned(request);
  const refuse = (reason: AuthReason, detail?: string) => new AuthError(reason, dialect, detail, { presigned });
  if (read.kind === 'incomplete-signature') throw refuse(read.kind, read.why);
  if (read.kind !== 'signed') throw refuse(read.kind);
  const { signed } = read;
  const { scope } = signed;

  const scopeProblem = checkScope(signed, options.signingName);
  if (scopeProblem !== undefined) throw refuse('wrong-scope', scopeProblem);
  const timeProblem = checkTime(signed, options.now);
  if (timeProblem) throw refuse(timeProblem.reason, timeProblem.detail);

  const secret = await options.findSecret(scope.accessKeyId, signed.sessionToken);
  if (secret === undefined) throw refuse('unknown-key');

  const isS3 = scope.signingName === 's3';
  if (isS3 && hasUnsignedHeader(request, signed)) throw refuse('unsigned-header');
  const payloadHash = coveredHash(request, signed, isS3);
  if (payloadHash === undefined) throw refuse(isS3 ? 'wrong-payload-hash' : 'bad-signature');
  const canonical = canonicalRequest(request, { signedHeaders: signed.signedHeaders, payloadHash, isS3 });
  if (canonical === undefined) throw refuse('malformed-query');
  const right = signatureOf(canonical, signed.time, scope, secret);
  if (!isSignature(signed.signature, right)) throw refuse('bad-signature');
  if (isS3 && isStreamingHash(payloadHash)) {
    const { signature, time } = signed;
    const seed = { declaredHash: payloadHash, signature, time, scope, secret };
    if (!areChunksSigned(request.body, seed)) throw refuse('bad-signature');
  }
  return {
    accessKeyId: scope.accessKeyId,
    signingName: scope.signingName,
    region: scope.region,
    ...(signed.sessionToken === undefined ? {} : { sessionToken: signed.sessionToken }),
    presigned: signed.presigned,
  };
}

/** S3's headers choose the operation, a copy's source or an access list: whoever could add one could do another thing. */
function hasUnsignedHeader(request: RawRequest, { signedHeaders }: SignedRequest): boolean {
  const isUnsigned = (name: string) => name.startsWith('x-amz-') && !signedHeaders.includes(name);
  return request.headers.some(([name]) => isUnsigned(name.toLowerCase()));
}

function checkScope(signed: SignedRequest, signingName: string | undefined): string | undefined {
  const { scope, time } = signed;
  if (!isRegion(scope.region)) return 'Credential should be scoped to a valid region.';
  if (signingName !== undefined && scope.signingName !== signingName) {
    return `Credential should be scoped to correct service: '${signingName}'.`;
  }
  const day = time.slice(0, 8);
  if (scope.date === day) return undefined;
  return (
    'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
    `'${scope.date}' != '${day}', from '${time}'.`
  );
}

/** A signature holds for 15 minutes around its time; a presigned one for as long as it says. */
function checkTime(signed: SignedRequest, now: number): { reason: AuthReason; detail: string } | undefined {
  const time = parseTime(signed.time) ?? 0;
  const lifeMs = signed.expiresSeconds === undefined ? SKEW_MS : signed.expiresSeconds * 1000;
  if (now > time + lifeMs) {
    const life = lifeMs % 60_000 === 0 ? `${lifeMs / 60_000} min.` : `${lifeMs / 1000} sec.`;
    const detail = `Signature expired: ${signed.time} is now earlier than ${formatTime(now - lifeMs)} (${formatTime(now)} - ${life})`;
    return { reason: 'expired', detail };
  }
  if (time > now + SKEW_MS) {
    const detail = `Signature not yet current: ${signed.time} is still later than ${formatTime(now + SKEW_MS)} (${formatTime(now)} + ${SKEW_MS / 60_000} min.)`;
    return { reason: 'not-yet-current', detail };
  }
  return undefined;
}

/**
 * The hash that stands in the signed text; undefined when the body is not the one that was declared. Only S3 takes a
 * signature that leaves the body out, or that goes on in the body's chunks.
 */
function coveredHash(request: RawRequest, signed: SignedRequest, isS3: boolean): string | undefined {
  const declared = signed.declaredHash ?? (isS3 && signed.presigned ? UNSIGNED : undefined);
  if (isS3 && declared !== undefined && (declared === UNSIGNED || isStreamingHash(declared))) return declared;
  const actual = sha256Hex(request.body);
  return declared === undefined || declared.toLowerCase() === actual ? (declared ?? actual) : undefined;
}
