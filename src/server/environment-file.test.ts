import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvironmentFile } from './environment-file.ts';

test('a variable a line; quotes, blanks and further = belong to the value', () => {
  const text = `\uFEFFFIRST=1
# a comment
  INDENTED=yes
QUOTED="a b"
SPACES= a
URL=http://x/?a=b#c
EMPTY=
bare
=nothing

WINDOWS=line\r
FIRST=2
__proto__=own`;
  const parsed = parseEnvironmentFile(text);
  assert.deepEqual(Object.entries(parsed), [
    ['FIRST', '2'],
    ['INDENTED', 'yes'],
    ['QUOTED', '"a b"'],
    ['SPACES', ' a'],
    ['URL', 'http://x/?a=b#c'],
    ['EMPTY', ''],
    ['WINDOWS', 'line'],
    ['__proto__', 'own'],
  ]);
  assert.deepEqual(parseEnvironmentFile(''), {});
});
