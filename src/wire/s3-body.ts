import { CHECKSUM_ALGORITHMS, checksumOf } from '../kernel/checksums.ts';
import { ServiceError } from '../kernel/errors.ts';
import { readChunked } from './aws-chunked.ts';
import { isStreamingHash } from './chunk-signatures.ts';
import type { Identified } from './identified.ts';
import { header, type RawRequest } from './raw-request.ts';

/**
 * An S3 request as it would be without the transport's coding: chunks joined, trailers among the headers, and what
 * `Content-MD5` and `x-amz-checksum-*` say of the body checked.
 * @throws ServiceError
 */
export function plainS3Request({ operation }: Pick<Identified, 'operation'>, request: RawRequest): RawRequest {
  const plain = isChunked(request) ? unchunk(request) : request;
  // Elsewhere such headers speak of an object, not of the body.
  if (operation.httpChecksum) checkBody(plain);
  return plain;
}

function isChunked(request: RawRequest): boolean {
  return (
    isStreamingHash(header(request, 'x-amz-content-sha256') ?? '') ||
    codings(header(request, 'content-encoding')).includes('aws-chunked')
  );
}

function unchunk(request: RawRequest): RawRequest {
  const read = readChunked(request.body);
  if (!read) throw incompleteBody();
  const body = Buffer.concat(read.chunks.map(({ bytes }) => bytes));
  const length = header(request, 'x-amz-decoded-content-length');
  if (length !== undefined && Number(length) !== body.length) throw incompleteBody();
  const announced = codings(header(request, 'x-amz-trailer'));
  const trailers = read.trailers.filter(([name]) => announced.includes(name));
  if (trailers.length < announced.length) {
    throw new ServiceError('MalformedTrailerError', 'The request contained trailing data that was not well-formed.');
  }
  return { ...request, body, headers: [...request.headers.flatMap(withoutCoding(body.length)), ...trailers] };
}

/** What is left of a header once the body is plain: of the object's own coding, and of its length. */
function withoutCoding(sizeBytes: number) {
  return ([name, value]: readonly [string, string]): readonly (readonly [string, string])[] => {
    if (name.toLowerCase() === 'content-length') return [[name, String(sizeBytes)]];
    if (name.toLowerCase() !== 'content-encoding') return [[name, value]];
    const others = value.split(',').filter((coding) => coding.trim().toLowerCase() !== 'aws-chunked');
    return others.length === 0 ? [] : [[name, others.join(',').trim()]];
  };
}

function checkBody(request: RawRequest): void {
  const md5 = header(request, 'content-md5');
  if (md5 !== undefined) {
    if (Buffer.from(md5, 'base64').length !== 16) {
      throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
    }
    if (md5 !== checksumOf('MD5', request.body)) {
      throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const given = header(request, `x-amz-checksum-${algorithm.toLowerCase()}`);
    if (given === undefined || given === checksumOf(algorithm, request.body)) continue;
    throw new ServiceError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  const unknown = ['xxhash64', 'xxhash3', 'xxhash128'].find(
    (name) => header(request, `x-amz-checksum-${name}`) !== undefined,
  );
  if (unknown !== undefined) {
    const message = `Longshore does not support the checksum algorithm ${unknown.toUpperCase()} yet.`;
    throw new ServiceError('NotSupported', message, { httpStatus: 501 });
  }
}

function codings(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
}

function incompleteBody(): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  );
}
