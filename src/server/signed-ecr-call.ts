import type { Clock } from '../kernel/clock.ts';
import { RuntimeError, messageOf } from '../kernel/errors.ts';
import { jsonFields } from '../kernel/json-fields.ts';
import { canonicalRequest } from '../wire/canonical-request.ts';
import { sha256Hex, signatureOf } from '../wire/signature.ts';

const PATIENCE_MS = 30_000;
const SIGNED_HEADERS = ['content-type', 'host', 'x-amz-date', 'x-amz-target'];

export interface EcrEndpoint {
  /** An origin. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** ECR elsewhere refused, and would refuse again. */
export class EcrRefusal extends RuntimeError {
  /** e.g. `RepositoryAlreadyExistsException` */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super('rejected', message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Calls an operation of another Longshore's ECR, or of AWS's, signed with Signature Version 4.
 * @throws RuntimeError `temporary` if it does not answer or is overloaded; EcrRefusal
 */
export async function callEcrAt(
  at: EcrEndpoint,
  operation: string,
  input: object,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const body = JSON.stringify(input);
  try {
    const response = await fetch(`${at.endpoint}/`, {
      method: 'POST',
      headers: signedHeaders(at, operation, body, clock.now()),
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const answer = jsonFields(await response.text());
    if (response.status === 200) return answer;
    throw failure(at, operation, response.status, answer);
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError('temporary', `ECR at ${at.endpoint} does not answer: ${messageOf(error)}`, error);
  }
}

function failure(
  { endpoint }: EcrEndpoint,
  operation: string,
  status: number,
  { __type: type, message }: Readonly<Record<string, unknown>>,
): RuntimeError {
  const code = typeof type === 'string' ? type.replace(/^.*#/, '') : '';
  const reason = typeof message === 'string' ? message : 'no reason';
  const words = `${endpoint} answered ${operation} with ${status} ${code}: ${reason}`;
  const isTemporary = status >= 500 || status === 429 || /^Throttling|^TooManyRequests/.test(code);
  if (isTemporary) return new RuntimeError('temporary', words);
  const isDenied = /AccessDenied|UnrecognizedClient|InvalidSignature|InvalidClientToken|ExpiredToken/.test(code);
  return new EcrRefusal(code, isDenied ? 403 : status, words);
}

function signedHeaders(at: EcrEndpoint, operation: string, body: string, now: number): Record<string, string> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-date': time,
    'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}`,
  };
  const signed = Object.entries({ ...headers, host: new URL(at.endpoint).host });
  const canonical = canonicalRequest(
    { method: 'POST', rawUrl: '/', headers: signed, body: Buffer.from(body) },
    { signedHeaders: SIGNED_HEADERS, payloadHash: sha256Hex(body), isS3: false },
  );
  const { accessKeyId, region, secretAccessKey } = at;
  const scope = { accessKeyId, date: time.slice(0, 8), region, signingName: 'ecr' };
  const signature = signatureOf(canonical ?? '', time, scope, secretAccessKey).toString('hex');
  const credential = `${accessKeyId}/${scope.date}/${region}/ecr/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${SIGNED_HEADERS.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}
