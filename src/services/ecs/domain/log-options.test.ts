import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinearRegex } from '../../../kernel/linear-regex.ts';
import { logDelivery } from './log-options.ts';

test('the mode: non-blocking with 10 MiB, unless said otherwise', () => {
  const mib = 1024 * 1024;
  for (const [options, mode] of [
    [{}, { kind: 'non-blocking', maxBufferBytes: 10 * mib }],
    [
      { mode: 'non-blocking', 'max-buffer-size': '25m' },
      { kind: 'non-blocking', maxBufferBytes: 25 * mib },
    ],
    [{ 'max-buffer-size': '1.5KiB' }, { kind: 'non-blocking', maxBufferBytes: 1536 }],
    [{ mode: 'blocking' }, { kind: 'blocking' }],
  ] as const) {
    assert.deepEqual(logDelivery(options), { mode }, JSON.stringify(options));
  }
});

test('an account that blocks has its way only where no mode is named', () => {
  const kindOf = (options: Readonly<Record<string, string>>) => {
    const delivery = logDelivery(options, 'blocking');
    return 'problem' in delivery ? delivery.problem : delivery.mode.kind;
  };
  assert.equal(kindOf({}), 'blocking');
  assert.equal(kindOf({ 'max-buffer-size': '25m' }), 'blocking');
  assert.equal(kindOf({ mode: 'non-blocking' }), 'non-blocking');
  assert.match(kindOf({ 'max-buffer-size': 'much' }), /^error parsing option max-buffer-size/);
});

test('a date and time format is a pattern', () => {
  const bracketed = logDelivery({ 'awslogs-datetime-format': String.raw`\[%b %d, %Y %H:%M:%S%L\]` });
  assert.ok('multiline' in bracketed && bracketed.multiline);
  assert.ok(new LinearRegex(bracketed.multiline.pattern).test('[May 01, 2026 19:00:01.123] up'));
  const pattern = logDelivery({ 'awslogs-datetime-format': '%Y-%m-%d %H:%M:%S' });
  assert.ok('multiline' in pattern && pattern.multiline);
  assert.ok(new LinearRegex(pattern.multiline.pattern).test('at 2026-01-31 23:59:00 it'));
  assert.ok(!new LinearRegex(pattern.multiline.pattern).test('at 2026-13-31 23:59:00 it'));
});

test('what Docker refuses is refused in its words', () => {
  const problemOf = (options: Readonly<Record<string, string>>) => {
    const delivery = logDelivery(options);
    return 'problem' in delivery ? delivery.problem : undefined;
  };
  assert.equal(problemOf({ mode: 'fast' }), 'logger: logging mode not supported: fast');
  assert.match(
    problemOf({ mode: 'blocking', 'max-buffer-size': '1m' }) ?? '',
    /only supported with 'mode=non-blocking'/,
  );
  assert.match(problemOf({ 'max-buffer-size': 'much' }) ?? '', /^error parsing option max-buffer-size/);
  assert.match(problemOf({ 'awslogs-multiline-pattern': '(' }) ?? '', /^awslogs could not parse multiline pattern/);
  assert.match(
    problemOf({ 'awslogs-multiline-pattern': 'a', 'awslogs-datetime-format': '%Y' }) ?? '',
    /at the same time$/,
  );
});
