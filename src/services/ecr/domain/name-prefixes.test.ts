import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intersection, namePrefixes, union, without } from './name-prefixes.ts';

test('prefixes are sorted, without those that begin with another; no prefixes are every name', () => {
  assert.deepEqual(namePrefixes(['b', 'ab', 'a', 'ba']), ['a', 'b']);
  assert.deepEqual(namePrefixes([]), ['']);
});

test('the names of two, of both, and of one only', () => {
  const a = namePrefixes(['a', 'bb', 'c-', 'd']);
  const b = namePrefixes(['aa', 'b', 'c', 'e']);
  assert.deepEqual(union([a, b]), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(intersection(a, b), ['aa', 'bb', 'c-']);
  assert.deepEqual(without(a, b), ['a', 'd']);
  assert.deepEqual(intersection(a, namePrefixes([])), a);
  assert.deepEqual(without(a, namePrefixes([])), []);
  assert.deepEqual(intersection(a, union([])), []);
  assert.deepEqual(without(a, union([])), a);
});
