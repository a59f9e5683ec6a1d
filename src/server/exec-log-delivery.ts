import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Call } from '../api/context.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { ExecLogging } from '../services/ecs/index.ts';
import { logRequests } from './log-requests.ts';

/** Larger transcripts go in parts of so many bytes: S3 takes none but the last below 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** So much of a transcript is in memory, and of a line without an end. */
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** A session's transcript, as it lies on disk. */
export interface TranscriptFile {
  readonly sessionId: string;
  readonly path: string;
}

/** As AWS's agent puts it: `PREFIX/SESSION-ID.log`, just as the terminal got it. @throws ServiceError of S3 */
export async function putTranscript(
  call: Call,
  { name: Bucket, keyPrefix }: NonNullable<ExecLogging['bucket']>,
  { sessionId, path }: TranscriptFile,
): Promise<void> {
  const object = { Bucket, Key: posix.join(keyPrefix, `${sessionId}.log`) };
  const { size } = await stat(path);
  if (size > PART_BYTES) return putInParts(call, object, path, size);
  await call('s3', 'PutObject', { ...object, ...ATTRIBUTES, Body: await readFile(path) });
}

const ATTRIBUTES = { ContentType: 'text/plain', ACL: 'bucket-owner-full-control' } as const;

async function putInParts(
  call: Call,
  object: { readonly Bucket: string; readonly Key: string },
  path: string,
  sizeBytes: number,
): Promise<void> {
  const { UploadId } = await call('s3', 'CreateMultipartUpload', { ...object, ...ATTRIBUTES });
  const upload = { ...object, UploadId };
  const file = await open(path);
  try {
    const Parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
    for (let from = 0; from < sizeBytes; from += PART_BYTES) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, from);
      const PartNumber = Parts.length + 1;
      const Body = buffer.subarray(0, bytesRead);
      const { ETag } = await call('s3', 'UploadPart', { ...upload, PartNumber, Body });
      Parts.push({ PartNumber, ETag });
    }
    await call('s3', 'CompleteMultipartUpload', { ...upload, MultipartUpload: { Parts } });
  } catch (error) {
    // It may not be allowed to the role either: why it failed counts.
    await call('s3', 'AbortMultipartUpload', upload).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}

/** An event for each line, in a stream named after the session. The group must be there. @throws ServiceError of Logs */
export async function streamTranscript(
  call: Call,
  { name: logGroupName }: NonNullable<ExecLogging['logGroup']>,
  { sessionId: logStreamName, path }: TranscriptFile,
  timeMs: number,
): Promise<void> {
  const stream = { logGroupName, logStreamName };
  try {
    await call('logs', 'CreateLogStream', stream);
  } catch (error) {
    // By a process that was killed before it was done.
    if (!(error instanceof ServiceError && error.code === 'ResourceAlreadyExistsException')) throw error;
  }
  for await (const lines of transcriptLines(createReadStream(path, { highWaterMark: CHUNK_BYTES }))) {
    for (const request of logRequests(lines.map((message) => ({ timeMs, message })))) {
      const logEvents = request.map(({ message }) => ({ timestamp: timeMs, message }));
      await call('logs', 'PutLogEvents', { ...stream, logEvents });
    }
  }
}

/** Lines without their ends, in bunches of bounded size; a line that does not end is cut between two characters. */
export async function* transcriptLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(NEWLINE) + 1 || (rest.length < CHUNK_BYTES ? 0 : lastCharacter(rest));
    if (end > 0) yield linesOf(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  if (rest.length > 0) yield linesOf(rest);
}

function linesOf(bytes: Buffer): string[] {
  const text = bytes.toString('utf8');
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').map((line) => line.replace(/\r+$/, ''));
}

/** Where the last character begins, which may be half there: its later bytes begin with the bits 10. */
function lastCharacter(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at > bytes.length - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
