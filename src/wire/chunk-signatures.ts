import { readChunked } from './aws-chunked.ts';
import type { CredentialScope } from './credential-scope.ts';
import { isSignature, sha256Hex, signatureOfText } from './signature.ts';

/** The declared hashes of bodies whose every chunk carries a signature; the ending tells of signed trailers. */
const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_CHUNKS_AND_TRAILER = `${SIGNED_CHUNKS}-TRAILER`;
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const EMPTY_HASH = sha256Hex('');

export function isStreamingHash(declared: string): boolean {
  return declared === SIGNED_CHUNKS || declared === SIGNED_CHUNKS_AND_TRAILER || declared === UNSIGNED_CHUNKS;
}

export interface Seed {
  readonly declaredHash: string;
  /** Of the headers, which have been verified. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string;
  readonly scope: CredentialScope;
  readonly secret: string;
}

/** Whether every chunk is signed over the signature before it. A body that cannot be read at all is left to decoding. */
export function areChunksSigned(body: Buffer, seed: Seed): boolean {
  if (seed.declaredHash === UNSIGNED_CHUNKS) return true;
  const read = readChunked(body);
  if (!read) return true;
  const { scope, time } = seed;
  const sign = (kind: string, lines: readonly string[]) => {
    const scopeText = `${scope.date}/${scope.region}/${scope.signingName}/aws4_request`;
    return signatureOfText([`AWS4-HMAC-SHA256-${kind}`, time, scopeText, ...lines].join('\n'), scope, seed.secret);
  };
  let previous = seed.signature;
  for (const { bytes, signature = '' } of read.chunks) {
    if (!isSignature(signature, sign('PAYLOAD', [previous, EMPTY_HASH, sha256Hex(bytes)]))) return false;
    previous = signature;
  }
  if (seed.declaredHash === SIGNED_CHUNKS) return read.trailers.length === 0;
  const trailers = read.trailers.map(([name, value]) => `${name}:${value}\n`).join('');
  return isSignature(read.trailerSignature ?? '', sign('TRAILER', [previous, sha256Hex(trailers)]));
}
