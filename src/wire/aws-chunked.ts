/**
 * The encoding in which clients sign or check a body while they send it:
 *
 *     400;chunk-signature=<hex>\r\n<1024 bytes>\r\n
 *     0;chunk-signature=<hex>\r\n
 *     x-amz-checksum-crc32c:wdBDMA==\r\n
 *     x-amz-trailer-signature:<hex>\r\n
 *     \r\n
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export interface Chunked {
  /** With the empty one at the end. */
  readonly chunks: readonly Chunk[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly trailerSignature?: string;
}

export interface Chunk {
  readonly bytes: Buffer;
  readonly signature?: string;
}

const LONGEST_LINE = 4096;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/** Undefined for a body that is cut off or that is not so encoded. */
export function readChunked(body: Buffer): Chunked | undefined {
  const chunks: Chunk[] = [];
  for (let position = 0; ;) {
    const line = readLine(body, position);
    const head = line && /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line.text);
    if (!line || !head?.[1]) return undefined;
    const start = line.next;
    const end = start + Number.parseInt(head[1], 16);
    if (end > body.length) return undefined;
    chunks.push({ bytes: body.subarray(start, end), ...(head[2] === undefined ? {} : { signature: head[2] }) });
    if (end === start) return readTrailers(body, start, chunks);
    const gap = readLine(body, end);
    if (gap?.text !== '') return undefined;
    position = gap.next;
  }
}

function readTrailers(body: Buffer, start: number, chunks: readonly Chunk[]): Chunked | undefined {
  const trailers: (readonly [string, string])[] = [];
  let trailerSignature: string | undefined;
  for (let position = start; position < body.length;) {
    const line = readLine(body, position);
    if (!line) return undefined;
    position = line.next;
    if (line.text === '') continue;
    const colon = line.text.indexOf(':');
    if (colon < 1) return undefined;
    const name = line.text.slice(0, colon).trim().toLowerCase();
    const value = line.text.slice(colon + 1).trim();
    if (name === TRAILER_SIGNATURE) trailerSignature = value;
    else trailers.push([name, value]);
  }
  return { chunks, trailers, ...(trailerSignature === undefined ? {} : { trailerSignature }) };
}

/** A line ends with CRLF; some clients end trailers with LF alone. */
function readLine(body: Buffer, start: number): { readonly text: string; readonly next: number } | undefined {
  const end = body.indexOf(0x0a, start);
  if (end < 0 || end - start > LONGEST_LINE) return undefined;
  return { text: body.toString('latin1', start, end).replace(/\r$/, ''), next: end + 1 };
}
