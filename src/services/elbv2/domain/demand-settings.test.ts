import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing } from '../testing.ts';
import { checkDemandTags, demandSettings, IDLE_TAG, WAKE_TAG } from './demand-settings.ts';

test('tags say how long a request waits, and after how long a service sleeps', () => {
  assert.deepEqual(demandSettings({}), {});
  assert.deepEqual(demandSettings({ [WAKE_TAG]: 'false' }), {});
  assert.deepEqual(demandSettings({ [WAKE_TAG]: 'true', [IDLE_TAG]: '300' }), { holdMs: 30_000, idleMs: 300_000 });
  assert.deepEqual(demandSettings({ [WAKE_TAG]: '5' }), { holdMs: 5000 });
});

test('what cannot be is refused by name', () => {
  checkDemandTags({ [WAKE_TAG]: '300', [IDLE_TAG]: '1' }, 'HTTP');
  checkDemandTags({ [WAKE_TAG]: 'false' }, 'TCP');
  for (const value of ['yes', '0', '301', '1.5', '']) {
    assert.throws(() => checkDemandTags({ [WAKE_TAG]: value }, 'HTTP'), failing('ValidationError', /wake-on-request/));
  }
  assert.throws(
    () => checkDemandTags({ [IDLE_TAG]: 'true' }, 'HTTP'),
    failing('ValidationError', /scale-to-zero-after/),
  );
  assert.throws(() => checkDemandTags({ [WAKE_TAG]: 'true' }, 'TCP'), failing('ValidationError', /of protocol HTTP/));
});
