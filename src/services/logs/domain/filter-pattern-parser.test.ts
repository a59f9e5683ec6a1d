import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFilterPattern } from './filter-pattern-parser.ts';

function matches(pattern: string, message: string): boolean {
  const parsed = parseFilterPattern(pattern);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.matches(message);
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

  test('regular expressions, as terms', () => {
    assert.ok(matches('%[Ee]rror|[Ff]ail%', 'a failure'));
    assert.ok(matches('%\\d{1,3}\\.\\d+% ERROR', 'ERROR 10.5'));
    assert.ok(!matches('ERROR -%^a%', 'an ERROR'));
    assert.ok(matches('?%^b% ?x', 'bc'));
  });

  test('JSON: comparisons of texts, numbers and wildcards', () => {
    const event = JSON.stringify({
      type: 'Update',
      code: 404,
      ratio: 0.5,
      ok: true,
      none: null,
      tags: ['a', 'b'],
      user: { id: 7, 'first.name': 'Ann' },
      items: [{ n: 1 }, { n: 2 }],
    });
    for (const pattern of [
      '{ $.type = "Update" }',
      '{$.type=Update}',
      '{ $.type = "Up*" }',
      '{ $.type != Delete }',
      '{ $.type = %^Up% }',
      '{ $.code = 404 }',
      '{ $.code = 4* }',
      '{ $.code >= 404 && $.code < 405 }',
      '{ $.ratio <= 5e-1 }',
      '{ $.ok IS TRUE }',
      '{ $.none IS NULL }',
      '{ $.gone NOT EXISTS }',
      '{ $.user EXISTS }',
      '{ $.user = * }',
      '{ $.tags[1] = b }',
      '{ $.tags[*] = a }',
      '{ $.items[1].n = 2 }',
      "{ $.user['first.name'] = Ann }",
      '{ ($.code = 1 || $.user.id = 7) && $.type = Update }',
      '{ $.code = 404 || $.code = 1 && $.code = 2 }',
    ]) {
      assert.ok(matches(pattern, event), pattern);
    }
    for (const pattern of [
      '{ $.type = "update" }',
      '{ $.type > 1 }',
      '{ $.gone = 1 }',
      '{ $.gone != 1 }',
      '{ $.ok IS FALSE }',
      '{ $.code = 404 && $.code = 405 }',
      '{ ($.code = 404 || $.code = 1) && $.code = 2 }',
      '{ $.tags = a }',
      '{ $.type NOT EXISTS }',
      '{ $.none NOT EXISTS }',
      '{ $.tags[2] = * }',
      '{ $.tags.length = 2 }',
    ]) {
      assert.ok(!matches(pattern, event), pattern);
    }
    assert.ok(!matches('{ $.a = 1 }', 'no JSON'));
    assert.ok(!matches('{ $.a NOT EXISTS }', '{ broken'));
  });

  test('space-delimited: by position, with brackets and quotes as one field', () => {
    const line = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
    for (const pattern of [
      '[ip, type, user, time, request, status, bytes]',
      '[..., status=4*, bytes]',
      '[ip=%127\\.0\\.%, ...]',
      '[ip, ..., request = "*index.html*", status = 404 || status = 410, bytes > 1000]',
      '[...]',
      '[ip, type=Prod&&type!=Dev, ...]',
      '[ip, t, u, time=10/Oct*, ...]',
    ]) {
      assert.ok(matches(pattern, line), pattern);
    }
    for (const pattern of ['[ip, user]', '[..., status=5*, bytes]', '[..., bytes < 1000]', '[ip != 127*, ...]']) {
      assert.ok(!matches(pattern, line), pattern);
    }
  });

  test('the values that a pattern names', () => {
    const valuesOf = (pattern: string, message: string) => {
      const parsed = parseFilterPattern(pattern);
      assert.ok('extract' in parsed);
      return parsed.extract(message);
    };
    assert.deepEqual(valuesOf('[ip, ..., size > 1]', 'x y z 2'), { $ip: 'x', $size: '2' });
    assert.deepEqual(valuesOf('{ $.a.b = 1 && $.c = x }', '{"a":{"b":1},"c":"x"}'), { '$.a.b': '1', '$.c': 'x' });
    assert.deepEqual(valuesOf('ERROR', 'ERROR'), {});
  });

  test('what is malformed is refused with a reason', () => {
    assert.equal(problemOf('a.b'), "Invalid character(s) in term 'a.b'");
    for (const bad of [
      '"open',
      '{ $.a }',
      '{ $.a = 1',
      '{ a = 1 }',
      '{ $.a = 1 } x',
      '[a, ..., b, ...]',
      '[a',
      '[a b]',
      '{ ($.a = 1 }',
      '%(a)%',
      '%a!%',
      '%%',
      '%[a%',
      '%a% %b% %c%',
      'a"b"',
      '[a=1 && b=2]',
    ]) {
      assert.match(problemOf(bad), /^Invalid filter pattern/, bad);
    }
    assert.match(problemOf('x'.repeat(1025)), /less than or equal to 1024/);
    assert.match(problemOf(`{ ${'('.repeat(500)} }`), /^Invalid filter pattern/);
  });
});
