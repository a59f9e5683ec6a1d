import type { TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import type { StepScaling, TargetTracking } from '../../../kernel/scaling-decision.ts';

export interface SimpleScaling {
  readonly adjustmentType: StepScaling['adjustmentType'];
  readonly adjustment: number;
  readonly minMagnitude?: number;
  readonly cooldownS?: number;
}

export type PolicyRules =
  | { readonly kind: 'simple'; readonly simple: SimpleScaling }
  | { readonly kind: 'step'; readonly step: Omit<StepScaling, 'cooldownMs'> }
  | {
      readonly kind: 'tracking';
      readonly tracking: Pick<TargetTracking, 'targetValue' | 'disableScaleIn' | 'scaleInShare'>;
      readonly tracked: TargetTrackingConfiguration;
    };
