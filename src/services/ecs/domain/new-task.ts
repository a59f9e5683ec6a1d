import type { ContainerDefinition, TaskOverride } from '@aws-sdk/client-ecs';
import { formatArn } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type { TaskSettingsRow } from '../account-setting-tables.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { NO_NETWORK } from '../container-instance-tables.ts';
import type { ContainerInstanceRow, ReservationRow, TaskPlaceRow, WaitRow } from '../container-instance-tables.ts';
import type { TaskConnectRow } from '../service-connect-tables.ts';
import type {
  AwsVpcRow,
  ClusterRow,
  ImageDigests,
  TaskContainerRow,
  TaskDefinitionRow,
  TaskRegistryRow,
  TaskRow,
  TaskTargetRow,
} from '../tables.ts';
import { LATEST_PLATFORM } from './platform-version.ts';

const DEFAULT_STORAGE_GIB = 20;

export interface NewTask extends TaskSettingsRow {
  readonly cluster: ClusterRow;
  readonly definition: TaskDefinitionRow;
  readonly network: AwsVpcRow;
  readonly subnetId: string;
  readonly tags: Tags;
  readonly capacityProviderName?: string | undefined;
  readonly platformVersion?: string | undefined;
  readonly group?: string | undefined;
  readonly startedBy?: string | undefined;
  readonly serviceArn?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly imageDigests?: ImageDigests | undefined;
  readonly targets?: readonly TaskTargetRow[] | undefined;
  readonly registry?: TaskRegistryRow | undefined;
  readonly connect?: TaskConnectRow | undefined;
  readonly overrides?: TaskOverride | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  /** Of a task that waits for a container instance. */
  readonly wait?: (WaitRow & { readonly reserved: ReservationRow }) | undefined;
  /** Of a task on a container instance. */
  readonly place?: TaskPlace | undefined;
}

export interface TaskPlace {
  readonly instance: ContainerInstanceRow;
  readonly reserved: ReservationRow;
}

/** A task as it is born, with nothing behind it yet: PROVISIONING, or PENDING where it needs no network interface. */
export function newTask(wanted: NewTask, ids: Ids, now: number): TaskRow {
  const { cluster, definition, overrides = {} } = wanted;
  const id = ids.hex(32);
  const storage = overrides.ephemeralStorage?.sizeInGiB ?? definition.definition.ephemeralStorage?.sizeInGiB;
  const hasRole = (overrides.taskRoleArn || definition.definition.taskRoleArn) !== undefined;
  return {
    account: cluster.account,
    region: cluster.region,
    arn: formatArn('ecs', cluster, `task/${cluster.name}/${id}`),
    id,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    family: definition.family,
    group: wanted.group ?? `family:${definition.family}`,
    platformVersion: wanted.platformVersion ?? LATEST_PLATFORM,
    attachmentId: ids.uuid(),
    targets: wanted.targets ?? [],
    overrides,
    ...placeOf(wanted),
    containers: (definition.definition.containerDefinitions ?? []).map((container) => ({
      arn: formatArn('ecs', cluster, `container/${cluster.name}/${id}/${ids.uuid()}`),
      ...newContainer(container, overrides),
    })),
    desiredStatus: 'RUNNING',
    tags: wanted.tags,
    createdAtMs: now,
    version: 1,
    ...given('capacityProviderName', wanted.capacityProviderName),
    ...given('isManaged', isManaged(wanted) ? (true as const) : undefined),
    ...given('startedBy', wanted.startedBy),
    ...given('serviceArn', wanted.serviceArn),
    ...given('deploymentId', wanted.deploymentId),
    ...given('imageDigests', wanted.imageDigests),
    ...given('registry', wanted.registry),
    ...given('connect', wanted.connect),
    ...given('logDriverMode', wanted.logDriverMode),
    ...given('enableExecuteCommand', wanted.enableExecuteCommand ? (true as const) : undefined),
    ...given('ephemeralStorageGib', storage === DEFAULT_STORAGE_GIB ? undefined : storage),
    ...given('credentialsId', hasRole ? ids.uuid() : undefined),
  };
}

function isManaged({ cluster, capacityProviderName: name = '' }: NewTask): boolean {
  return cluster.managedProviders?.includes(name) ?? false;
}

type Placed = Pick<
  TaskRow,
  'launchType' | 'cpu' | 'memory' | 'lastStatus' | 'network' | 'subnetId' | keyof TaskPlaceRow
>;

type Placing = Pick<NewTask, 'definition' | 'overrides' | 'network' | 'subnetId' | 'wait' | 'place'>;

/** What a task's row has of where it runs. */
export function placeOf({
  definition: { definition },
  overrides = {},
  network,
  subnetId,
  wait,
  place,
}: Placing): Placed {
  const awsvpc = { network, subnetId, lastStatus: 'PROVISIONING' as const };
  if (wait) {
    const { reserved, constraints, strategy } = wait;
    const size = { cpu: String(reserved.cpu), memory: String(reserved.memory), reserved };
    return { ...awsvpc, ...size, launchType: 'EC2', wait: { constraints, strategy } };
  }
  if (!place) {
    const { cpu = '256', memory = '512' } = definition;
    return { ...awsvpc, launchType: 'FARGATE', cpu: overrides.cpu ?? cpu, memory: overrides.memory ?? memory };
  }
  const { instance, reserved } = place;
  const { networkMode = 'bridge' } = definition;
  return {
    launchType: 'EC2',
    cpu: String(reserved.cpu),
    memory: String(reserved.memory),
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    availabilityZone: instance.availabilityZone,
    reserved,
    ...(networkMode === 'awsvpc'
      ? awsvpc
      : { networkMode, network: NO_NETWORK, subnetId: '', lastStatus: 'PENDING' as const }),
  };
}

function newContainer(container: ContainerDefinition, overrides: TaskOverride): Omit<TaskContainerRow, 'arn'> {
  const override = overrides.containerOverrides?.find((one) => one.name === container.name);
  const memory = override?.memory ?? container.memory;
  const reservation = override?.memoryReservation ?? container.memoryReservation;
  return {
    name: container.name ?? '',
    image: container.image ?? '',
    status: 'PENDING',
    health: 'UNKNOWN',
    cpu: String(override?.cpu ?? container.cpu ?? 0),
    ...given('memory', memory === undefined ? undefined : String(memory)),
    ...given('memoryReservation', reservation === undefined ? undefined : String(reservation)),
  };
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
