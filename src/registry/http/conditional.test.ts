import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeld, isRangeOf } from './conditional.ts';

test('what a client has already', () => {
  for (const header of ['"sha256:a"', 'W/"sha256:a"', '"x" , "sha256:a"', '*'])
    assert.ok(isHeld(header, 'sha256:a'), header);
  for (const header of [undefined, '', 'sha256:a', '"sha256:b"']) assert.ok(!isHeld(header, 'sha256:a'), header);
});

test('which bytes a range is of', () => {
  assert.ok(isRangeOf(undefined, 'sha256:a'));
  assert.ok(isRangeOf('"sha256:a"', 'sha256:a'));
  for (const header of ['W/"sha256:a"', '"sha256:b"', 'Sat, 29 Oct 1994 19:43:31 GMT']) {
    assert.ok(!isRangeOf(header, 'sha256:a'), header);
  }
});
