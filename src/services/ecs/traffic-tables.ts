import type {
  DeploymentConfiguration,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookStatus,
} from '@aws-sdk/client-ecs';

/** The stages of a deployment that shifts traffic, in their order; those between the two production ones may repeat. */
export const LIFECYCLE_STAGES = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
] as const;
export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number];

/** One run of a lifecycle hook. */
export interface HookRunRow {
  readonly id: string;
  /** Which of the configuration's hooks. */
  readonly hook: number;
  readonly stage: DeploymentLifecycleHookStage;
  /** Which shift of production traffic it belongs to. */
  readonly shift: number;
  readonly status: DeploymentLifecycleHookStatus;
  /** ContinueServiceDeployment has asked for a rollback. */
  readonly isRefused?: true;
  /** When its target is asked next; a pause is not asked. */
  readonly nextAtMs?: number;
  readonly expiresAtMs: number;
  readonly timeoutAction: DeploymentLifecycleHookAction;
  /** What the target has handed over for the next time that it is asked, as JSON. */
  readonly details?: string;
  /** The task that runs for it. */
  readonly taskArn?: string;
}

/** Where a deployment that shifts traffic stands. */
export interface LifecycleRow {
  readonly stage: LifecycleStage;
  readonly sinceMs: number;
  /** Which shift of production traffic is the last one that has begun: 0 is the first. */
  readonly shift: number;
  readonly hooks: readonly HookRunRow[];
  /** As it was when the deployment began. */
  readonly configuration: DeploymentConfiguration;
}

/** How much of the traffic the alternate target group gets, in percent; the rest is the other group's. */
export interface AlternateShare {
  readonly production: number;
  readonly test: number;
}

/** The traffic of a service whose listener rules ECS changes. */
export interface TrafficRow {
  readonly wanted: AlternateShare;
  /** What the rules were last changed to. */
  readonly applied?: AlternateShare;
  readonly appliedAtMs?: number;
}
