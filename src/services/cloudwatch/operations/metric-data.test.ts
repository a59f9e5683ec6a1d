import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf } from './metric-data.ts';

const DAY_MS = 24 * 3_600_000;

test('start times are rounded down as far as the samples of their time are', () => {
  const start = new Date('2026-01-01T12:33:20.500Z');
  const from = (days: number, forMs = DAY_MS) => {
    const end = new Date(start.getTime() + forMs);
    return new Date(rangeOf(start, end, start.getTime() + days * DAY_MS).fromMs).toISOString().slice(11, 19);
  };
  assert.deepEqual(
    [from(14, 30_000), from(14), from(16), from(62, 30_000), from(64)],
    ['12:33:20', '12:33:00', '12:30:00', '12:30:00', '12:00:00'],
  );
});
