import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing } from '../testing.ts';
import { checkRegex, groupsOf, pcreOf } from './regex.ts';

const { raw } = String;

/** With what reaches the plane: `haproxy -c` takes each of them. */
const TAKEN: readonly (readonly [string, string])[] = [
  ['^/api/(v1|v2)/.+$', '^/api/(v1|v2)/.+$'],
  [raw`^/[\w-.]+$`, raw`^/[\w\-\.]+$`],
  [raw`^/[a-\d]+$`, raw`^/[a\-\d]+$`],
  ['^/[[:digit:]-z]+$', raw`^/[[:digit:]\-z]+$`],
  ['[a-z0-9-]', raw`[a-z0-9\-]`],
  ['[a-f-z]', raw`[a-f\-z]`],
  ['[.a-z.]', raw`[\.a-z\.]`],
  ['[[]', raw`[\[]`],
  ['[]a]', raw`[\]a]`],
  ['[^]a]', raw`[^\]a]`],
  [raw`[\x41-\x5a\b\]]`, raw`[\x41-\x5a\b\]]`],
  ['[*+?]+', '[*+?]+'],
  ['[(?=]', raw`[(?\=]`],
  [raw`\Qa.b[\E+`, raw`a\.b\[+`],
  [raw`\h\R\N\C\A\z\x{2f}\012\cA`, raw`\h\R\N\C\A\z\x{2f}\012\cA`],
  ['a{,3}{2}', raw`a\{,3}{2}`],
  ['x{', raw`x\{`],
  ['a}+', 'a}+'],
  ['}', '}'],
  ['(?i)^/Users', '(?i)^/Users'],
  ['a(?i:b)(?-i)c', 'a(?i:b)(?-i)c'],
  ['(?<year>a)(?P<day>b)', '(?<year>a)(?P<day>b)'],
  ['a{65535}', 'a{65535}'],
  ['(a{1000}){1000}', '(a{1000}){1000}'],
  [`${'('.repeat(60)}a${')'.repeat(60)}`, `${'('.repeat(60)}a${')'.repeat(60)}`],
];

/** `haproxy -c` refuses each of them, or AWS does. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['a{70000}', /is not valid/],
  ['a{3,2}', /is not valid/],
  ['(abcdefgh){9000}', /repeats too much/],
  ['((a{1,9}b){99}){99}', /repeats too much/],
  [raw`^/\users`, /is not valid/],
  [raw`^/\images`, /is not valid/],
  [raw`\L`, /is not valid/],
  [raw`\N{x}`, /is not valid/],
  [raw`\x{110000}`, /is not valid/],
  [raw`\x{100}`, /is not valid/],
  [raw`\o{9}`, /is not valid/],
  [raw`a\c`, /is not valid/],
  ['a\\', /is not valid/],
  ['[^]', /is not valid/],
  ['[]', /is not valid/],
  ['[z-a]', /is not valid/],
  ['[[:foo:]]', /is not valid/],
  ['[[.a.]]', /is not valid/],
  ['[:alpha:]', /is not valid/],
  [raw`[\R]`, /is not valid/],
  [raw`[\B]`, /is not valid/],
  [raw`[\N]`, /is not valid/],
  [raw`[\i]`, /is not valid/],
  ['(?<a>x)|(?<a>y)', /is not valid/],
  ['(?<a$>x)', /is not valid/],
  ['(?<1a>x)', /is not valid/],
  ['(a', /is not valid/],
  ['a)', /is not valid/],
  ['*a', /is not valid/],
  ['a**', /is not valid/],
  ['^*', /is not valid/],
  ['(?<!a)b', /uses lookarounds/],
  ['(?>a)', /uses atomic groups/],
  ['a?+', /uses possessive quantifiers/],
  ['a{2}+', /uses possessive quantifiers/],
  ['(?R)', /uses subroutines and recursion/],
  ['(?P>a)', /uses subroutines and recursion/],
  [raw`\k<a>`, /uses backreferences/],
  [raw`[\pL]`, /uses Unicode character classes/],
];

test('what PCRE2 takes and AWS does is taken, written as PCRE2 wants it', () => {
  for (const [regex, pcre] of TAKEN) {
    assert.equal(checkRegex(regex, 128, 'it'), regex);
    assert.equal(pcreOf(regex), pcre, regex);
  }
});

test('what PCRE2 or AWS refuses is refused; once stored it fits nothing', () => {
  for (const [regex, words] of REFUSED) {
    assert.throws(() => checkRegex(regex, 128, 'it'), failing('ValidationError', words), regex);
    assert.equal(pcreOf(regex), '(?!)', regex);
  }
  assert.throws(() => checkRegex('('.repeat(251) + ')'.repeat(251), 1024, 'it'), /too many groups in groups/);
});

test('groups are counted where they capture', () => {
  assert.equal(groupsOf(raw`(a)(?:b)\((?<c>d)[(](?i)`, 128, 'it'), 2);
});
