import { operationsOf } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Executor } from '../../executor/executor.ts';
import type { HookAnswer } from './domain/deployment-hooks.ts';
import type { ExecLogging } from './domain/exec-logging.ts';
import type { Network } from '../../network/network.ts';

/** What the composition root lends ECS. */
export interface EcsPorts {
  readonly executor: Pick<Executor, 'ensure' | 'reap'>;
  /** Where the endpoints of Service Connect are. */
  readonly network: Pick<Network, 'connect'>;
  /** `host:port` of this server's registry, as it stands in repository URIs. */
  readonly registryHost: string;
  /** A session with a program that is begun in a container, for ECS Exec. */
  readonly openSession: (request: ExecRequest) => ExecSession;
  /** How long a stopped task can still be described. */
  readonly stoppedTaskRetentionMs: number;
  /** Whether `service` (ECS's tasks if left out) may assume a role now: it is there, and its trust policy lets them. */
  readonly mayAssume: (roleArn: string, scope: Scope, service?: string) => Promise<boolean>;
  /** Calls the endpoints of lifecycle hooks. */
  readonly hooks: DeploymentHooks;
  /** CloudWatch, for CapacityProviderReservation. */
  readonly metrics: CapacityMetrics;
  /** How often that is measured: 60 s as in AWS, 30 or 10. Scale-out takes one period, scale-in fifteen. */
  readonly managedScalingPeriodMs: number;
  /** Below which the endpoints of Express services are. */
  readonly domain: string;
}

export interface CapacityMetrics {
  put(scope: Scope, namespace: string, measurements: readonly CapacityMeasurement[]): Promise<void>;
}

export interface CapacityMeasurement {
  readonly name: 'CapacityProviderReservation';
  readonly dimensions: { readonly CapacityProviderName: string; readonly ClusterName: string };
  /** Percent. */
  readonly value: number;
  readonly atMs: number;
  readonly isHighResolution: boolean;
}

/** Outbound HTTP, for the lifecycle hooks of deployments, to hosts that the operator allows. */
export interface DeploymentHooks {
  readonly allows: (url: URL) => boolean;
  /** @throws Error where it is not allowed, cannot be reached in time, or does not answer as a hook does */
  readonly post: (url: URL, event: unknown) => Promise<HookAnswer>;
}

export interface ExecRequest {
  /** The engine's id of the container. */
  readonly runtimeId: string;
  /** The EC2 instance whose engine that is; left out: this host's own. */
  readonly instanceId?: string;
  readonly command: string;
  /** The ARN of who asks. */
  readonly owner: string;
  /** Left out: what it prints is not logged. */
  readonly logging?: ExecLogging;
}

/** As ExecuteCommand answers it. */
export interface ExecSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

export const operation = operationsOf<'ecs', EcsPorts>();
