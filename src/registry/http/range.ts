import type { ByteRange } from '../blob-store.ts';
import { ProtocolError } from './errors.ts';

/**
 * Reads `Range: bytes=...` for a blob of `sizeBytes`. Undefined where the header is to be ignored: another unit, several
 * ranges, or no range at all (RFC 9110, 14.2). One that ends before it begins is answered with 416, as the specification's suite
 * expects.
 */
export function rangeOf(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length > 0 ? { start: sizeBytes - length, end: sizeBytes - 1 } : 'unsatisfiable';
  }
  const start = Number(first);
  if (start >= sizeBytes || (last !== '' && Number(last) < start)) return 'unsatisfiable';
  return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

/**
 * Where a part of an upload says it begins: `Content-Range: start-end`, as the distribution specification writes it.
 * @throws ProtocolError BLOB_UPLOAD_INVALID, SIZE_INVALID
 */
export function partStartOf(contentRange: string | undefined, contentLength: string | undefined): number | undefined {
  if (contentRange === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(contentRange.trim());
  if (!match) throw new ProtocolError(400, 'BLOB_UPLOAD_INVALID', `'${contentRange}' is not a range of bytes`);
  const [start, end] = [Number(match[1]), Number(match[2])];
  if (contentLength !== undefined && Number(contentLength) !== end - start + 1) {
    throw new ProtocolError(
      400,
      'SIZE_INVALID',
      `The range ${start}-${end} has ${end - start + 1} bytes, but the content has ${contentLength}`,
    );
  }
  return start;
}
