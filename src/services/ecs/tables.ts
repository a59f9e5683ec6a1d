import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterSetting,
  DeploymentConfiguration,
  Failure,
  LoadBalancer,
  RegisterTaskDefinitionCommandInput,
  ServiceRegistry,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { NetworkBindingRow, ServicePlacementRow, TaskPlaceRow } from './container-instance-tables.ts';
import type { TaskSettingsRow } from './account-setting-tables.ts';
import type { MonitoringRow } from './domain/service-monitoring.ts';
import { connectVpc, type ConnectRow, type ConnectionRow, type TaskConnectRow } from './service-connect-tables.ts';
import type { LifecycleRow, TrafficRow } from './traffic-tables.ts';

export interface ClusterRow extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly settings: readonly ClusterSetting[];
  readonly configuration?: ClusterConfiguration;
  readonly capacityProviders: readonly string[];
  /** Those of them whose instances ECS launches itself: they were made for this cluster, and stay in it. */
  readonly managedProviders?: readonly string[];
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  /** Of services with Service Connect that name none. */
  readonly serviceConnectNamespaceArn?: string;
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
  readonly deleteRequestedAtMs?: number;
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
  /** The availability zone of each subnet. */
  readonly zones?: Readonly<Record<string, string>>;
  readonly vpcId?: string;
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
  /** What the VPC's own DHCP options say; else Amazon's resolver and domain. */
  readonly dns?: { readonly servers: readonly string[]; readonly search: readonly string[] };
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
  /** Of a container with a restart policy: how often it has been started again. */
  readonly restartCount?: number;
  /** As DescribeTasks shows them: what the definition or the override says. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly memoryReservation?: string;
  readonly networkBindings?: readonly NetworkBindingRow[];
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

export const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'] as const;
export type FargateProvider = (typeof FARGATE_PROVIDERS)[number];

/** `sha256:...` by container name. */
export type ImageDigests = Readonly<Record<string, string>>;

export interface TaskTargetRow {
  readonly targetGroupArn: string;
  readonly containerName?: string;
  readonly port: number;
}

/** The Cloud Map service that a task is an instance of while it runs. */
export interface TaskRegistryRow {
  readonly registryArn: string;
  readonly port?: number;
}

export type LaunchTypeRow = 'FARGATE' | 'EC2';

export interface TaskRow extends Scope, TaskPlaceRow, TaskSettingsRow {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly group: string;
  readonly startedBy?: string;
  readonly serviceArn?: string;
  readonly deploymentId?: string;
  readonly launchType: LaunchTypeRow;
  /** Of a task that a capacity provider strategy placed. */
  readonly capacityProviderName?: string;
  readonly platformVersion: string;
  readonly enableExecuteCommand?: true;
  /** GiB of task storage, where it is not Fargate's 20. */
  readonly ephemeralStorageGib?: number;
  /** Service scale-in spares it until then. */
  readonly protectedUntilMs?: number;
  /** By container: what its deployment has pinned the image to. */
  readonly imageDigests?: ImageDigests;
  readonly network: AwsVpcRow;
  /** The subnet chosen for it, out of those of `network`. */
  readonly subnetId: string;
  readonly attachmentId: string;
  readonly interface?: TaskInterfaceRow;
  /** Target groups that it is registered in while it runs. */
  readonly targets: readonly TaskTargetRow[];
  readonly targetHealth?: 'initial' | 'healthy' | 'unhealthy';
  readonly targetHealthReason?: string;
  /** Which of its target groups finds it unhealthy. */
  readonly unhealthyTargetGroup?: string;
  readonly registry?: TaskRegistryRow;
  /** Of a task of a service with Service Connect. */
  readonly connect?: TaskConnectRow;
  readonly connection?: ConnectionRow;
  /** Not there: it is in no registry. The health is there where the registry has one. */
  readonly registration?: {
    readonly state: 'REGISTERING' | 'REGISTERED';
    readonly health?: 'HEALTHY' | 'UNHEALTHY';
  };
  readonly overrides: TaskOverride;
  readonly cpu: string;
  readonly memory: string;
  readonly containers: readonly TaskContainerRow[];
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
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
  readonly stopCode?:
    | 'TaskFailedToStart'
    | 'EssentialContainerExited'
    | 'UserInitiated'
    | 'ServiceSchedulerInitiated'
    | 'SpotInterruption'
    | 'TerminationNotice';
  readonly stoppedReason?: string;
  /** Its deployment has counted it as a failure. */
  readonly countedAsFailure?: true;
  /** Its deployment, some of whose tasks fail, has seen it healthy. */
  readonly wasHealthy?: true;
  /** What its service's events have last said of its targets. */
  readonly targetsSaid?: 'registered' | 'deregistered';
  /** How often the row was written by a change of state: DescribeTasks' `version`. */
  readonly version: number;
}

/** It waits for room on an instance of its capacity provider. */
export function isWaiting(task: TaskRow): boolean {
  return (
    task.launchType === 'EC2' &&
    task.capacityProviderName !== undefined &&
    task.containerInstanceArn === undefined &&
    task.lastStatus === 'PROVISIONING' &&
    task.desiredStatus === 'RUNNING'
  );
}

export const tasks = table<TaskRow>('ecs.tasks', (row) => row.arn, {
  id: (row) => row.id,
  cluster: (row) => row.clusterArn,
  service: (row) => row.serviceArn,
  instance: (row) => row.containerInstanceArn,
  waiting: (row) => (isWaiting(row) ? row.clusterArn : undefined),
  credentials: (row) => row.credentialsId,
  definition: (row) => row.taskDefinitionArn,
  daemon: (row) => row.daemon?.arn,
  connect: connectVpc,
});

/** One line of what happened to a task, as the executor noted it. */
export interface TimelineEntry {
  readonly atMs: number;
  readonly text: string;
}

/** The newest last. */
export interface TaskTimelineRow {
  readonly taskArn: string;
  readonly entries: readonly TimelineEntry[];
}

export const taskTimelines = table<TaskTimelineRow>('ecs.task-timeline', (row) => row.taskArn);

/** What RunTask has answered to a client token. */
export interface ClientTokenRow {
  readonly clusterArn: string;
  readonly token: string;
  /** Of the request but its token. */
  readonly requestHash: string;
  readonly taskArns: readonly string[];
  /** Why there are not more tasks. */
  readonly failures?: readonly Failure[];
  readonly usedAtMs: number;
}

export const clientTokenKey = (clusterArn: string, token: string) => `${clusterArn}#${token}`;
export const clientTokens = table<ClientTokenRow>('ecs.client-tokens', (row) =>
  clientTokenKey(row.clusterArn, row.token),
);

/** What a deployment rolls out, besides the settings that a service has for all of them. */
export interface Workload {
  readonly taskDefinitionArn: string;
  readonly network: AwsVpcRow;
  readonly platformVersion: string;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly serviceRegistries?: readonly ServiceRegistry[];
  readonly connect?: ConnectRow;
  readonly monitoring?: MonitoringRow;
}

/** Why a deployment ended before it was complete. */
export type DeploymentFailure =
  | 'breaker'
  | 'alarms'
  | 'rollback-requested'
  | 'abort-requested'
  | 'hook-failed'
  | 'hook-timed-out'
  | 'hook-refused';

/** What CloudWatch says of a deployment's alarms. */
export interface DeploymentAlarmsRow {
  /** They were in ALARM before the deployment began, so they say nothing of it. */
  readonly isIgnored?: true;
  readonly triggered: readonly string[];
  /** How long the alarms are watched once the deployment has scaled out. */
  readonly bakeMs: number;
}

export interface DeploymentRow extends Workload {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly revisionArn: string;
  readonly serviceDeploymentArn: string;
  /** It brings back what was last complete, for the service deployment that failed. */
  readonly isRollback?: true;
  /** What its first tasks have pulled, and later ones run. */
  readonly imageDigests?: ImageDigests;
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly rolloutStateReason: string;
  readonly failure?: DeploymentFailure;
  /** StopServiceDeployment has asked for it. */
  readonly stopRequest?: 'ROLLBACK' | 'ABORT';
  /** Tasks that stopped before they were healthy, in a row. */
  readonly failedTasks: number;
  /** Of those, the last ones in a row that never ran. */
  readonly startFailures?: number;
  readonly lastFailureAtMs?: number;
  readonly alarms?: DeploymentAlarmsRow;
  /** It has scaled out, and is watched from then on before it is complete. */
  readonly bakeFromMs?: number;
  /** Its tasks join the alternate target groups. */
  readonly usesAlternate?: true;
  /** Of a deployment that shifts traffic. */
  readonly lifecycle?: LifecycleRow;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What a failed deployment goes back to. */
export interface CompletedDeployment extends Workload {
  readonly deploymentId: string;
  readonly revisionArn: string;
  readonly usesAlternate?: true;
  readonly imageDigests?: ImageDigests;
}

export interface ServiceEventRow {
  readonly id: string;
  readonly atMs: number;
  readonly message: string;
}

export interface ServiceRow extends Scope, Workload, ServicePlacementRow {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  /** Its tasks are those of task sets, which an external controller makes: it has no deployments. */
  readonly isExternal?: true;
  readonly desiredCount: number;
  readonly launchType: LaunchTypeRow;
  /** Where it is not placed by its launch type. */
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  readonly deploymentConfiguration: DeploymentConfiguration;
  readonly healthCheckGracePeriodSeconds?: number;
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED';
  /** Tasks are on their way to other zones: there may be more than desired meanwhile. */
  readonly isRebalancing?: true;
  readonly enableExecuteCommand: boolean;
  readonly propagateTags: 'NONE' | 'SERVICE' | 'TASK_DEFINITION';
  readonly enableEcsManagedTags: boolean;
  /** The primary first. */
  readonly deployments: readonly DeploymentRow[];
  readonly lastCompleted?: CompletedDeployment;
  /** Of a service whose deployments shift traffic. */
  readonly traffic?: TrafficRow;
  /** The newest first, 100 at most. */
  readonly events: readonly ServiceEventRow[];
  /** Said when it is reached, and again every six hours. */
  readonly steady: boolean;
  readonly steadySaidAtMs?: number;
  readonly tags: Tags;
  readonly clientToken?: string;
  /** Of the request that made it, but its token. */
  readonly requestHash?: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly deletedAtMs?: number;
}

export const services = table<ServiceRow>('ecs.services', (row) => row.arn, {
  scope: scopeKey,
  cluster: (row) => row.clusterArn,
  definition: definitionsOf,
  namespace: (row) => row.connect?.namespaceArn,
});

/** All that it runs, or may go back to. */
function definitionsOf({ status, taskDefinitionArn, deployments, lastCompleted }: ServiceRow): readonly string[] {
  if (status === 'INACTIVE') return [];
  const all = [taskDefinitionArn, ...deployments.map((one) => one.taskDefinitionArn), lastCompleted?.taskDefinitionArn];
  return [...new Set(all.flatMap((arn) => arn || []))];
}
