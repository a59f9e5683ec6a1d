import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsWildcard } from './wildcard.ts';

test('a wildcard stands for any characters, none too; all else for itself', () => {
  const cases: [string, string, boolean][] = [
    ['web', 'web', true],
    ['web', 'web1', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['**b', 'ab', true],
    ['a.c', 'abc', false],
    ['a.*', 'a.b', true],
    ['[+$*', '[+$(', true],
    ['*b*b', 'ab', false],
  ];
  for (const [pattern, text, fits] of cases) assert.equal(fitsWildcard(pattern, text), fits, `${pattern} ${text}`);
});

// With a matcher that backtracks this never ends.
test('many wildcards take no longer', () => {
  assert.equal(fitsWildcard(`${'*a'.repeat(60)}*b`, 'a'.repeat(250)), false);
});
