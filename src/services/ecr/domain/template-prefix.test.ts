import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPrefix, prefixesOf } from './template-prefix.ts';

test('the prefixes of a name, the longest first', () => {
  assert.deepEqual(prefixesOf('a/b/c'), ['a/b', 'a']);
  assert.deepEqual(prefixesOf('a'), []);
});

test('a prefix is written as a repository is, or ROOT', () => {
  for (const good of ['team', 'team/web', 'a.b_c-d/1', 'ROOT']) assert.equal(checkPrefix(good), good);
  assert.equal(checkPrefix('team/'), 'team');
  for (const bad of ['', '/', 'Team', 'team//web', 'root*', 'x'.repeat(257), undefined]) {
    assert.throws(() => checkPrefix(bad), { code: 'InvalidParameterException' });
  }
});
