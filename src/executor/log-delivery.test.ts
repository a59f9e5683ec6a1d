import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FakeClock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { createLog, silentLog } from '../kernel/log.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import type { LogDestination, LogSink } from './executor.ts';
import { LogBatch } from './log-batch.ts';
import { LogFollower } from './log-follower.ts';
import { LogLines } from './log-lines.ts';
import { settle } from './testing.ts';

const DESTINATION: LogDestination = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };

/** A sink that fails as `failures` says, call after call. */
function sinkOf(failures: (call: number) => Error | undefined) {
  const stored: string[] = [];
  let calls = 0;
  const sink: LogSink = {
    open: async () => {},
    position: async () => undefined,
    append: async (_, events) => {
      const error = failures(calls++);
      if (error) throw error;
      stored.push(...events.map(({ message }) => message));
    },
  };
  return { sink, stored };
}

function batchOf(sink: LogSink, destination: Partial<LogDestination> = {}, log = silentLog) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const batch = new LogBatch({
    sink,
    destination: { ...DESTINATION, ...destination },
    clock,
    log,
    signal: abort.signal,
  });
  const finish = async (done: Promise<unknown>) => {
    let isDone = false;
    void done.then(() => (isDone = true));
    for (let waitedMs = 0; !isDone; waitedMs += 1000) {
      assert.ok(waitedMs < 200_000, 'it ends');
      clock.advance(1000);
      await settle();
    }
  };
  return { batch, finish };
}

function logTo(lines: string[]) {
  return createLog({ level: 'debug', format: 'json', now: () => 0, write: (line) => lines.push(line) });
}

test('blocking: in order, nothing lost and nothing doubled, however the sink fails', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.boolean()), fc.integer({ min: 0, max: 450 }), async (flips, count) => {
      let inARow = 0;
      const { sink, stored } = sinkOf(() => {
        inARow = flips.next().value && inARow < 5 ? inARow + 1 : 0;
        return inARow > 0 ? new ServiceError('ServiceUnavailable', 'busy', { httpStatus: 503 }) : undefined;
      });
      const { batch, finish } = batchOf(sink, { mode: { kind: 'blocking' } });
      const lines = Array.from({ length: count }, (_, at) => `${at}`);
      await finish(
        (async () => {
          for (const message of lines) await batch.add({ timeMs: 0, message });
          await batch.flush();
        })(),
      );
      assert.deepEqual(stored, lines);
    }),
    { numRuns: 30 },
  );
});

test('non-blocking: the reader never waits; what does not fit is dropped and counted', async () => {
  let isBusy = true;
  const { sink, stored } = sinkOf(() => (isBusy ? new Error('busy') : undefined));
  const said: string[] = [];
  const { batch, finish } = batchOf(
    sink,
    { mode: { kind: 'non-blocking', maxBufferBytes: 100 * (10 + 26) } },
    logTo(said),
  );
  for (let at = 0; at < 300; at++) await batch.add({ timeMs: 0, message: `line ${String(at).padStart(5, '0')}` });
  isBusy = false;
  await finish(batch.flush());
  assert.deepEqual(
    stored,
    Array.from({ length: 100 }, (_, at) => `line ${String(at).padStart(5, '0')}`),
  );
  assert.match(said.join(''), /dropped[^\n]*"lines":200/);
});

test('non-blocking: empty lines and a huge buffer take no more memory than others', async () => {
  for (const [maxBufferBytes, message, taken] of [
    [2600, '', 100],
    [Number.MAX_SAFE_INTEGER, 'x'.repeat(1024 * 1024), 63],
  ] as const) {
    let isBusy = true;
    const { sink, stored } = sinkOf(() => (isBusy ? new Error('busy') : undefined));
    const { batch, finish } = batchOf(sink, { mode: { kind: 'non-blocking', maxBufferBytes } });
    for (let at = 0; at < 200; at++) await batch.add({ timeMs: 0, message });
    isBusy = false;
    await finish(batch.flush());
    assert.equal(stored.length, taken);
  }
});

test('what the service refuses is given up after a while, said once, and goes on when it is taken again', async () => {
  let refused = true;
  const gone = new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
  const { sink, stored } = sinkOf(() => (refused ? gone : undefined));
  const said: string[] = [];
  const { batch, finish } = batchOf(sink, {}, logTo(said));
  for (const message of ['a', 'b', 'c']) {
    await batch.add({ timeMs: 0, message });
    await finish(batch.flush());
  }
  refused = false;
  await batch.add({ timeMs: 0, message: 'd' });
  await finish(batch.flush());
  assert.deepEqual(stored, ['d']);
  assert.equal(said.filter((line) => line.includes('given up')).length, 1);
  assert.match(said.join(''), /again[^\n]*"lost":3/);
});

test('multiline: a line that matches begins an event; one that waits 5 s goes out', async () => {
  const clock = new FakeClock();
  const events: { timeMs: number; message: string }[] = [];
  const lines = new LogLines('^\\d{4}-', clock, async (event) => void events.push(event));
  for (const [timeMs, message] of [
    [1, '2026-01 one'],
    [2, '  at two'],
    [3, '2026-02 three'],
  ] as const) {
    await lines.add({ timeMs, message });
  }
  assert.deepEqual(events, [{ timeMs: 1, message: '2026-01 one\n  at two\n' }]);
  clock.advance(5000);
  assert.deepEqual(events.at(-1), { timeMs: 3, message: '2026-02 three\n' });
  await lines.add({ timeMs: 4, message: '2026-04 big' });
  await lines.add({ timeMs: 5, message: 'x'.repeat(262_118 - 13) });
  await lines.add({ timeMs: 6, message: 'too much' });
  await lines.flush();
  assert.deepEqual(
    events.slice(2).map(({ timeMs, message }) => [timeMs, message.length]),
    [
      [4, 262_118],
      [6, 9],
    ],
  );
});

test('multiline: what a follower stores is all there at the end, and after a restart nothing comes twice', async () => {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  const events: { timeMs: number; message: string }[] = [];
  const sink: LogSink = {
    open: async () => {},
    append: async (_, more) => void events.push(...more),
    position: async () => {
      const timeMs = events.at(-1)?.timeMs;
      if (timeMs === undefined) return undefined;
      const last = events.filter((event) => event.timeMs === timeMs);
      return { timeMs, linesAtTime: last.reduce((sum, { message }) => sum + message.split('\n').length - 1, 0) };
    },
  };
  runtime.addImage('web:1', { local: true });
  const id = await runtime.create({ name: 'web', image: 'web:1', labels: {}, network: 'none' });
  await runtime.start(id);
  const destination = { ...DESTINATION, multiline: { pattern: '^E' } };
  const web = runtime.container('web');
  for (const line of ['E1', ' a', 'E2', ' b']) {
    web.print(line);
    clock.advance(1);
  }
  const first = new LogFollower(runtime, id, { sink, destination, clock, log: silentLog });
  await settle();
  clock.advance(5000);
  await settle();
  clock.advance(250);
  await settle();
  first.close();
  await first.drained;
  const second = new LogFollower(runtime, id, { sink, destination, clock, log: silentLog });
  web.print('E3');
  web.print(' c');
  web.exit(0);
  await second.drained;
  assert.deepEqual(
    events.map(({ message }) => message),
    ['E1\n a\n', 'E2\n b\n', 'E3\n c\n'],
  );
});
