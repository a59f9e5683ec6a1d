import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';
import type { HookRunRow, LifecycleStage } from './traffic-tables.ts';
import type { DeploymentFailure, ImageDigests, LaunchTypeRow, Workload } from './tables.ts';

/** A service's workload as one deployment rolled it out: never changed, but for the digests that its tasks pulled. */
export interface ServiceRevisionRow extends Scope, Workload {
  readonly arn: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  /** Its tasks join the alternate target groups. */
  readonly usesAlternate?: true;
  /** Left out: FARGATE. */
  readonly launchType?: LaunchTypeRow;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  /** By container name, as the task definition has them. */
  readonly images: Readonly<Record<string, string>>;
  readonly imageDigests?: ImageDigests;
  readonly createdAtMs: number;
}

export const serviceRevisions = table<ServiceRevisionRow>('ecs.service-revisions', (row) => row.arn, {
  scope: scopeKey,
  service: (row) => row.serviceArn,
});

/** The story of one service deployment, with its rollback if it had one. */
export interface ServiceDeploymentRow extends Scope {
  readonly arn: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  /** ECS's older name of it: `ecs-svc/...`. */
  readonly deploymentId: string;
  readonly targetRevisionArn: string;
  readonly sourceRevisionArns: readonly string[];
  readonly status: ServiceDeploymentStatus;
  readonly statusReason?: string;
  readonly failure?: DeploymentFailure;
  readonly failureCount: number;
  /** Of the circuit breaker, where it is on. */
  readonly threshold?: number;
  readonly triggeredAlarms: readonly string[];
  readonly isBaking?: true;
  /** Of one that shifts traffic: the last stage that it was in, and the runs of its hooks. */
  readonly stage?: LifecycleStage;
  readonly hooks?: readonly HookRunRow[];
  readonly rollback?: { readonly reason: string; readonly startedAtMs: number; readonly revisionArn: string };
  readonly deploymentConfiguration: DeploymentConfiguration;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly finishedAtMs?: number;
  readonly stoppedAtMs?: number;
}

export const serviceDeployments = table<ServiceDeploymentRow>('ecs.service-deployments', (row) => row.arn, {
  scope: scopeKey,
  service: (row) => row.serviceArn,
});
