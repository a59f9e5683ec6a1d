import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFilterPattern } from './filter-pattern.ts';

function matches(pattern: string, message: string): boolean {
  const parsed = parseFilterPattern(pattern);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.matcher(message);
}

function problemOf(pattern: string): string {
  const parsed = parseFilterPattern(pattern);
  return 'problem' in parsed ? parsed.problem : 'none';
}

describe('filter patterns', () => {
  test('an empty one matches everything', () => {
    assert.ok(matches('', 'anything'));
    assert.ok(matches('  ', ''));
  });

  test('every term must be there, and case matters', () => {
    assert.ok(matches('ERROR 400', '[ERROR 400] bad request'));
    assert.ok(!matches('ERROR 400', '[ERROR 500] bad request'));
    assert.ok(!matches('error', 'ERROR'));
  });

  test('a quoted phrase is one term, with any characters', () => {
    assert.ok(matches('"bad request: [x]"', 'a bad request: [x] came'));
    assert.ok(!matches('"bad request"', 'bad: request'));
    assert.ok(matches(String.raw`"say \"hi\""`, 'say "hi" now'));
  });

  test('a minus excludes', () => {
    assert.ok(matches('ERROR -exiting', 'ERROR one'));
    assert.ok(!matches('ERROR -exiting', 'ERROR exiting'));
    assert.ok(!matches('-"shut down"', 'to shut down'));
  });

  test('of question marks one must match; beside other terms they are ignored', () => {
    assert.ok(matches('?ERROR ?WARN', 'a WARN'));
    assert.ok(!matches('?ERROR ?WARN', 'an INFO'));
    assert.ok(matches('?ERROR INFO', 'an INFO'));
  });

  test('what is not built is refused by name, what is malformed with a reason', () => {
    assert.match(problemOf('{ $.a = 1 }'), /JSON filter patterns/);
    assert.match(problemOf('[ip, user]'), /Space-delimited/);
    assert.match(problemOf('%AUTHORIZED%'), /Regular expressions/);
    assert.equal(problemOf('a.b'), "Invalid character(s) in term 'a.b'");
    assert.match(problemOf('"open'), /Invalid filter pattern/);
  });
});
