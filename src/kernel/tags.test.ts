import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTags } from './tags.ts';

test('tags as AWS allows them', () => {
  assert.equal(checkTags({}), undefined);
  assert.equal(checkTags({ Name: '', 'a b_.:/=+-@': 'ä 1', ['k'.repeat(128)]: 'v'.repeat(256) }), undefined);
  assert.equal(checkTags(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']))), undefined);
});

test('the first rule that is broken is named', () => {
  const cases = [
    ['key', { '': 'v' }],
    ['key', { ['k'.repeat(129)]: 'v' }],
    ['key', { 'a?b': 'v' }],
    ['value', { a: 'v'.repeat(257) }],
    ['value', { a: 'line\nbreak' }],
    ['reserved', { 'aws:name': 'v' }],
    ['reserved', { 'AWS:name': 'v' }],
    ['count', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, '']))],
  ] as const;
  for (const [kind, tags] of cases) {
    const problem = checkTags(tags);
    assert.equal(problem?.kind, kind, JSON.stringify(tags).slice(0, 60));
    assert.ok(problem.message.length > 0);
  }
});
