import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partStartOf, rangeOf } from './range.ts';

test('ranges of a blob', () => {
  assert.deepEqual(rangeOf('bytes=0-4', 10), { start: 0, end: 4 });
  assert.deepEqual(rangeOf('bytes=4-', 10), { start: 4, end: 9 });
  assert.deepEqual(rangeOf('bytes=4-99', 10), { start: 4, end: 9 });
  assert.deepEqual(rangeOf('bytes=-3', 10), { start: 7, end: 9 });
  assert.deepEqual(rangeOf('bytes=-99', 10), { start: 0, end: 9 });
  for (const header of ['bytes=10-', 'bytes=-0', 'bytes=3-1'])
    assert.equal(rangeOf(header, 10), 'unsatisfiable', header);
  assert.equal(rangeOf('bytes=0-', 0), 'unsatisfiable');
  for (const header of [undefined, '', 'items=0-1', 'bytes=-', 'bytes=0-1,3-4']) {
    assert.equal(rangeOf(header, 10), undefined, header);
  }
});

test('where a part begins', () => {
  assert.equal(partStartOf(undefined, '5'), undefined);
  assert.equal(partStartOf('0-4', '5'), 0);
  assert.equal(partStartOf('5-9', undefined), 5);
  assert.equal(partStartOf('bytes 5-9/*', '5'), 5);
  assert.throws(() => partStartOf('0-4', '6'), { code: 'SIZE_INVALID', status: 400 });
  assert.throws(() => partStartOf('nonsense', '6'), { code: 'BLOB_UPLOAD_INVALID', status: 400 });
});
