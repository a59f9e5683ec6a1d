import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkBatch } from './new-batch.ts';

const NOW = Date.UTC(2026, 0, 20);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function event(offsetMs: number, message = 'm') {
  return { timestamp: NOW + offsetMs, message };
}

function problemOf(events: readonly { timestamp: number; message: string }[]): string {
  const check = checkBatch(events, NOW, undefined);
  return 'problem' in check ? check.problem : 'none';
}

describe('a batch of log events', () => {
  test('must be neither empty nor longer than 10,000', () => {
    assert.match(problemOf([]), /greater than or equal to 1/);
    assert.match(problemOf(Array.from({ length: 10_001 }, () => event(0))), /less than or equal to 10000/);
    assert.match(problemOf([event(0, '')]), /logEvents\.1\.member\.message/);
  });

  test('counts 26 bytes for each event beside its UTF-8', () => {
    assert.equal(problemOf([event(0, 'x'.repeat(1_048_576 - 26))]), 'none');
    assert.equal(
      problemOf([event(0, 'é'.repeat(524_276))]),
      'Upload too large: 1048578 bytes exceeds limit of 1048576',
    );
  });

  test('must be in order and within a day', () => {
    assert.match(problemOf([event(1), event(0)]), /chronological order/);
    assert.match(problemOf([event(-DAY_MS - 1), event(0)]), /more than 24 hours/);
  });

  test('drops what is too old, expired or too new, and says where', () => {
    const events = [event(-15 * DAY_MS), event(-14 * DAY_MS - 1), event(-14 * DAY_MS)];
    assert.deepEqual(checkBatch(events, NOW, undefined), {
      accepted: [{ ms: NOW - 14 * DAY_MS, message: 'm' }],
      rejected: { tooOldLogEventEndIndex: 2 },
    });
    assert.deepEqual(checkBatch([event(0), event(2 * HOUR_MS + 1)], NOW, undefined), {
      accepted: [{ ms: NOW, message: 'm' }],
      rejected: { tooNewLogEventStartIndex: 1 },
    });
    assert.deepEqual(checkBatch([event(-3 * DAY_MS - 1), event(-3 * DAY_MS)], NOW, 3), {
      accepted: [{ ms: NOW - 3 * DAY_MS, message: 'm' }],
      rejected: { expiredLogEventEndIndex: 1 },
    });
  });
});
