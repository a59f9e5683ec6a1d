import type {
  StepScalingPolicyConfiguration,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { constraint, invalid } from '../errors.ts';
import { stepsFrom, stepsProblem } from '../../../api/scaling/step-adjustments.ts';
import type { StepScaling, TargetTracking } from '../../../kernel/scaling-decision.ts';
import { trackedFrom, type Tracked } from './tracked-metric.ts';

const COOLDOWN_S = 300;
const DEFAULTED = ['Cooldown', 'ScaleOutCooldown', 'ScaleInCooldown', 'DisableScaleIn'] as const;

/** A member that has a default, which AWS applies and does not show. */
export type Defaulted = (typeof DEFAULTED)[number];

export function unsaidIn(input: Readonly<Partial<Record<Defaulted, unknown>>>): readonly Defaulted[] {
  return DEFAULTED.filter((member) => input[member] === undefined);
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepScalingPolicyConfiguration.html */
export function stepFrom(input: StepScalingPolicyConfiguration): StepScaling {
  const { AdjustmentType: adjustmentType, StepAdjustments = [], MinAdjustmentMagnitude: minMagnitude } = input;
  if (!adjustmentType) throw invalid('AdjustmentType must be specified for a step scaling policy.');
  if (!['ChangeInCapacity', 'PercentChangeInCapacity', 'ExactCapacity'].includes(adjustmentType)) {
    throw constraint(
      adjustmentType,
      'adjustmentType',
      'satisfy enum value set: [ChangeInCapacity, PercentChangeInCapacity, ExactCapacity]',
    );
  }
  if (minMagnitude !== undefined && adjustmentType !== 'PercentChangeInCapacity') {
    throw invalid('MinAdjustmentMagnitude may only be specified for PercentChangeInCapacity.');
  }
  const steps = stepsFrom(StepAdjustments);
  const problem = stepsProblem(steps, adjustmentType === 'ExactCapacity');
  if (problem !== undefined) throw invalid(problem);
  return {
    adjustmentType,
    steps,
    cooldownMs: milliseconds(input.Cooldown, 'cooldown'),
    ...(minMagnitude !== undefined && { minMagnitude }),
    ...(input.MetricAggregationType && { aggregation: input.MetricAggregationType }),
  };
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html */
export function trackingFrom(input: TargetTrackingScalingPolicyConfiguration): TargetTracking & { tracked: Tracked } {
  const { TargetValue: targetValue = Number.NaN } = input;
  if (!(targetValue > 0)) throw invalid('TargetValue must be greater than 0.');
  return {
    targetValue,
    scaleOutCooldownMs: milliseconds(input.ScaleOutCooldown, 'scaleOutCooldown'),
    scaleInCooldownMs: milliseconds(input.ScaleInCooldown, 'scaleInCooldown'),
    disableScaleIn: input.DisableScaleIn ?? false,
    tracked: trackedFrom(input),
  };
}

function milliseconds(seconds: number | undefined, member: string): number {
  if (seconds !== undefined && seconds < 0) throw constraint(seconds, member, 'have value greater than or equal to 0');
  return (seconds ?? COOLDOWN_S) * 1000;
}
