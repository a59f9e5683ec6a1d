import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';
import type { InstanceFacts } from './domain/placement/instance.ts';

/** An instance that ECS launches, or has launched, for a provider of Managed Instances. Times in ms since the epoch. */
export interface ManagedInstanceRow extends Scope {
  /** 32 hex digits: also the launch's client token, so that a repeated launch is the same. */
  readonly id: string;
  readonly providerArn: string;
  readonly providerName: string;
  readonly clusterArn: string;
  readonly instanceType: string;
  readonly size: { readonly vcpus: number; readonly memoryMiB: number };
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** Who launches it. */
  readonly roleArn: string;
  /** As it was asked for first: a repeat must say the same. */
  readonly request: RunInstancesRequest;
  /** The ARNs of those that it is launched for. */
  readonly tasks: readonly string[];
  /** What it will be in the cluster. */
  readonly expected: Omit<InstanceFacts, 'attributes'> & { readonly attributes: Readonly<Record<string, string>> };
  readonly createdAtMs: number;
  /** Once it is launched. */
  readonly ec2InstanceId?: string;
  /** It is in the cluster without a task of its own. */
  readonly idleSinceMs?: number;
  /** It is terminated once its tasks have left. */
  readonly isLeaving?: true;
}

export const managedInstances = table<ManagedInstanceRow>('ecs.managed-instances', (row) => row.id, {
  provider: (row) => row.providerArn,
  cluster: (row) => row.clusterArn,
  ec2: (row) => row.ec2InstanceId,
});
