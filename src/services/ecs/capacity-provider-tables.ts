import type { InstanceLaunchTemplate } from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export interface ManagedScalingRow {
  readonly status: 'ENABLED' | 'DISABLED';
  /** Percent. */
  readonly targetCapacity: number;
  readonly minimumScalingStepSize: number;
  readonly maximumScalingStepSize: number;
  /** Seconds. */
  readonly instanceWarmupPeriod: number;
}

/** What UpdateCapacityProvider can change. */
export interface GroupSettingsRow {
  readonly managedScaling: ManagedScalingRow;
  readonly managedTerminationProtection: 'ENABLED' | 'DISABLED';
  readonly managedDraining: 'ENABLED' | 'DISABLED';
}

interface ProviderRow extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly updateStatus?:
    | 'CREATE_COMPLETE'
    | 'UPDATE_IN_PROGRESS'
    | 'UPDATE_COMPLETE'
    | 'UPDATE_FAILED'
    | 'DELETE_IN_PROGRESS'
    | 'DELETE_COMPLETE';
  readonly updateStatusReason?: string;
  readonly tags: Tags;
}

/** A capacity provider over an Auto Scaling group. */
export interface GroupProviderRow extends ProviderRow {
  readonly groupArn: string;
  readonly groupName: string;
  readonly settings: GroupSettingsRow;
  readonly managedInstances?: undefined;
}

/** One whose instances ECS launches itself, for one cluster: Managed Instances. */
export interface ManagedProviderRow extends ProviderRow {
  readonly clusterArn: string;
  readonly managedInstances: ManagedInstancesRow;
}

/** Fargate's two have no rows. `managedInstances` tells the kinds apart. */
export type CapacityProviderRow = GroupProviderRow | ManagedProviderRow;

/** What a provider of Managed Instances was given, in the API's shapes. */
export interface ManagedInstancesRow {
  readonly infrastructureRoleArn: string;
  readonly template: InstanceLaunchTemplate;
  readonly propagateTags: 'CAPACITY_PROVIDER' | 'NONE';
  /** Seconds that an instance is kept without a task; -1: for ever. Left out: AWS's own. */
  readonly scaleInAfter?: number;
  /** Unhealthy instances are not replaced: there is no health of theirs. */
  readonly autoRepairConfiguration?: { readonly actionsStatus: 'DISABLED' };
}

export const capacityProviders = table<CapacityProviderRow>('ecs.capacity-providers', (row) => row.arn, {
  scope: scopeKey,
  group: (row) => (row.status === 'ACTIVE' && !row.managedInstances ? row.groupArn : undefined),
  cluster: (row) => (row.managedInstances ? row.clusterArn : undefined),
});

/** What a provider has on its group for one cluster: the scaling policy, and the hook that drains its instances. */
export interface CapacityAttachmentRow extends Scope {
  readonly clusterArn: string;
  readonly providerArn: string;
  readonly providerName: string;
  readonly groupName: string;
  /** As DescribeClusters shows them. */
  readonly policyId: string;
  readonly hookId: string;
  /** Which of the two the group has, as far as we know. */
  readonly hasPolicy: boolean;
  readonly hasHook: boolean;
  /** The provider has left the cluster: both go, and then this row. */
  readonly isLeaving?: true;
  /** There is something to do on the group. */
  readonly isDue?: true;
  /** Why it could not be done. */
  readonly failure?: string;
}

export const attachmentKey = (clusterArn: string, providerName: string) => `${clusterArn} ${providerName}`;

export const capacityAttachments = table<CapacityAttachmentRow>(
  'ecs.capacity-attachments',
  (row) => attachmentKey(row.clusterArn, row.providerName),
  { cluster: (row) => row.clusterArn, provider: (row) => row.providerArn },
);

/** ECS's names for what it puts on a group. */
export const policyNameOf = ({ policyId }: Pick<CapacityAttachmentRow, 'policyId'>) =>
  `ECSManagedAutoScalingPolicy-${policyId}`;
export const DRAINING_HOOK = 'ecs-managed-draining-termination-hook';
