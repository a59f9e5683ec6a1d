import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, interfaceRange, nextFree, publicRange } from './address-range.ts';
import { cidrOf, formatAddress } from './cidr.ts';

const taken =
  (...values: number[]) =>
  async (value: number) =>
    values.includes(value);

test('a subnet keeps its first four addresses and its last', () => {
  const range = interfaceRange(cidrOf('172.31.0.0/20'));
  assert.equal(formatAddress(range.first), '172.31.0.4');
  assert.equal(formatAddress(range.last), '172.31.15.254');
  assert.equal(countOf(range), 4091);
});

test('the public range keeps its first and last address', () => {
  const range = publicRange(cidrOf('198.18.0.0/30'));
  assert.deepEqual([formatAddress(range.first), formatAddress(range.last)], ['198.18.0.1', '198.18.0.2']);
});

test('the search goes on after the cursor and round once', async () => {
  const range = { first: 10, last: 14 };
  assert.equal(await nextFree(range, undefined, taken()), 10);
  assert.equal(await nextFree(range, 10, taken(10)), 11);
  assert.equal(await nextFree(range, 12, taken(13)), 14);
  assert.equal(await nextFree(range, 14, taken(10, 11)), 12);
  assert.equal(await nextFree(range, 11, taken(10, 12, 13, 14)), 11);
});

test('a full range has none; a cursor from elsewhere is no cursor', async () => {
  assert.equal(await nextFree({ first: 1, last: 2 }, 1, taken(1, 2)), undefined);
  assert.equal(await nextFree({ first: 1, last: 2 }, 99, taken()), 1);
});
