import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRegex, wildcardRegex } from './wildcard.ts';

const matches = (pattern: string, text: string) => new RegExp(wildcardRegex(pattern)).test(text);

test('* is any number of characters and ? exactly one, everything else is itself', () => {
  assert.ok(matches('/img/*', '/img/a/b.png'));
  assert.ok(matches('/img/*', '/img/'));
  assert.ok(!matches('/img/*', '/x/img/'));
  assert.ok(matches('a?c', 'abc'));
  assert.ok(!matches('a?c', 'ac'));
  assert.ok(matches('a.b+(c)$', 'a.b+(c)$'));
  assert.ok(!matches('a.b', 'axb'));
});

test('a pair of a query string, or a value under any key', () => {
  const has = (pair: { key?: string; value: string }, query: string) => new RegExp(queryRegex(pair), 'i').test(query);
  assert.ok(has({ key: 'v', value: '1*' }, 'a=b&V=12'));
  assert.ok(!has({ key: 'v', value: '1' }, 'xv=1'));
  assert.ok(has({ value: 'b' }, 'a=b'));
  assert.ok(!has({ value: 'b' }, 'a=b2'));
  assert.ok(has({ value: String.raw`\*` }, 'a=*'));
  assert.ok(!has({ value: String.raw`\*` }, 'a=b'));
});
