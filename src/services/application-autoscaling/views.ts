import type {
  NotScaledReason,
  ScalableTarget,
  ScalingActivity,
  ScalingPolicy,
  ScheduledAction,
  StepScalingPolicyConfiguration,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { formatArn } from '../../kernel/arn.ts';
import { alarmViews } from '../../api/scaling/policy-alarms.ts';
import { stepsView } from '../../api/scaling/step-adjustments.ts';
import type { NotScaled, StepScaling } from '../../kernel/scaling-decision.ts';
import {
  policyArn,
  scheduledActionArn,
  targetArn,
  type ActivityRow,
  type PolicyRow,
  type ScheduledRow,
  type TargetRow,
} from './tables.ts';

const ROLE =
  'aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService';

const shared = ({ resourceId }: { readonly resourceId: string }) => ({
  ServiceNamespace: 'ecs' as const,
  ResourceId: resourceId,
  ScalableDimension: 'ecs:service:DesiredCount' as const,
});

export function targetView(row: TargetRow): ScalableTarget {
  return {
    ...shared(row),
    MinCapacity: row.min,
    MaxCapacity: row.max,
    RoleARN: formatArn('iam', { account: row.account }, `role/${ROLE}`),
    CreationTime: new Date(row.createdAtMs),
    SuspendedState: {
      DynamicScalingInSuspended: row.suspended.in,
      DynamicScalingOutSuspended: row.suspended.out,
      ScheduledScalingSuspended: row.suspended.scheduled,
    },
    ScalableTargetARN: targetArn(row, row.id),
  };
}

export function policyView(row: PolicyRow): ScalingPolicy {
  return {
    PolicyARN: policyArn(row),
    PolicyName: row.name,
    ...shared(row),
    PolicyType: row.tracking ? 'TargetTrackingScaling' : 'StepScaling',
    ...(row.step && { StepScalingPolicyConfiguration: stepView(row.step, row) }),
    ...(row.tracking && { TargetTrackingScalingPolicyConfiguration: trackingView(row.tracking, row) }),
    Alarms: alarmViews(row, row.alarms),
    CreationTime: new Date(row.createdAtMs),
  };
}

function stepView(step: StepScaling, { unsaid = [] }: PolicyRow): StepScalingPolicyConfiguration {
  return {
    AdjustmentType: step.adjustmentType,
    StepAdjustments: stepsView(step.steps),
    ...(step.minMagnitude !== undefined && { MinAdjustmentMagnitude: step.minMagnitude }),
    ...(!unsaid.includes('Cooldown') && { Cooldown: step.cooldownMs / 1000 }),
    ...(step.aggregation && { MetricAggregationType: step.aggregation }),
  };
}

function trackingView(
  tracking: NonNullable<PolicyRow['tracking']>,
  { unsaid = [] }: PolicyRow,
): TargetTrackingScalingPolicyConfiguration {
  return {
    TargetValue: tracking.targetValue,
    ...tracking.tracked,
    ...(!unsaid.includes('ScaleOutCooldown') && { ScaleOutCooldown: tracking.scaleOutCooldownMs / 1000 }),
    ...(!unsaid.includes('ScaleInCooldown') && { ScaleInCooldown: tracking.scaleInCooldownMs / 1000 }),
    ...(!unsaid.includes('DisableScaleIn') && { DisableScaleIn: tracking.disableScaleIn }),
  };
}

export function scheduledView(row: ScheduledRow): ScheduledAction {
  return {
    ScheduledActionName: row.name,
    ScheduledActionARN: scheduledActionArn(row),
    ...shared(row),
    Schedule: row.schedule,
    ...(row.timezone !== undefined && { Timezone: row.timezone }),
    ...(row.startMs !== undefined && { StartTime: new Date(row.startMs) }),
    ...(row.endMs !== undefined && { EndTime: new Date(row.endMs) }),
    ScalableTargetAction: {
      ...(row.min !== undefined && { MinCapacity: row.min }),
      ...(row.max !== undefined && { MaxCapacity: row.max }),
    },
    CreationTime: new Date(row.createdAtMs),
  };
}

export function activityView(row: ActivityRow): ScalingActivity {
  return {
    ActivityId: row.id,
    ...shared(row),
    Description: row.description,
    Cause: row.cause,
    StartTime: new Date(row.startMs),
    ...(row.endMs !== undefined && { EndTime: new Date(row.endMs) }),
    StatusCode: row.status,
    StatusMessage: row.message,
    ...(row.notScaled && { NotScaledReasons: row.notScaled.map(reasonView) }),
  };
}

function reasonView({ code, capacity }: NotScaled): NotScaledReason {
  if (capacity === undefined) return { Code: code };
  return { Code: code, ...(code === 'AlreadyAtMaxCapacity' ? { MaxCapacity: capacity } : { MinCapacity: capacity }) };
}
