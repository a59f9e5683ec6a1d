import type { Attachment, Container, ManagedAgent, Task } from '@aws-sdk/client-ecs';
import { checkedContainers } from '../domain/checked-containers.ts';
import { HOST_ARCHITECTURE } from '../domain/host-architecture.ts';
import { launchTypeOf } from '../domain/launch.ts';
import { tagList } from '../domain/tag-list.ts';
import { taskHealth } from '../domain/task-report.ts';
import type { TaskContainerRow, TaskDefinitionRow, TaskRow } from '../tables.ts';

export function taskView(
  row: TaskRow,
  definition: TaskDefinitionRow | undefined,
  include: readonly string[] = [],
): Task {
  return {
    taskArn: row.arn,
    clusterArn: row.clusterArn,
    taskDefinitionArn: row.taskDefinitionArn,
    group: row.group,
    launchType: launchTypeOf(row),
    ...(row.capacityProviderName === undefined ? {} : { capacityProviderName: row.capacityProviderName }),
    ...(row.launchType === 'FARGATE' ? { platformVersion: row.platformVersion, platformFamily: 'Linux' } : {}),
    ...(row.containerInstanceArn === undefined ? {} : { containerInstanceArn: row.containerInstanceArn }),
    lastStatus: row.lastStatus,
    desiredStatus: row.desiredStatus,
    healthStatus: taskHealth(row.containers, checkedContainers(definition)),
    cpu: row.cpu,
    memory: row.memory,
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...row.overrides },
    attachments: row.networkMode || (row.wait && row.network.subnets.length === 0) ? [] : [attachmentView(row)],
    attributes: [{ name: 'ecs.cpu-architecture', value: HOST_ARCHITECTURE.toLowerCase() }],
    containers: row.containers.map((container) => containerView(row, container)),
    ...(row.launchType === 'FARGATE' && storageView(row)),
    enableExecuteCommand: row.enableExecuteCommand ?? false,
    inferenceAccelerators: [],
    version: row.version,
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    createdAt: new Date(row.createdAtMs),
    ...(row.startedBy === undefined ? {} : { startedBy: row.startedBy }),
    ...connectivityView(row),
    ...(row.stopCode === undefined ? {} : { stopCode: row.stopCode }),
    ...(row.stoppedReason === undefined ? {} : { stoppedReason: row.stoppedReason }),
    ...timestamps(row),
  };
}

function storageView({ ephemeralStorageGib: sizeInGiB = 20 }: TaskRow): Partial<Task> {
  return { ephemeralStorage: { sizeInGiB }, fargateEphemeralStorage: { sizeInGiB } };
}

/** A task on its instance's network is connected once it has begun. */
function connectivityView({ interface: eni, networkMode, availabilityZone: own }: TaskRow): Partial<Task> {
  const availabilityZone = eni?.availabilityZone ?? own;
  return {
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    ...(eni || networkMode ? { connectivity: 'CONNECTED' as const } : {}),
  };
}

function timestamps(row: TaskRow): Partial<Task> {
  const times = {
    connectivityAt: row.connectivityAtMs,
    pullStartedAt: row.pullStartedAtMs,
    pullStoppedAt: row.pullStoppedAtMs,
    startedAt: row.startedAtMs,
    stoppingAt: row.stoppingAtMs,
    executionStoppedAt: row.executionStoppedAtMs,
    stoppedAt: row.stoppedAtMs,
  };
  return Object.fromEntries(
    Object.entries(times).flatMap(([name, atMs]) => (atMs === undefined ? [] : [[name, new Date(atMs)]])),
  );
}

function attachmentView(row: TaskRow): Attachment {
  const eni = row.interface;
  return {
    id: row.attachmentId,
    type: 'ElasticNetworkInterface',
    status: attachmentStatus(row),
    details: [
      { name: 'subnetId', value: eni?.subnetId ?? row.subnetId },
      ...(eni
        ? [
            { name: 'networkInterfaceId', value: eni.interfaceId },
            { name: 'macAddress', value: eni.macAddress },
            { name: 'privateDnsName', value: eni.privateDnsName },
            { name: 'privateIPv4Address', value: eni.privateIp },
          ]
        : []),
    ],
  };
}

function attachmentStatus(row: TaskRow): string {
  if (row.lastStatus === 'STOPPED') return 'DELETED';
  if (row.lastStatus === 'DEPROVISIONING') return row.interface ? 'DETACHING' : 'DETACHED';
  return row.interface ? 'ATTACHED' : 'PRECREATED';
}

/** ECS Exec's agent lives and ends with its container. */
function managedAgents(row: TaskRow, container: TaskContainerRow): ManagedAgent[] {
  if (!row.enableExecuteCommand) return [];
  const startedAt = container.status === 'RUNNING' ? row.startedAtMs : undefined;
  return [
    {
      name: 'ExecuteCommandAgent',
      lastStatus: container.status,
      ...(startedAt === undefined ? {} : { lastStartedAt: new Date(startedAt) }),
    },
  ];
}

function containerView(row: TaskRow, container: TaskContainerRow): Container {
  return {
    containerArn: container.arn,
    taskArn: row.arn,
    name: container.name,
    image: container.image,
    lastStatus: container.status,
    healthStatus: container.health,
    networkBindings: (container.networkBindings ?? []).map((binding) => ({ ...binding })),
    networkInterfaces: row.interface
      ? [{ attachmentId: row.attachmentId, privateIpv4Address: row.interface.privateIp }]
      : [],
    managedAgents: managedAgents(row, container),
    cpu: container.cpu ?? '0',
    ...(container.memory === undefined ? {} : { memory: container.memory }),
    ...(container.memoryReservation === undefined ? {} : { memoryReservation: container.memoryReservation }),
    ...(container.runtimeId === undefined ? {} : { runtimeId: container.runtimeId }),
    ...(container.imageDigest === undefined ? {} : { imageDigest: container.imageDigest }),
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(container.reason === undefined ? {} : { reason: container.reason }),
  };
}
