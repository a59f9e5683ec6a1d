import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterSetting,
  DeploymentConfiguration,
  LoadBalancer,
  RegisterTaskDefinitionCommandInput,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export interface ClusterRow extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly settings: readonly ClusterSetting[];
  readonly configuration?: ClusterConfiguration;
  readonly capacityProviders: readonly string[];
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  readonly tags: Tags;
}

export const clusters = table<ClusterRow>('ecs.clusters', (row) => row.arn, { scope: scopeKey });

/** The last revision number that a family gave out: numbers are never given twice, even after deregistration. */
export interface FamilyRow extends Scope {
  readonly family: string;
  readonly lastNumber: number;
}

export const familyKey = (scope: Scope, family: string) => `${scopeKey(scope)}/${family}`;
export const families = table<FamilyRow>('ecs.families', (row) => familyKey(row, row.family), { scope: scopeKey });

export interface TaskDefinitionRow extends Scope {
  readonly arn: string;
  readonly family: string;
  /** The revision, as ECS calls it. */
  readonly number: number;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS';
  /** As registered, with ECS's defaults filled in. */
  readonly definition: Omit<RegisterTaskDefinitionCommandInput, 'tags'>;
  readonly registeredAtMs: number;
  readonly registeredBy: string;
  readonly deregisteredAtMs?: number;
  readonly tags: Tags;
}

export const taskDefinitions = table<TaskDefinitionRow>('ecs.task-definitions', (row) => row.arn, {
  scope: scopeKey,
  family: (row) => familyKey(row, row.family),
});

export interface AwsVpcRow {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
}

/** The task's elastic network interface, once it exists. */
export interface TaskInterfaceRow {
  readonly interfaceId: string;
  readonly vpcId: string;
  readonly vpcCidr: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly privateDnsName: string;
  readonly macAddress: string;
}

export interface TaskContainerRow {
  readonly arn: string;
  readonly name: string;
  readonly image: string;
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly runtimeId?: string;
  readonly imageDigest?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
}

export const TASK_STATUSES = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export interface TaskTargetRow {
  readonly targetGroupArn: string;
  readonly port: number;
}

export interface TaskRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly group: string;
  readonly startedBy?: string;
  readonly serviceArn?: string;
  readonly deploymentId?: string;
  readonly launchType: 'FARGATE';
  readonly platformVersion: string;
  readonly network: AwsVpcRow;
  /** The subnet chosen for it, out of those of `network`. */
  readonly subnetId: string;
  readonly attachmentId: string;
  readonly interface?: TaskInterfaceRow;
  /** Target groups that it is registered in while it runs. */
  readonly targets: readonly TaskTargetRow[];
  readonly targetHealth?: 'initial' | 'healthy' | 'unhealthy';
  readonly targetHealthReason?: string;
  readonly overrides: TaskOverride;
  readonly cpu: string;
  readonly memory: string;
  readonly containers: readonly TaskContainerRow[];
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly clientToken?: string;
  /** Stands in AWS_CONTAINER_CREDENTIALS_RELATIVE_URI of a task with a role. */
  readonly credentialsId?: string;
  readonly tags: Tags;
  readonly createdAtMs: number;
  readonly connectivityAtMs?: number;
  readonly pullStartedAtMs?: number;
  readonly pullStoppedAtMs?: number;
  readonly startedAtMs?: number;
  readonly stoppingAtMs?: number;
  readonly executionStoppedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly stopCode?: 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated';
  readonly stoppedReason?: string;
  /** Its deployment has counted it as a failure. */
  readonly countedAsFailure?: true;
  /** How often the row was written by a change of state: DescribeTasks' `version`. */
  readonly version: number;
}

export const tasks = table<TaskRow>('ecs.tasks', (row) => row.arn, {
  cluster: (row) => row.clusterArn,
  service: (row) => row.serviceArn,
  credentials: (row) => row.credentialsId,
  clientToken: (row) => row.clientToken && `${row.clusterArn}#${row.clientToken}`,
});

export interface DeploymentRow {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly taskDefinitionArn: string;
  readonly network: AwsVpcRow;
  readonly platformVersion: string;
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly rolloutStateReason: string;
  /** Tasks that stopped before they were healthy, in a row. */
  readonly failedTasks: number;
  readonly lastFailureAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ServiceEventRow {
  readonly id: string;
  readonly atMs: number;
  readonly message: string;
}

export interface ServiceRow extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly desiredCount: number;
  readonly launchType: 'FARGATE';
  readonly platformVersion: string;
  readonly taskDefinitionArn: string;
  readonly network: AwsVpcRow;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly deploymentConfiguration: DeploymentConfiguration;
  readonly healthCheckGracePeriodSeconds?: number;
  readonly propagateTags: 'NONE' | 'SERVICE' | 'TASK_DEFINITION';
  readonly enableEcsManagedTags: boolean;
  /** The primary first. */
  readonly deployments: readonly DeploymentRow[];
  /** What a failed deployment goes back to. */
  readonly lastCompleted?: { readonly taskDefinitionArn: string; readonly network: AwsVpcRow };
  /** The newest first, 100 at most. */
  readonly events: readonly ServiceEventRow[];
  /** Said once each time it is reached. */
  readonly steady: boolean;
  readonly tags: Tags;
  readonly clientToken?: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly deletedAtMs?: number;
}

export const services = table<ServiceRow>('ecs.services', (row) => row.arn, {
  scope: scopeKey,
  cluster: (row) => row.clusterArn,
});
