import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { LinearRegex, RegexProblem } from './linear-regex.ts';

describe('regular expressions in linear time', () => {
  test('say the same as JavaScript’s own, where both have the syntax', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '^', '$', '\\b', '(?:ab|b)', '(a|)');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?'));
    // A repeated assertion is not JavaScript's.
    const text = ([one, times]: [string, string]) => (/^[\^$]$|^\\b$/.test(one) ? one : one + times);
    const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.map(text).join(''));
    const either = fc.tuple(pattern, pattern).map(([one, other]) => `${one}|${other}`);
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '\n', '-'), maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(pattern, either), subject, (source, line) => {
        assert.equal(new LinearRegex(source).test(line), new RegExp(source).test(line), `${source} on ${line}`);
      }),
      { numRuns: 500 },
    );
  });

  test('flags, names, classes and escapes of Go', () => {
    for (const [pattern, text] of [
      ['(?i)error', 'An ERROR'],
      ['(?P<year>\\d{4})-(?:0[1-9]|1[0-2])', 'on 2026-12'],
      ['(?s)a.b', 'a\nb'],
      ['(?m)^b$', 'a\nb'],
      ['[[:alpha:]]+[[:^digit:]]', '1ab1'],
      ['\\x41\\t\\[', 'A\t['],
      ['\\Aa[]-]\\z', 'a-'],
      ['^é.$', 'é😀'],
    ] as const) {
      assert.ok(new LinearRegex(pattern).test(text), pattern);
    }
    assert.ok(!new LinearRegex('(?i)(?-i)error').test('ERROR'));
  });

  test('what is no pattern is refused with the reason', () => {
    for (const bad of [
      '(',
      ')',
      '[a',
      '*a',
      'a**',
      'a{3,1}',
      'a{2000}',
      '\\',
      '(?=a)',
      '(?<!a)b',
      '(a)\\1',
      '[b-a]',
      '((a{1000}){1000}){9}',
    ]) {
      assert.throws(() => new LinearRegex(bad), RegexProblem, bad);
    }
  });

  test('a pattern made to take for ever does not', () => {
    assert.ok(!new LinearRegex('(a+)+$').test(`${'a'.repeat(5000)}!`));
  });
});
