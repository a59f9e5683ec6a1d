import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText, parsePattern } from './pattern.ts';
import { contextOf } from './testing.ts';

const context = contextOf({
  'aws:username': 'alice',
  'aws:PrincipalTag/team': 'a*e',
  'aws:PrincipalTag/none': '',
  'aws:TagKeys': ['team'],
});

function matches(pattern: string, value: string, syntax = { wildcards: true, variables: true }): boolean {
  return compileText(parsePattern(pattern, syntax))(value, context);
}

test('puts values in place of variables, whatever the case of the key', () => {
  assert.equal(matches('home/${aws:username}/*', 'home/alice/notes'), true);
  assert.equal(matches('home/${AWS:UserName}/*', 'home/alice/notes'), true);
  assert.equal(matches('home/${aws:username}/*', 'home/bob/notes'), false);
  assert.equal(matches('${aws:username}-${aws:username}', 'alice-alice'), true);
});

test('an asterisk in a value is only a character', () => {
  assert.equal(matches('${aws:PrincipalTag/team}', 'a*e'), true);
  assert.equal(matches('${aws:PrincipalTag/team}', 'alice'), false);
});

test('a variable without a value matches nothing, unless it has a default', () => {
  assert.equal(matches('${aws:userid}', '${aws:userid}'), false);
  assert.equal(matches('*${aws:userid}*', ''), false);
  assert.equal(matches('${aws:PrincipalTag/none}', ''), false);
  assert.equal(matches('${aws:TagKeys}', 'team'), false);
  assert.equal(matches("${aws:userid, 'nobody'}", 'nobody'), true);
  assert.equal(matches("${aws:userid, 'no, body'}", 'no, body'), true);
  assert.equal(matches("${aws:username, 'nobody'}", 'nobody'), false);
});

test('has letters for what would mean something else', () => {
  assert.equal(matches('a${*}b', 'a*b'), true);
  assert.equal(matches('a${*}b', 'axb'), false);
  assert.equal(matches('${?}${$}{x}', '?${x}'), true);
  assert.equal(matches('${*}', '*', { wildcards: false, variables: true }), true);
});

test('a document of 2008 has no variables', () => {
  assert.equal(matches('${aws:username}', '${aws:username}', { wildcards: true, variables: false }), true);
  assert.equal(matches('${*}', '${anything}', { wildcards: true, variables: false }), true);
});

test('a brace that is not closed is text', () => {
  assert.equal(matches('a${b', 'a${b'), true);
  assert.equal(matches('$', '$'), true);
});
