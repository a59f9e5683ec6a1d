import { header, splitTarget, type RawRequest } from './raw-request.ts';

/**
 * The text that both sides sign: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * Made from the raw request and from the signed headers only. Answers undefined when an escape is broken.
 */
export function canonicalRequest(
  request: RawRequest,
  options: { signedHeaders: readonly string[]; payloadHash: string; isS3: boolean },
): string | undefined {
  const { path, query } = splitTarget(request.rawUrl);
  const canonicalQueryText = canonicalQuery(query);
  if (canonicalQueryText === undefined) return undefined;
  const headers = options.signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}\n`).join('');
  return [
    request.method,
    options.isS3 ? encode(Buffer.from(path, 'latin1'), PATH_SAFE_ONCE) : canonicalPath(path),
    canonicalQueryText,
    headers,
    options.signedHeaders.join(';'),
    options.payloadHash,
  ].join('\n');
}

const UNRESERVED = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'));
const PATH_SAFE = new Set([...UNRESERVED, ...Buffer.from('/')]);
const PATH_SAFE_ONCE = new Set([...PATH_SAFE, ...Buffer.from('%')]);

/** Dot segments and empty segments are taken out, then the path, which is encoded already, is encoded once more. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return encode(Buffer.from(`/${kept.join('/')}${trailing}`, 'latin1'), PATH_SAFE);
}

/** Names and values are decoded and encoded again, so that every client's way of escaping is the same; then sorted. */
function canonicalQuery(query: string): string | undefined {
  const pairs: string[][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = reencode(equals < 0 ? part : part.slice(0, equals));
    const value = reencode(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    if (name !== 'X-Amz-Signature') pairs.push([name, value]);
  }
  return pairs
    .sort(([nameA = '', valueA = ''], [nameB = '', valueB = '']) => order(nameA, nameB) || order(valueA, valueB))
    .map((pair) => pair.join('='))
    .join('&');
}

function reencode(text: string): string | undefined {
  const bytes = percentBytes(text);
  return bytes && encode(bytes, UNRESERVED);
}

/** A plus stays a plus here. */
function percentBytes(text: string): Buffer | undefined {
  const raw = Buffer.from(text, 'latin1');
  const out: number[] = [];
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] ?? 0;
    if (byte !== 0x25) {
      out.push(byte);
      continue;
    }
    const digits = raw.toString('latin1', at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
    out.push(Number.parseInt(digits, 16));
    at += 2;
  }
  return Buffer.from(out);
}

function encode(bytes: Buffer, safe: ReadonlySet<number>): string {
  let out = '';
  for (const byte of bytes) {
    out += safe.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function canonicalHeader(request: RawRequest, name: string): string {
  return (header(request, name) ?? '').trim().replace(/\s+/g, ' ');
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
