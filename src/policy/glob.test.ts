import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ANY, compileGlob, ONE, type Token } from './glob.ts';

/** In the pattern's usual letters. */
function glob(pattern: string): (text: string) => boolean {
  return compileGlob(
    pattern.split(/([*?])/).map((piece): Token => (piece === '*' ? ANY : piece === '?' ? ONE : piece)),
  );
}

test('matches the whole text', () => {
  assert.equal(glob('abc')('abc'), true);
  assert.equal(glob('abc')('abcd'), false);
  assert.equal(glob('')(''), true);
  assert.equal(glob('')('a'), false);
  assert.equal(glob('*')(''), true);
  assert.equal(glob('a*a')('a'), false);
  assert.equal(glob('a*a')('aa'), true);
  assert.equal(glob('*b*')('abc'), true);
  assert.equal(glob('a?c')('abc'), true);
  assert.equal(glob('a?c')('ac'), false);
  assert.equal(glob('*?')(''), false);
  assert.equal(glob('a.c')('abc'), false);
});

test('matches as a regular expression would', () => {
  const letters = (of: string[], maxLength: number) =>
    fc.array(fc.constantFrom(...of), { maxLength }).map((list) => list.join(''));
  const property = fc.property(letters(['a', 'b', '*', '?'], 8), letters(['a', 'b'], 10), (pattern, text) => {
    const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    assert.equal(glob(pattern)(text), expression.test(text), `${pattern} and ${text}`);
  });
  fc.assert(property, { numRuns: 3000 });
});

test('no pattern makes it slow', () => {
  const beganAt = performance.now();
  assert.equal(glob(`${'*a'.repeat(500)}b`)('a'.repeat(5000)), false);
  assert.equal(glob(`${'?*a'.repeat(500)}b`)('a'.repeat(5000)), false);
  assert.ok(performance.now() - beganAt < 500);
});
