import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTime, parseSchedule } from './schedule.ts';

const at = (text: string) => Date.parse(text);
const next = (schedule: string, after: string, zone = 'UTC') => {
  const found = nextTime(parseSchedule(schedule), zone, at(after), at('2026-01-01T00:00:00Z'));
  return found === undefined ? undefined : new Date(found).toISOString().slice(0, 16);
};

test('cron: by the calendar, and in the time of a zone', () => {
  assert.equal(next('cron(0 9 * * ? *)', '2026-01-01T09:00:00Z'), '2026-01-02T09:00');
  assert.equal(next('cron(0/15 * * * ? *)', '2026-01-01T09:50:00Z'), '2026-01-01T10:00');
  assert.equal(next('cron(30 8 ? * MON-FRI *)', '2026-01-02T09:00:00Z'), '2026-01-05T08:30');
  assert.equal(next('cron(0 12 1 JAN,JUL ? *)', '2026-01-02T00:00:00Z'), '2026-07-01T12:00');
  assert.equal(next('cron(0 9 * * ? *)', '2026-01-01T00:00:00Z', 'Europe/Berlin'), '2026-01-01T08:00');
  assert.equal(next('cron(0 9 * * ? *)', '2026-07-01T08:00:00Z', 'Europe/Berlin'), '2026-07-02T07:00');
  assert.equal(next('cron(0 9 * * ? 2025)', '2026-01-01T00:00:00Z'), undefined);
});

test('once, and at a rate', () => {
  assert.equal(next('at(2026-03-01T10:00:00)', '2026-01-01T00:00:00Z'), '2026-03-01T10:00');
  assert.equal(next('at(2026-03-01T10:00:00)', '2026-01-01T00:00:00Z', 'America/New_York'), '2026-03-01T15:00');
  assert.equal(next('at(2026-03-01T10:00:00)', '2026-03-01T10:00:00Z'), undefined);
  assert.equal(next('rate(5 minutes)', '2026-01-01T00:07:00Z'), '2026-01-01T00:10');
});

test('what is no schedule is refused', () => {
  for (const text of [
    'at(soon)',
    'rate(0 minutes)',
    'rate(1 week)',
    'cron(0 9 * * *',
    'cron(60 9 * * ? *)',
    'daily',
    'cron(0 9 * *)',
  ]) {
    assert.throws(() => parseSchedule(text), /Invalid schedule/, text);
  }
  assert.throws(() => parseSchedule('cron(0 9 L * ? *)'), /is not supported/);
});
