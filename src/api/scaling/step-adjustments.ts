import type { Step } from '../../kernel/scaling-decision.ts';

/** As both scaling APIs have it. */
interface StepAdjustment {
  readonly MetricIntervalLowerBound?: number | undefined;
  readonly MetricIntervalUpperBound?: number | undefined;
  readonly ScalingAdjustment?: number | undefined;
}

const MOST_STEPS = 20;

/** The steps of a policy in order of their bounds. */
export function stepsFrom(adjustments: readonly StepAdjustment[]): readonly Step[] {
  return adjustments
    .map(({ MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper, ScalingAdjustment = 0 }): Step => ({
      adjustment: ScalingAdjustment,
      ...(lower !== undefined && { lower }),
      ...(upper !== undefined && { upper }),
    }))
    .toSorted((a, b) => (a.lower ?? -Infinity) - (b.lower ?? -Infinity));
}

/** What is wrong with the steps of a policy, as a sentence; undefined: nothing. */
export function stepsProblem(steps: readonly Step[], isExact: boolean): string | undefined {
  if (steps.length === 0) return 'At least one StepAdjustment must be specified for a step scaling policy.';
  if (steps.length > MOST_STEPS) return `At most ${MOST_STEPS} StepAdjustments may be specified.`;
  for (const [index, { lower = -Infinity, upper = Infinity, adjustment }] of steps.entries()) {
    if (lower >= upper) return 'The upper bound of a StepAdjustment must be greater than its lower bound.';
    if (isExact && adjustment < 0) return 'ScalingAdjustment must not be negative for ExactCapacity.';
    const before = steps[index - 1];
    if (before && (before.upper ?? Infinity) !== lower) {
      return 'StepAdjustments must neither overlap nor leave gaps between them.';
    }
  }
  return undefined;
}

/** As the wire has them. */
export function stepsView(steps: readonly Step[]) {
  return steps.map(({ lower, upper, adjustment }) => ({
    ...(lower !== undefined && { MetricIntervalLowerBound: lower }),
    ...(upper !== undefined && { MetricIntervalUpperBound: upper }),
    ScalingAdjustment: adjustment,
  }));
}
