import type { ContainerSpec, HealthCheck, ImageInfo, Mount } from '../runtime/runtime.ts';
import { parseImageReference } from '../runtime/image-reference.ts';
import type { AwsvpcNetwork, TaskContainer, TaskSpec } from './executor.ts';
import { LABEL } from './labels.ts';
import { containerLimits } from './container-limits.ts';
import { networkMounts } from './network-files.ts';
import { hostPortsLabel } from './port-ranges.ts';
import type { HostRange } from './port-ranges.ts';
import { containerNetwork, interfaceOf } from './task-network.ts';
import { containerMounts } from './task-volumes.ts';

/** The name that the ECS agent gives its own. */
const PAUSE_CONTAINER_NAME = '~internal~ecs~pause';

export interface PausePlace {
  readonly instanceId: string;
  readonly image: string;
  /** The task's own control group, where this host has one. */
  readonly cgroupParent?: string;
  /** The engine writes /etc/hosts and its like, which are otherwise mounted from this host. */
  readonly engineWritesFiles?: boolean;
}

/** The container that holds the task's network namespace and host name, which the others share, or its processes or memory alone. */
export function pauseSpec(spec: TaskSpec, place: PausePlace): ContainerSpec {
  const { instanceId, image, cgroupParent, engineWritesFiles = false } = place;
  const own = interfaceOf(spec);
  return {
    name: `${namePrefix(spec, instanceId)}.pause`,
    image,
    labels: {
      ...taskLabels(spec, instanceId, PAUSE_CONTAINER_NAME),
      [LABEL.role]: 'pause',
      ...(own ? { [LABEL.vpc]: own.vpcId, [LABEL.interface]: own.interfaceId } : {}),
    },
    // Bare, since the engine's own setting up of a network takes half as long as all else of a start.
    ...(own && engineWritesFiles ? engineNames(own) : { network: 'bare', ...(own ? { hostname: own.hostname } : {}) }),
    stopSignal: 'SIGKILL',
    discardOutput: true,
    // The first process of all of the task's: it must reap those whose parents are gone.
    ...(spec.pidMode === 'task' ? { init: true } : {}),
    ...(spec.ipcMode === 'task' ? { ipcMode: 'shareable' } : {}),
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
  };
}

function engineNames({ hostname, privateIp, dnsServers, dnsSearch, hosts = [] }: AwsvpcNetwork) {
  const more = hosts.map(({ name, address }) => ({ hostname: name, ipAddress: address }));
  return {
    network: 'none',
    hostname,
    dnsServers,
    dnsSearch,
    extraHosts: [{ hostname, ipAddress: privateIp }, ...more],
  } as const;
}

export interface ContainerPlace {
  readonly instanceId: string;
  /** Where the task has a pause container. */
  readonly pauseId?: string;
  /** What was pulled for it: the very digest is created, though the tag may have moved on. */
  readonly image: ImageInfo;
  /** The task's own control group, with the task's limits, where this host has one. */
  readonly cgroupParent?: string;
  /** The task's /etc/hosts and its like. */
  readonly networkFiles?: readonly Mount[];
  /** Where the container's ranges of ports answer on its instance. */
  readonly hostRanges?: readonly HostRange[];
  /** All of it, secrets included; left out: what the task definition says in the open. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One container of the task definition. */
export function containerSpec(spec: TaskSpec, container: TaskContainer, place: ContainerPlace): ContainerSpec {
  const { instanceId, pauseId, image, cgroupParent, networkFiles = [], environment = container.environment } = place;
  const { hostRanges = [] } = place;
  const own = containerMounts(spec, container, instanceId);
  const mounts = [...own, ...networkMounts(networkFiles, own, container.readonlyRootFilesystem)];
  const { pidMode, ipcMode } = spec;
  return {
    name: engineName(spec, container.name, instanceId),
    image: image.digest
      ? `${parseImageReference(container.pullReference).repository}@${image.digest}`
      : container.pullReference,
    labels: {
      ...container.dockerLabels,
      ...taskLabels(spec, instanceId, container.name),
      [LABEL.role]: 'container',
      ...(image.digest ? { [LABEL.imageDigest]: image.digest } : {}),
      ...(hostRanges.length > 0 ? { [LABEL.hostPorts]: hostPortsLabel(hostRanges) } : {}),
    },
    ...containerNetwork(spec, container, {
      nameOf: (name) => engineName(spec, name, instanceId),
      hostRanges,
      ...(pauseId === undefined ? {} : { pauseId }),
    }),
    environment,
    capabilities: { add: container.capabilitiesAdd, drop: container.capabilitiesDrop },
    ulimits: container.ulimits,
    healthCheck: healthCheckOf(container),
    ...(pidMode === undefined ? {} : { pidMode: pidMode === 'host' ? 'host' : `container:${pauseId}` }),
    ...(ipcMode === undefined ? {} : { ipcMode: ipcMode === 'task' ? `container:${pauseId}` : ipcMode }),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...volumesFrom(spec, container, instanceId),
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
    ...given(container, ['entryPoint', 'command', 'workingDirectory', 'user', 'privileged', 'interactive']),
    ...given(container, ['pseudoTerminal', 'readonlyRootFilesystem', 'sharedMemoryBytes', 'swapBytes', 'swappiness']),
    ...given(container, ['devices', 'systemControls', 'securityOptions']),
    ...(container.initProcess ? { init: true } : {}),
    ...containerLimits(spec, container, cgroupParent !== undefined),
  };
}

/** For the volumes that the other's image declares: those of the task definition are in `mounts`. */
function volumesFrom(spec: TaskSpec, container: TaskContainer, instanceId: string): Pick<ContainerSpec, 'volumesFrom'> {
  const sources = container.volumesFrom.flatMap(({ container: name, readOnly }) => {
    const source = spec.containers.find((one) => one.name === name);
    return source ? [{ container: engineName(spec, source.name, instanceId), readOnly }] : [];
  });
  return sources.length === 0 ? {} : { volumesFrom: sources };
}

/** Unique on the host. */
function engineName(spec: TaskSpec, name: string, instanceId: string): string {
  return `${namePrefix(spec, instanceId)}-${name.replace(/[^a-zA-Z0-9_-]/g, '-')}`;
}

/** Those members that say something: not left out, empty or false. */
function given<K extends keyof TaskContainer>(
  container: TaskContainer,
  keys: readonly K[],
): { [P in K]?: NonNullable<TaskContainer[P]> } {
  const found: { [P in K]?: NonNullable<TaskContainer[P]> } = {};
  for (const key of keys) {
    const value = container[key];
    if (value === undefined || value === null || value === false || value === '') continue;
    if (typeof value === 'object' && key !== 'entryPoint' && key !== 'command' && Object.keys(value).length === 0) {
      continue;
    }
    found[key] = value;
  }
  return found;
}

/** A check that only the image names is not run on Fargate. */
function healthCheckOf({ healthCheck }: TaskContainer): HealthCheck {
  if (!healthCheck) return { test: ['NONE'], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0 };
  const { command, ...times } = healthCheck;
  return { test: command, ...times };
}

function taskLabels(spec: TaskSpec, instanceId: string, containerName: string): Record<string, string> {
  return {
    [LABEL.instance]: instanceId,
    [LABEL.task]: spec.taskArn,
    [LABEL.container]: containerName,
    'com.amazonaws.ecs.cluster': spec.clusterArn,
    'com.amazonaws.ecs.container-name': containerName,
    'com.amazonaws.ecs.task-arn': spec.taskArn,
    'com.amazonaws.ecs.task-definition-family': spec.family,
    'com.amazonaws.ecs.task-definition-version': String(spec.taskDefinitionRevision),
  };
}

function namePrefix(spec: TaskSpec, instanceId: string): string {
  return `ls-${instanceId}-${spec.taskId.replace(/[^a-zA-Z0-9_-]/g, '-')}`;
}
