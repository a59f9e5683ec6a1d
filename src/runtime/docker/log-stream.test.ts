import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, asyncProperty, integer } from 'fast-check';
import type { LogLine } from '../runtime.ts';
import { jsonLines } from './json-lines.ts';
import { logLines } from './log-stream.ts';

const TIME = '2026-01-02T03:04:05.678901234Z';
const TIME_MS = Date.parse('2026-01-02T03:04:05.678Z');

function frame(stream: LogLine['stream'], text: string): Buffer {
  const payload = Buffer.from(`${TIME} ${text}`);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const value of values) seen.push(value);
  return seen;
}

test('frames become lines, however the stream is cut', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 'one\n'),
    frame('stdout', 'long '),
    frame('stderr', 'other\n'),
    frame('stdout', 'line \u00e9\n'),
    frame('stdout', '\n'),
    frame('stderr', 'windows\r\n'),
    frame('stdout', 'no newline'),
  ]);
  const expected = [
    { stream: 'stdout', text: 'one' },
    { stream: 'stderr', text: 'other' },
    { stream: 'stdout', text: 'long line \u00e9' },
    { stream: 'stdout', text: '' },
    { stream: 'stderr', text: 'windows' },
    { stream: 'stdout', text: 'no newline' },
  ].map(({ stream, text }) => ({ timeMs: TIME_MS, stream, text }));
  const sizes = array(integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
  await check(
    asyncProperty(sizes, async (sizes) => assert.deepEqual(await all(logLines(cut(bytes, sizes))), expected)),
    { numRuns: 60 },
  );
});

test('JSON documents are found in any cut', async () => {
  const bytes = Buffer.from('{"a":"\u00e9"}\r\n{"b":2}\n\n{"c":3}');
  const expected = [{ a: '\u00e9' }, { b: 2 }, { c: 3 }];
  for (const size of [1, 2, 5, 100]) assert.deepEqual(await all(jsonLines(cut(bytes, [size]))), expected);
});

test("a terminal's stream has no frames; a long line has its time again wherever it was cut", async () => {
  const long = 'x'.repeat(16 * 1024);
  const texts = ['one', '', `${long}${long}2026 tail`, 'caf\u00e9', 'no newline'];
  const written = ['one\r\n', '\r\n', long, long, '2026 tail\r\n', 'caf\u00e9\r\n', 'no newline'];
  const bytes = Buffer.from(written.map((text) => `${TIME} ${text}`).join(''));
  const expected = texts.map((text) => ({ timeMs: TIME_MS, stream: 'stdout', text }));
  for (const size of [7, 100, 16 * 1024, 1_000_000]) {
    assert.deepEqual(await all(logLines(cut(bytes, [size]))), expected);
  }
  assert.deepEqual(await all(logLines(cut(Buffer.alloc(0), [1]))), []);
});

test('a line without an end comes in pieces of 1 MiB, of a terminal as of frames', async () => {
  const message = 'x'.repeat(16 * 1024);
  const framed = Buffer.concat(Array.from({ length: 150 }, () => frame('stdout', message)));
  const raw = Buffer.from(`${TIME} ${message}`.repeat(150));
  for (const bytes of [framed, raw]) {
    const lines = await all(logLines(cut(bytes, [50_000, 7, 400_000])));
    assert.deepEqual(
      lines.map(({ timeMs, text }) => [timeMs, text.length]),
      [
        [TIME_MS, 64 * message.length],
        [TIME_MS, 64 * message.length],
        [TIME_MS, 22 * message.length],
      ],
    );
    assert.ok(lines.every(({ text }) => /^x+$/.test(text)));
  }
});
