import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsOfRule, elementsOf, isMet, parseAlarmRule, RuleSyntaxError } from './alarm-rule.ts';
import type { StateValue } from './alarm.ts';

const STATES: Readonly<Record<string, StateValue>> = {
  busy: 'ALARM',
  calm: 'OK',
  new: 'INSUFFICIENT_DATA',
  'two words': 'ALARM',
  'with (brackets) and "marks"': 'ALARM',
  'arn:aws:cloudwatch:us-east-1:1:alarm:busy': 'ALARM',
};
const met = (text: string) => isMet(parseAlarmRule(text), (name) => STATES[name]);

test('functions, operators by their precedence, and brackets', () => {
  for (const text of [
    'TRUE',
    'ALARM(busy)',
    'ALARM("busy")',
    ' ALARM ( busy ) ',
    'ALARM(arn:aws:cloudwatch:us-east-1:1:alarm:busy)',
    'ALARM(two words)',
    String.raw`ALARM("with (brackets) and \"marks\"")`,
    'OK(calm) AND INSUFFICIENT_DATA(new)',
    'ALARM(busy) OR FALSE AND FALSE',
    'NOT FALSE AND NOT ALARM(calm)',
    'NOT (ALARM(busy) AND ALARM(calm))',
    '(ALARM(busy) OR ALARM(calm)) AND NOT NOT TRUE',
  ]) {
    assert.equal(met(text), true, text);
    assert.equal(met(`NOT (${text})`), false, text);
  }
});

test('what a rule is made of', () => {
  const rule = parseAlarmRule('ALARM(a) AND (NOT OK(b) OR ALARM("a"))');
  assert.deepEqual(alarmsOfRule(rule), ['a', 'b']);
  assert.equal(elementsOf(rule), 6);
});

test('what cannot be read is refused, whatever it is', () => {
  for (const text of [
    '',
    'ALARM',
    'ALARM()',
    'ALARM(a',
    'ALARM(a) ALARM(b)',
    'ALARM(a) AND',
    'alarm(a)',
    '"ALARM"(a)',
    'BROKEN(a)',
    'ALARM("a',
    '(TRUE',
    'TRUE)',
    'ALARM(a b (c))',
    'NOT '.repeat(5000),
    '('.repeat(5000),
  ]) {
    assert.throws(() => parseAlarmRule(text), RuleSyntaxError, text.slice(0, 40));
  }
});
