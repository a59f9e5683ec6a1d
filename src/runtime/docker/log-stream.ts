import type { LogLine } from '../runtime.ts';
import { frames } from './frames.ts';

const NEWLINE = 0x0a;
/** Where the engine cuts a long line in two messages. */
const MAX_MESSAGE_BYTES = 16 * 1024;
/** A line may go on for ever: it is given out in pieces of so many messages, 1 MiB. */
const MAX_LINE_MESSAGES = 64;
const MAX_TIME_BYTES = 40;
/** The first byte of a frame; a raw stream begins with a digit of the year. */
const LAST_STREAM_NUMBER = 2;

interface Partial {
  readonly timeMs: number;
  readonly parts: Buffer[];
}

/** The engine's log stream with `timestamps=1`, as lines: raw where the container has a terminal, else in frames. */
export async function* logLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = await iterator.next();
  while (!first.done && first.value.length === 0) first = await iterator.next();
  if (first.done) return;
  const all = continued(first.value, iterator);
  yield* (first.value[0] ?? 0) <= LAST_STREAM_NUMBER ? framedLines(all) : rawLines(all);
}

async function* continued(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/**
 * Each frame is one message: RFC 3339 time, space, text. A text without a newline at its end is a part of a long line:
 * the next frame of the same stream goes on, and repeats the time.
 */
async function* framedLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  const partials = new Map<LogLine['stream'], Partial>();
  for await (const frame of frames(chunks)) {
    const { timeMs, text } = splitTime(frame.payload);
    const partial = partials.get(frame.stream) ?? { timeMs, parts: [] };
    if (text.at(-1) !== NEWLINE) {
      partial.parts.push(text);
      partials.set(frame.stream, partial);
      if (partial.parts.length < MAX_LINE_MESSAGES) continue;
      partials.delete(frame.stream);
      yield lineOf(frame.stream, partial, Buffer.alloc(0));
      continue;
    }
    partials.delete(frame.stream);
    yield lineOf(frame.stream, partial, text.subarray(0, -1));
  }
  for (const [stream, partial] of partials) yield lineOf(stream, partial, Buffer.alloc(0));
}

/** Messages follow each other without frames; what a terminal shows is one stream. */
async function* rawLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield rawLine(Buffer.concat([...pending, chunk.subarray(start, end)]));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes < MAX_LINE_MESSAGES * (MAX_MESSAGE_BYTES + MAX_TIME_BYTES)) continue;
    const whole = Buffer.concat(pending);
    const most = MAX_LINE_MESSAGES * (MAX_MESSAGE_BYTES + timeBytes(whole));
    yield rawLine(whole.subarray(0, most));
    pending = [whole.subarray(most)];
    pendingBytes = whole.length - most;
  }
  if (pending.length > 0) yield rawLine(Buffer.concat(pending));
}

/** A long line has the time again wherever the engine cut it. */
function rawLine(line: Buffer): LogLine {
  const { timeMs, text } = splitTime(line);
  const parts: Buffer[] = [];
  let rest = text;
  while (rest.length > MAX_MESSAGE_BYTES) {
    parts.push(rest.subarray(0, MAX_MESSAGE_BYTES));
    rest = splitTime(rest.subarray(MAX_MESSAGE_BYTES)).text;
  }
  return lineOf('stdout', { timeMs, parts }, rest);
}

function lineOf(stream: LogLine['stream'], partial: Partial, last: Buffer): LogLine {
  const text = Buffer.concat([...partial.parts, last]).toString('utf8');
  return { timeMs: partial.timeMs, stream, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

/** With the space after it. */
function timeBytes(payload: Buffer): number {
  return payload.length - splitTime(payload).text.length;
}

function splitTime(payload: Buffer): { timeMs: number; text: Buffer } {
  const space = payload.subarray(0, MAX_TIME_BYTES).indexOf(0x20);
  const time = payload.subarray(0, Math.max(space, 0)).toString('latin1');
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(time) ? Date.parse(time) : NaN;
  return Number.isNaN(timeMs) ? { timeMs: 0, text: payload } : { timeMs, text: payload.subarray(space + 1) };
}
