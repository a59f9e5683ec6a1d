import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { evaluateExpression, type MathWorld, type Series } from './expression.ts';
import { parseExpression } from './expression-syntax.ts';

const series = (...values: readonly (number | undefined)[]): Series =>
  new Map(values.flatMap((value, index) => (value === undefined ? [] : [[index * 60_000, value] as const])));
const GIVEN: Readonly<Record<string, Series>> = {
  m1: series(1, 2, undefined, 4),
  m2: series(10, 0, 30),
  errors1: series(1),
};

function answer(text: string): unknown {
  const world: MathWorld = {
    valueOf: (id) => GIVEN[id] ?? assert.fail(id),
    metrics: () => Object.entries(GIVEN),
    times: [0, 60_000, 120_000, 180_000],
    periodMs: 60_000,
  };
  const value = evaluateExpression(parseExpression(text), world);
  return value instanceof Map ? Object.fromEntries([...value].map(([at, one]) => [at / 60_000, one])) : value;
}

test('arithmetic, by period; a division by zero has no answer', () => {
  assert.equal(answer('1 + 2 * 3 - 4 / 2'), 5);
  assert.deepEqual(answer('(m1 + m2) * 2'), { 0: 22, 1: 4 });
  assert.deepEqual(answer('m1 / m2 * 100'), { 0: 10 });
  assert.deepEqual(answer('-m1'), { 0: -1, 1: -2, 3: -4 });
});

test('functions', () => {
  assert.deepEqual(answer('SUM([m1, m2])'), { 0: 11, 1: 2, 2: 30, 3: 4 });
  assert.deepEqual(answer('MAX(METRICS("errors"))'), { 0: 1 });
  assert.deepEqual(answer('AVG([m1,m2])'), { 0: 5.5, 1: 1, 2: 30, 3: 4 });
  assert.equal(answer('SUM(m1)'), 7);
  assert.deepEqual(answer('FILL(m1, 0)'), { 0: 1, 1: 2, 2: 0, 3: 4 });
  assert.deepEqual(answer('FILL(m1, REPEAT)'), { 0: 1, 1: 2, 2: 2, 3: 4 });
  assert.deepEqual(answer('FILL(m1, LINEAR)'), { 0: 1, 1: 2, 2: 3, 3: 4 });
  assert.deepEqual(answer('IF(m2 > 5, m1, 0)'), { 0: 1, 1: 0 });
  // Whether it is one number or a series never depends on the samples: an alarm is only good for a series.
  assert.deepEqual(answer('IF(AVG(m1) > 2, 1, m1)'), { 0: 1, 1: 1, 2: 1, 3: 1 });
  assert.deepEqual(answer('IF(AVG(m1) > 3, 1, m1)'), { 0: 1, 1: 2, 3: 4 });
  assert.deepEqual(answer('IF(AVG(m1) > 2, 1)'), { 0: 1, 1: 1, 2: 1, 3: 1 });
  assert.deepEqual(answer('IF(AVG(m1) > 3, 1)'), {});
  assert.deepEqual(answer('IF(AVG(m1) > 2, 1 / 0, m1)'), {});
  assert.equal(answer('IF(AVG(m1) > 3, 1, 2)'), 2);
  assert.deepEqual(answer('RATE(m2)'), { 1: -10 / 60, 2: 0.5 });
  assert.deepEqual(answer('m1 * PERIOD(m1)'), { 0: 60, 1: 120, 3: 240 });
});

test('the least and the most of a long series', () => {
  const long: Series = new Map(Array.from({ length: 150_000 }, (_, at) => [at * 60_000, at]));
  const world: MathWorld = { valueOf: () => long, metrics: () => [], times: [], periodMs: 60_000 };
  const evaluate = (text: string) => evaluateExpression(parseExpression(text), world);
  assert.deepEqual([evaluate('MIN(m1)'), evaluate('MAX(m1)')], [0, 149_999]);
});

test('what is not built, or not readable, is refused', () => {
  const refused = (message: RegExp) => (error: unknown) => error instanceof ServiceError && message.test(error.message);
  assert.throws(
    () => parseExpression("SEARCH('{AWS/ECS}', 'Average')"),
    refused(/SEARCH of metric math is not supported/),
  );
  for (const text of ['m1 +', '(m1', 'm1 m2', 'm1 ; 2', '[m1', '']) {
    assert.throws(() => parseExpression(text), refused(/Invalid syntax/), text);
  }
  assert.throws(() => parseExpression('('.repeat(100)), refused(/nested too deeply/));
});
