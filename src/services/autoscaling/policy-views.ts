import type { Alarm, ScalingPolicy } from '@aws-sdk/client-auto-scaling';
import { stepsView } from '../../api/scaling/step-adjustments.ts';
import { policyArn, type PolicyRow } from './tables.ts';

const TYPES = { simple: 'SimpleScaling', step: 'StepScaling', tracking: 'TargetTrackingScaling' } as const;

export function policyView(row: PolicyRow, alarms: Alarm[]): ScalingPolicy {
  return {
    AutoScalingGroupName: row.groupName,
    PolicyName: row.name,
    PolicyARN: policyArn(row),
    PolicyType: TYPES[row.rules.kind],
    ...rulesView(row),
    ...(row.warmupS !== undefined && { EstimatedInstanceWarmup: row.warmupS }),
    Alarms: alarms,
    Enabled: row.isEnabled,
  };
}

function rulesView({ rules }: PolicyRow): Partial<ScalingPolicy> {
  if (rules.kind === 'tracking') return { TargetTrackingConfiguration: rules.tracked };
  const { adjustmentType, minMagnitude } = rules.kind === 'simple' ? rules.simple : rules.step;
  const shared = {
    AdjustmentType: adjustmentType,
    ...(minMagnitude !== undefined && { MinAdjustmentMagnitude: minMagnitude }),
  };
  if (rules.kind === 'simple') {
    const { adjustment, cooldownS } = rules.simple;
    return { ...shared, ScalingAdjustment: adjustment, ...(cooldownS !== undefined && { Cooldown: cooldownS }) };
  }
  const { steps, aggregation = 'Average' } = rules.step;
  return {
    ...shared,
    MetricAggregationType: aggregation,
    StepAdjustments: stepsView(steps),
  };
}
