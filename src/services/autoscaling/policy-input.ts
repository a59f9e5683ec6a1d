import type { PutScalingPolicyType } from '@aws-sdk/client-auto-scaling';
import { stepsFrom, stepsProblem } from '../../api/scaling/step-adjustments.ts';
import type { StepScaling } from '../../kernel/scaling-decision.ts';
import type { PolicyRules } from './domain/policy-rules.ts';
import { checkTracked, scaleInShare } from './domain/tracked-metric.ts';
import { constraint, invalid, notSupported } from './errors.ts';

const ADJUSTMENTS = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];

/** What the request asks a policy to do. */
export function rulesFrom(input: PutScalingPolicyType): PolicyRules {
  const type = input.PolicyType || 'SimpleScaling';
  if (type === 'PredictiveScaling' || input.PredictiveScalingConfiguration) throw notSupported('Predictive scaling');
  if (type === 'TargetTrackingScaling') return trackingFrom(input);
  if (input.TargetTrackingConfiguration) {
    throw invalid('TargetTrackingConfiguration is only for policies of type TargetTrackingScaling.');
  }
  if (type !== 'SimpleScaling' && type !== 'StepScaling') {
    throw constraint(
      type,
      'policyType',
      'satisfy enum value set: [SimpleScaling, StepScaling, TargetTrackingScaling, PredictiveScaling]',
    );
  }
  if (input.MinAdjustmentStep !== undefined) throw notSupported('MinAdjustmentStep');
  const adjustment = adjustmentFrom(input);
  return type === 'SimpleScaling' ? simpleFrom(input, adjustment) : stepFrom(input, adjustment);
}

type Adjustment = Pick<StepScaling, 'adjustmentType' | 'minMagnitude'>;

function adjustmentFrom({ AdjustmentType: type, MinAdjustmentMagnitude: least }: PutScalingPolicyType): Adjustment {
  if (!type) throw invalid('AdjustmentType must be specified.');
  if (!ADJUSTMENTS.includes(type)) {
    throw constraint(type, 'adjustmentType', `satisfy enum value set: [${ADJUSTMENTS.join(', ')}]`);
  }
  if (least !== undefined && type !== 'PercentChangeInCapacity') {
    throw invalid('MinAdjustmentMagnitude is only supported for the adjustment type PercentChangeInCapacity');
  }
  return {
    adjustmentType: type as StepScaling['adjustmentType'],
    ...(least !== undefined && { minMagnitude: least }),
  };
}

function simpleFrom(input: PutScalingPolicyType, adjustment: Adjustment): PolicyRules {
  if (input.ScalingAdjustment === undefined)
    throw invalid('ScalingAdjustment must be specified for policy type SimpleScaling.');
  if (input.StepAdjustments?.length) throw invalid('StepAdjustments are only for policies of type StepScaling.');
  if (input.EstimatedInstanceWarmup !== undefined) {
    throw invalid('EstimatedInstanceWarmup is not supported for policy type SimpleScaling.');
  }
  return {
    kind: 'simple',
    simple: {
      ...adjustment,
      adjustment: input.ScalingAdjustment,
      ...(input.Cooldown !== undefined && { cooldownS: input.Cooldown }),
    },
  };
}

function stepFrom(input: PutScalingPolicyType, adjustment: Adjustment): PolicyRules {
  const { MetricAggregationType: aggregation } = input;
  if (input.ScalingAdjustment !== undefined)
    throw invalid('ScalingAdjustment is not supported for policy type StepScaling.');
  if (input.Cooldown !== undefined) throw invalid('Cooldown is not supported for policy type StepScaling.');
  if (aggregation && !['Average', 'Minimum', 'Maximum'].includes(aggregation)) {
    throw constraint(aggregation, 'metricAggregationType', 'satisfy enum value set: [Average, Minimum, Maximum]');
  }
  const steps = stepsFrom(input.StepAdjustments ?? []);
  const problem = stepsProblem(steps, adjustment.adjustmentType === 'ExactCapacity');
  if (problem !== undefined) throw invalid(problem);
  return {
    kind: 'step',
    step: { ...adjustment, steps, ...(aggregation && { aggregation: aggregation as 'Average' }) },
  };
}

function trackingFrom(input: PutScalingPolicyType): PolicyRules {
  const { TargetTrackingConfiguration: tracked } = input;
  if (!tracked) throw invalid('TargetTrackingConfiguration must be specified for policy type TargetTrackingScaling.');
  const odd = (['AdjustmentType', 'ScalingAdjustment', 'StepAdjustments', 'Cooldown'] as const).find(
    (member) => input[member] !== undefined,
  );
  if (odd) throw invalid(`${odd} is not supported for policy type TargetTrackingScaling.`);
  const { TargetValue: targetValue = Number.NaN, DisableScaleIn: disableScaleIn = false } = tracked;
  if (!(targetValue > 0)) throw invalid('TargetValue must be greater than 0.');
  checkTracked(tracked);
  return {
    kind: 'tracking',
    tracking: { targetValue, disableScaleIn, scaleInShare: scaleInShare(tracked) },
    tracked: JSON.parse(JSON.stringify({ ...tracked, DisableScaleIn: disableScaleIn })) as typeof tracked,
  };
}
