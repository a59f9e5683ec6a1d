import type { ContainerDefinition, ContainerOverride, LinuxParameters } from '@aws-sdk/client-ecs';
import type { DependencyCondition, TaskContainer } from '../../../executor/executor.ts';
import type { TaskContainerRow, TaskRow } from '../tables.ts';
import { pinnedReference, resolveImage } from './image-reference.ts';
import { metadataId } from './metadata-id.ts';
import { containerNetwork } from './task-spec-network.ts';
import { logDestination } from './task-spec-logs.ts';

export const MIB = 1024 * 1024;
const DEFAULT_STOP_TIMEOUT_S = 30;
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html */
const DEFAULT_RESTART_PERIOD_S = 300;
/** Of every task, by the link-local address that its containers reach the task's endpoint at. */
const TASK_ENDPOINT = 'http://169.254.170.2';

export interface ContainerPlace {
  readonly task: TaskRow;
  readonly registryHost: string;
  readonly executionRoleArn: string | undefined;
}

/** One container of a task, with its overrides applied; sizes in bytes, times in milliseconds. */
export function taskContainer(
  place: ContainerPlace,
  container: ContainerDefinition,
  override: ContainerOverride,
): TaskContainer {
  const { task, registryHost } = place;
  const image = container.image ?? '';
  const source = resolveImage(image, registryHost);
  return {
    name: container.name ?? '',
    image,
    pullReference: pinnedReference(source.reference, task.imageDigests?.[container.name ?? '']),
    pullFrom: source.from,
    essential: container.essential ?? true,
    environment: { ...injectedEnvironment(task, container.name ?? ''), ...environmentOf(container, override) },
    secrets: (container.secrets ?? []).map((secret) => ({
      name: secret.name ?? '',
      valueFrom: secret.valueFrom ?? '',
    })),
    // An override's files take the place of the definition's.
    environmentFiles: (override.environmentFiles ?? container.environmentFiles ?? []).map((file) => file.value ?? ''),
    stopTimeoutMs: (container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_S) * 1000,
    dockerLabels: container.dockerLabels ?? {},
    securityOptions: container.dockerSecurityOptions ?? [],
    ...orderOf(container),
    ...filesOf(container),
    ...containerNetwork(task, container),
    ...kernelOf(container),
    ...optional('pullSecret', container.repositoryCredentials?.credentialsParameter),
    // What is empty, as in an exported definition, leaves the image's own.
    ...optional('entryPoint', filled(container.entryPoint)),
    ...optional('command', filled(override.command ?? container.command)),
    ...optional('workingDirectory', container.workingDirectory || undefined),
    ...optional('user', container.user || undefined),
    ...optional('cpuUnits', (override.cpu ?? container.cpu) || undefined),
    ...optional('memoryBytes', bytes(override.memory ?? container.memory)),
    ...optional('memoryReservationBytes', bytes(override.memoryReservation ?? container.memoryReservation)),
    ...optional('readonlyRootFilesystem', container.readonlyRootFilesystem),
    ...optional('privileged', container.privileged),
    ...optional('interactive', container.interactive),
    ...optional('pseudoTerminal', container.pseudoTerminal),
    ...optional('healthCheck', healthCheckOf(container)),
    ...optional('restart', restartOf(container)),
    ...heardOf(rowOf(task, container.name)),
    ...optional('logs', logDestination(task, place.executionRoleArn, container)),
  };
}

function orderOf(container: ContainerDefinition): Pick<TaskContainer, 'dependsOn' | 'startTimeoutMs'> {
  return {
    dependsOn: (container.dependsOn ?? []).map((dependency) => ({
      container: dependency.containerName ?? '',
      condition: dependency.condition as DependencyCondition,
    })),
    ...optional('startTimeoutMs', container.startTimeout === undefined ? undefined : container.startTimeout * 1000),
  };
}

function filesOf(container: ContainerDefinition): Pick<TaskContainer, 'mounts' | 'volumesFrom' | 'tmpfs'> {
  return {
    mounts: (container.mountPoints ?? []).map((mount) => ({
      volume: mount.sourceVolume ?? '',
      path: mount.containerPath ?? '',
      readOnly: mount.readOnly ?? false,
    })),
    volumesFrom: (container.volumesFrom ?? []).map((from) => ({
      container: from.sourceContainer ?? '',
      readOnly: from.readOnly ?? false,
    })),
    tmpfs: (container.linuxParameters?.tmpfs ?? []).map((mount) => ({
      path: mount.containerPath ?? '',
      sizeBytes: (mount.size ?? 0) * MIB,
      options: mount.mountOptions ?? [],
    })),
  };
}

type Kernel =
  | 'capabilitiesAdd'
  | 'capabilitiesDrop'
  | 'ulimits'
  | 'devices'
  | 'systemControls'
  | 'sharedMemoryBytes'
  | 'swapBytes'
  | 'swappiness'
  | 'initProcess';

function kernelOf(container: ContainerDefinition): Pick<TaskContainer, Kernel> {
  const linux: LinuxParameters = container.linuxParameters ?? {};
  return {
    capabilitiesAdd: linux.capabilities?.add ?? [],
    capabilitiesDrop: linux.capabilities?.drop ?? [],
    ulimits: (container.ulimits ?? []).map((limit) => ({
      name: limit.name ?? '',
      soft: limit.softLimit ?? 0,
      hard: limit.hardLimit ?? 0,
    })),
    devices: (linux.devices ?? []).map((device) => ({
      hostPath: device.hostPath ?? '',
      containerPath: device.containerPath ?? device.hostPath ?? '',
      permissions: (device.permissions ?? ['read', 'write', 'mknod']).map((permission) => permission[0]).join(''),
    })),
    systemControls: Object.fromEntries(
      (container.systemControls ?? []).map((control) => [control.namespace ?? '', control.value ?? '']),
    ),
    ...optional('sharedMemoryBytes', bytes(linux.sharedMemorySize)),
    ...optional('swapBytes', bytes(linux.maxSwap)),
    ...optional('swappiness', linux.swappiness),
    ...optional('initProcess', linux.initProcessEnabled),
  };
}

function rowOf(task: TaskRow, name: string | undefined): TaskContainerRow | undefined {
  return task.containers.find((container) => container.name === name);
}

/** What the executor has told of it, which a new process cannot see any more where the container is gone. */
function heardOf(row: TaskContainerRow | undefined): Pick<TaskContainer, 'hasRun' | 'restartCount' | 'failure'> {
  if (!row) return {};
  const { status, exitCode, reason, restartCount } = row;
  // It ran: nobody saw with which code it ended.
  const hasVanished = status === 'STOPPED' && reason?.startsWith('ContainerVanishedError');
  const hasRun = status === 'RUNNING' || exitCode !== undefined || hasVanished;
  return {
    ...optional('hasRun', hasRun || undefined),
    ...optional('restartCount', restartCount),
    ...optional('failure', status === 'STOPPED' && !hasVanished ? reason : undefined),
  };
}

/**
 * What ECS puts into every container. AWS_ENDPOINT_URL is ours: without it an SDK would go to the real AWS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-metadata.html
 */
function injectedEnvironment(task: TaskRow, name: string): Record<string, string> {
  const id = metadataId(task, name);
  return {
    AWS_EXECUTION_ENV: `AWS_ECS_${task.launchType}`,
    AWS_REGION: task.region,
    AWS_DEFAULT_REGION: task.region,
    AWS_ENDPOINT_URL: TASK_ENDPOINT,
    ECS_CONTAINER_METADATA_URI: `${TASK_ENDPOINT}/v3/${id}`,
    ECS_CONTAINER_METADATA_URI_V4: `${TASK_ENDPOINT}/v4/${id}`,
    ECS_AGENT_URI: `${TASK_ENDPOINT}/api/${id}`,
    ...(task.credentialsId === undefined
      ? {}
      : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${task.credentialsId}` }),
  };
}

function environmentOf(container: ContainerDefinition, override: ContainerOverride): Record<string, string> {
  const pairs = [...(container.environment ?? []), ...(override.environment ?? [])];
  return Object.fromEntries(pairs.map((pair) => [pair.name ?? '', pair.value ?? '']));
}

function healthCheckOf(container: ContainerDefinition): TaskContainer['healthCheck'] | undefined {
  const check = container.healthCheck;
  if (!check || check.command?.[0] === 'NONE') return undefined;
  return {
    command: healthCommand(check.command ?? []),
    intervalMs: (check.interval ?? 30) * 1000,
    timeoutMs: (check.timeout ?? 5) * 1000,
    retries: check.retries ?? 3,
    startPeriodMs: (check.startPeriod ?? 0) * 1000,
  };
}

/** `CMD-SHELL, curl ...` as one string means the same as two. */
function healthCommand([first = '', ...rest]: readonly string[]): string[] {
  const joined = /^(CMD|CMD-SHELL),\s*(.*)$/s.exec(first);
  return joined ? [joined[1] ?? '', joined[2] ?? '', ...rest] : [first, ...rest];
}

function restartOf({ restartPolicy }: ContainerDefinition): TaskContainer['restart'] | undefined {
  if (!restartPolicy?.enabled) return undefined;
  return {
    ignoredExitCodes: restartPolicy.ignoredExitCodes ?? [],
    attemptPeriodMs: (restartPolicy.restartAttemptPeriod ?? DEFAULT_RESTART_PERIOD_S) * 1000,
  };
}

function filled(words: readonly string[] | undefined): readonly string[] | undefined {
  return words?.length ? words : undefined;
}

function bytes(mib: number | undefined): number | undefined {
  return mib === undefined ? undefined : mib * MIB;
}

export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
