import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackingOf } from './capabilities.ts';

test('what a host lacks is dropped by name', () => {
  assert.deepEqual(lackingOf('CapBnd:\t000001ffffffffff\n', 40), []);
  assert.deepEqual(lackingOf('CapBnd:\t000001fffeffffff\n', 40), ['SYS_RESOURCE']);
  assert.deepEqual(lackingOf('CapBnd:\t0000003fffffffff\n', 37), []);
  assert.deepEqual(lackingOf('CapBnd:\t0000003fffffffff\n', 38), ['PERFMON']);
});
