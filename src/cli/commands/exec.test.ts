import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellLine } from './exec.ts';

test('several words get to the program as they were typed', () => {
  const words = ['printf', '<%s>', 'two words', "it's", '$HOME', '', 'a=b', '--all=1', '*'];
  const seen = execFileSync('sh', ['-c', shellLine(words)], { encoding: 'utf8' });
  assert.equal(seen, "<two words><it's><$HOME><><a=b><--all=1><*>");
  assert.equal(shellLine(['a=b', 'c']), "'a=b' c", 'no variable is set');
});

test('one word is a line for the shell, and none is the shell', () => {
  assert.equal(shellLine(['ls /etc | wc -l']), 'ls /etc | wc -l');
  assert.equal(shellLine([]), '/bin/sh');
});

test('plain words need no quotes, which an image without a shell would take for its own', () => {
  assert.equal(shellLine(['/app/tool', '--level=3', 'a_b@c.d:1,2']), '/app/tool --level=3 a_b@c.d:1,2');
});
