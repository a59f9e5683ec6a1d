import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from './pages.ts';

const itself = (item: string): string => item;

test('pages are in order, and the marker goes on where the last ended', () => {
  const first = pageOf(['c', 'a', 'b'], itself, { MaxItems: 2 });
  assert.deepEqual(first.items, ['a', 'b']);
  assert.equal(first.page.IsTruncated, true);
  const { Marker } = first.page;
  assert.deepEqual(pageOf(['a', 'b', 'c'], itself, { MaxItems: 2, Marker }), {
    items: ['c'],
    page: { IsTruncated: false },
  });
  assert.deepEqual(pageOf(['d', 'c'], itself, { Marker }).items, ['c', 'd']);
});

test('a page holds 100 where nothing is said, and 1000 at most', () => {
  const many = Array.from({ length: 1001 }, (_, n) => String(n).padStart(4, '0'));
  assert.equal(pageOf(many, itself, {}).items.length, 100);
  assert.equal(pageOf(many, itself, { MaxItems: 1000 }).items.length, 1000);
  assert.throws(() => pageOf(many, itself, { MaxItems: 1001 }), {
    code: 'ValidationError',
    message:
      "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
  });
  assert.throws(() => pageOf(many, itself, { MaxItems: 0 }), /greater than or equal to 1$/);
});

test('a marker that is not ours is refused', () => {
  assert.throws(() => pageOf(['a'], itself, { Marker: 'x' }), { code: 'ValidationError', message: 'Invalid Marker.' });
});
