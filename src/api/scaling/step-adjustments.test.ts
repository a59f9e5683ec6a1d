import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsFrom, stepsProblem, stepsView } from './step-adjustments.ts';

const step = (lower: number | undefined, upper: number | undefined, ScalingAdjustment: number) => ({
  ...(lower !== undefined && { MetricIntervalLowerBound: lower }),
  ...(upper !== undefined && { MetricIntervalUpperBound: upper }),
  ScalingAdjustment,
});

test('steps are put in the order of their bounds, and shown as they were given', () => {
  const given = [step(10, undefined, 2), step(0, 10, 1), step(undefined, 0, -1)];
  const steps = stepsFrom(given);
  assert.deepEqual(
    steps.map(({ adjustment }) => adjustment),
    [-1, 1, 2],
  );
  assert.deepEqual(stepsView(steps), given.toReversed());
  assert.equal(stepsProblem(steps, false), undefined);
});

test('steps leave no gap, do not overlap, and are not negative where they are exact', () => {
  const problem = (given: ReturnType<typeof step>[], isExact = false) => stepsProblem(stepsFrom(given), isExact) ?? '';
  assert.match(problem([]), /At least one/);
  assert.match(problem(Array.from({ length: 21 }, (_, n) => step(n, n + 1, 1))), /At most 20/);
  assert.match(problem([step(0, 0, 1)]), /greater than its lower bound/);
  assert.match(problem([step(0, 10, 1), step(20, undefined, 2)]), /gaps/);
  assert.match(problem([step(0, 10, 1), step(5, undefined, 2)]), /overlap/);
  assert.match(problem([step(0, undefined, -1)], true), /must not be negative/);
});
