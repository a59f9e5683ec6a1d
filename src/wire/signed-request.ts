import { parseCredential, type CredentialScope } from './credential-scope.ts';
import { percentDecode } from './percent.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';
import { sha256Hex } from './signature.ts';

/** What a request says of its own signature, in its Authorization header or in its URL. */
export interface SignedRequest {
  readonly presigned: boolean;
  readonly scope: CredentialScope;
  /** Lower case, in the order given. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string;
  /** Presigned URLs only. */
  readonly expiresSeconds?: number;
  readonly sessionToken?: string;
  /** The body's hash as declared under the signature. */
  readonly declaredHash?: string;
}

export type SignatureRead =
  | { readonly kind: 'signed'; readonly signed: SignedRequest }
  | { readonly kind: 'missing-token' | 'malformed-query' }
  | { readonly kind: 'incomplete-signature'; readonly why: string };

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

export function readSignature(request: RawRequest): SignatureRead {
  const authorization = header(request, 'authorization');
  if (authorization !== undefined) return readHeader(request, authorization);
  if (!isPresigned(request)) return { kind: 'missing-token' };
  const parameters = readParameters(splitTarget(request.rawUrl).query);
  return parameters ? readPresigned(request, parameters) : { kind: 'malformed-query' };
}

/** Whether a request has its signature, or parts of one, in its URL. */
export function isPresigned(request: RawRequest): boolean {
  if (header(request, 'authorization') !== undefined) return false;
  return /(^|&)X-Amz-(Signature|Algorithm|Credential)=/i.test(splitTarget(request.rawUrl).query);
}

/** `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=a;b, Signature=...` */
function readHeader(request: RawRequest, authorization: string): SignatureRead {
  const [algorithm = '', ...rest] = authorization.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) {
    return incomplete(`Unsupported AWS 'algorithm': '${algorithm.slice(0, 40)}'; it must be ${ALGORITHM}.`);
  }
  const parts = new Map(
    rest
      .join('')
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const),
  );
  const time = requestTime(request);
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (time === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0 || time === undefined) {
    const hash = sha256Hex(authorization);
    return incomplete(`${missing.join(' ')} (Hashed with SHA-256 and encoded with hex) Authorization=${hash}`);
  }
  const signedHeaders = (parts.get('SignedHeaders') ?? '').toLowerCase().split(';');
  const declaredHash = signedHeaders.includes('x-amz-content-sha256')
    ? header(request, 'x-amz-content-sha256')
    : undefined;
  return checked(request, {
    presigned: false,
    credential: parts.get('Credential') ?? '',
    signedHeaders,
    signature: parts.get('Signature') ?? '',
    time,
    sessionToken: header(request, 'x-amz-security-token'),
    declaredHash,
  });
}

function readPresigned(request: RawRequest, parameters: ReadonlyMap<string, string>): SignatureRead {
  const required = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date', 'Expires'];
  const missing = required.filter((name) => !parameters.get(`x-amz-${name.toLowerCase()}`));
  if (missing.length > 0) {
    const each = missing.map((name) => `AWS query-string parameters must include 'X-Amz-${name}'.`);
    return incomplete(`${each.join(' ')} Re-examine the query-string parameters.`);
  }
  const of = (name: string) => parameters.get(`x-amz-${name}`) ?? '';
  if (of('algorithm') !== ALGORITHM) return incomplete(`X-Amz-Algorithm only supports "${ALGORITHM}".`);
  const time = of('date');
  if (parseTime(time) === undefined) return incomplete(`Date must be in ISO-8601 'basic format'. Got '${time}'.`);
  const expiresSeconds = /^\d+$/.test(of('expires')) ? Number(of('expires')) : 0;
  if (expiresSeconds < 1 || expiresSeconds > MAX_EXPIRES_SECONDS) {
    return incomplete(`X-Amz-Expires must be between 1 and ${MAX_EXPIRES_SECONDS} seconds.`);
  }
  const signedHeaders = of('signedheaders').toLowerCase().split(';');
  const inHeader = signedHeaders.includes('x-amz-content-sha256') ? header(request, 'x-amz-content-sha256') : undefined;
  return checked(request, {
    presigned: true,
    credential: of('credential'),
    signedHeaders,
    signature: of('signature'),
    time,
    expiresSeconds,
    sessionToken: parameters.get('x-amz-security-token'),
    declaredHash: parameters.get('x-amz-content-sha256') ?? inHeader,
  });
}

type Claims = {
  readonly [Name in keyof Omit<SignedRequest, 'scope'>]: SignedRequest[Name] | undefined;
} & Pick<SignedRequest, 'presigned' | 'signedHeaders' | 'signature' | 'time'> & { readonly credential: string };

function checked(request: RawRequest, claims: Claims): SignatureRead {
  const { credential, expiresSeconds, sessionToken, declaredHash, ...rest } = claims;
  const scope = parseCredential(credential);
  if (!scope) {
    return incomplete(
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" +
        `${credential}'.`,
    );
  }
  // What names the callee must be under the signature, or a request could be turned into another.
  const unsigned = ['host', 'x-amz-target'].find(
    (name) => header(request, name) !== undefined && !rest.signedHeaders.includes(name),
  );
  if (unsigned !== undefined) return incomplete(`'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`);
  const signed: SignedRequest = {
    ...rest,
    scope,
    ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(declaredHash === undefined ? {} : { declaredHash }),
  };
  return { kind: 'signed', signed };
}

function incomplete(why: string): SignatureRead {
  return { kind: 'incomplete-signature', why };
}

/** By lower-case name; undefined when an escape is broken. */
function readParameters(query: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const name = percentDecode(equals < 0 ? part : part.slice(0, equals));
    const value = percentDecode(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

function requestTime(request: RawRequest): string | undefined {
  const amzDate = header(request, 'x-amz-date');
  if (amzDate !== undefined) return parseTime(amzDate) === undefined ? undefined : amzDate;
  const date = Date.parse(header(request, 'date') ?? '');
  return Number.isNaN(date) ? undefined : formatTime(date);
}

/** `YYYYMMDDTHHMMSSZ` as ms since the epoch; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
