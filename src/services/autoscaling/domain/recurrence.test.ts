import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { nextCronTime } from '../../../kernel/cron.ts';
import { parseRecurrence } from './recurrence.ts';

const next = (text: string, after: string, zone = 'UTC') =>
  new Date(nextCronTime(parseRecurrence(text), zone, Date.parse(after)) ?? Number.NaN).toISOString();

test('minutes, hours, and days of the week, where Sunday is 0 and 7', () => {
  assert.equal(next('*/15 * * * *', '2026-01-01T00:00:00Z'), '2026-01-01T00:15:00.000Z');
  assert.equal(next('30 6 * * 0', '2026-01-01T00:00:00Z'), '2026-01-04T06:30:00.000Z');
  assert.equal(next('30 6 * * 7', '2026-01-01T00:00:00Z'), '2026-01-04T06:30:00.000Z');
  assert.equal(next('0 0 1 JUN *', '2026-01-01T00:00:00Z'), '2026-06-01T00:00:00.000Z');
});

test('where both days are restricted, either is enough', () => {
  assert.equal(next('0 0 15 * MON', '2026-01-01T00:00:00Z'), '2026-01-05T00:00:00.000Z');
  assert.equal(next('0 0 15 * MON', '2026-01-13T00:00:00Z'), '2026-01-15T00:00:00.000Z');
});

test('what is no recurrence is refused', () => {
  for (const text of ['', '0 0 * *', '0 24 * * *', '0 0 * * * *', 'rate(1 hour)']) {
    assert.throws(
      () => parseRecurrence(text),
      (error) => error instanceof ServiceError && error.code === 'ValidationError',
      text,
    );
  }
});
