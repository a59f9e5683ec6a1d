import type { LogLine } from '../runtime.ts';

const HEADER_BYTES = 8;
const NEWLINE = 0x0a;

interface Frame {
  readonly stream: LogLine['stream'];
  readonly payload: Buffer;
}

interface Partial {
  readonly timeMs: number;
  readonly parts: Buffer[];
}

/**
 * The engine's multiplexed log stream with `timestamps=1`, as lines. Each frame is one message:
 *
 *     stream (1: stdout, 2: stderr) | 0 0 0 | length, 32 bits big-endian | RFC 3339 time, space, text
 *
 * A text without a newline at its end is a part of a long line (the engine cuts at 16 KiB): the next frame of the
 * same stream goes on, and repeats the time.
 */
export async function* logLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const partials = new Map<LogLine['stream'], Partial>();
  for await (const frame of frames(chunks)) {
    const { timeMs, text } = splitTime(frame.payload);
    const partial = partials.get(frame.stream) ?? { timeMs, parts: [] };
    if (text.at(-1) !== NEWLINE) {
      partial.parts.push(text);
      partials.set(frame.stream, partial);
      continue;
    }
    partials.delete(frame.stream);
    yield lineOf(frame.stream, partial, text.subarray(0, -1));
  }
  for (const [stream, partial] of partials) yield lineOf(stream, partial, Buffer.alloc(0));
}

function lineOf(stream: LogLine['stream'], partial: Partial, last: Buffer): LogLine {
  const text = Buffer.concat([...partial.parts, last]).toString('utf8');
  return { timeMs: partial.timeMs, stream, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

function splitTime(payload: Buffer): { timeMs: number; text: Buffer } {
  const space = payload.indexOf(0x20);
  const timeMs = Date.parse(payload.subarray(0, Math.max(space, 0)).toString('latin1'));
  return Number.isNaN(timeMs) ? { timeMs: 0, text: payload } : { timeMs, text: payload.subarray(space + 1) };
}

async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  const pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < frameBytes(pending)) continue;
    let rest = Buffer.concat(pending);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', payload: rest.subarray(HEADER_BYTES, end) };
      rest = rest.subarray(end);
    }
    pending.splice(0, pending.length, rest);
    pendingBytes = rest.length;
  }
}

/** How many bytes the first frame needs, as far as its header is there: long frames are not copied chunk by chunk. */
function frameBytes(pending: readonly Buffer[]): number {
  const first = pending[0];
  return first && first.length >= HEADER_BYTES ? HEADER_BYTES + first.readUInt32BE(4) : HEADER_BYTES;
}
