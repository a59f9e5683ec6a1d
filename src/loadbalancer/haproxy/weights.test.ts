import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightEntries } from './weights.ts';

const group = (targetGroupId: string, weight: number) => ({ targetGroupId, weight });

test('the ranges of all groups cover every draw once, as wide as their weights', () => {
  assert.deepEqual(weightEntries([group('a', 9), group('b', 0), group('c', 1)]), [
    ['0:899999', 'a'],
    ['900000:999999', 'c'],
  ]);
  assert.deepEqual(weightEntries([group('a', 1), group('b', 1), group('c', 1)]), [
    ['0:333332', 'a'],
    ['333333:666666', 'b'],
    ['666667:999999', 'c'],
  ]);
});

test('nothing is chosen when every weight is zero', () => {
  assert.deepEqual(weightEntries([group('a', 0)]), []);
});
