import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';
import type { LogOptions } from './log.ts';

function recorded(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const now = () => Date.UTC(2026, 0, 1);
  const log = createLog({ level: 'debug', format: 'text', now, write: (line) => lines.push(line), ...options });
  return { log, lines };
}

test('one line for each event, with its facts', () => {
  const { log, lines } = recorded();
  log.with({ requestId: 'r1' }).info('a task runs', { task: 't1', count: 2, missing: undefined });
  assert.deepEqual(lines, ['2026-01-01T00:00:00.000Z INFO  a task runs requestId=r1 task=t1 count=2\n']);
});

test('what is below the level is not written', () => {
  const { log, lines } = recorded({ level: 'warn' });
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.with({}).error('d');
  assert.deepEqual(
    lines.map((line) => line.split(/\s+/)[1]),
    ['WARN', 'ERROR'],
  );
});

test('json is one object on each line; an error has its stack and its cause', () => {
  const { log, lines } = recorded({ format: 'json' });
  log.error('it failed', { error: new Error('above', { cause: new Error('below') }), n: 1, text: 'two\nlines' });
  assert.equal(lines.join('').trimEnd().split('\n').length, 1);
  const { error, ...rest } = JSON.parse(lines[0] ?? '');
  assert.deepEqual(rest, {
    time: '2026-01-01T00:00:00.000Z',
    level: 'error',
    message: 'it failed',
    n: 1,
    text: 'two\nlines',
  });
  assert.match(error, /^Error: above[^]+log\.test\.ts[^]+below/);
});

test('a log never throws, whatever it is given', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = recorded({ format });
    log.info('odd', { loop, big: 1n, fn: () => {} });
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /Circular/);
  }
});

test('what a caller sent cannot pretend to be a line of its own', () => {
  const { log, lines } = recorded();
  log.info('request', { call: 'a\n2026-01-01T00:00:00.000Z ERROR forged', plain: 'two words' });
  assert.equal(lines.join('').split('\n').length, 2);
  assert.match(lines[0] ?? '', / call="a\\n2026.*" plain=two words\n$/);
});
