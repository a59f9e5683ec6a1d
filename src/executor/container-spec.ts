import type { ContainerSpec, ImageInfo } from '../runtime/runtime.ts';
import { parseImageReference } from '../runtime/image-reference.ts';
import type { TaskContainer, TaskSpec } from './executor.ts';

/** How containers are found again: ownership is by label. */
export const LABEL = {
  instance: 'longshore.instance',
  task: 'longshore.task',
  container: 'longshore.container',
  /** `pause` or `container`. */
  role: 'longshore.role',
  imageDigest: 'longshore.image-digest',
  vpc: 'longshore.vpc',
  interface: 'longshore.interface',
} as const;

/** The name that the ECS agent gives its own. */
const PAUSE_CONTAINER_NAME = '~internal~ecs~pause';

/** The container that holds the task's network namespace, host name and resolver: the others share all three. */
export function pauseSpec(spec: TaskSpec, instanceId: string, image: string): ContainerSpec {
  const { hostname, privateIp, dnsServers, dnsSearch, vpcId, interfaceId } = spec.network;
  return {
    name: `${namePrefix(spec, instanceId)}.pause`,
    image,
    labels: {
      ...taskLabels(spec, instanceId, PAUSE_CONTAINER_NAME),
      [LABEL.role]: 'pause',
      [LABEL.vpc]: vpcId,
      [LABEL.interface]: interfaceId,
    },
    network: 'none',
    hostname,
    extraHosts: [{ hostname, ipAddress: privateIp }],
    dnsServers,
    dnsSearch,
    stopSignal: 'SIGKILL',
    discardOutput: true,
  };
}

/**
 * One container of the task definition.
 * @param image what was pulled for it: the very digest is created, though the tag may have moved on
 */
export function containerSpec(
  spec: TaskSpec,
  container: TaskContainer,
  options: { readonly instanceId: string; readonly pauseId: string; readonly image: ImageInfo },
): ContainerSpec {
  const { instanceId, pauseId, image } = options;
  const { healthCheck } = container;
  return {
    name: `${namePrefix(spec, instanceId)}-${container.name.replace(/[^a-zA-Z0-9_-]/g, '-')}`,
    image: image.digest
      ? `${parseImageReference(container.pullReference).repository}@${image.digest}`
      : container.pullReference,
    labels: {
      ...container.dockerLabels,
      ...taskLabels(spec, instanceId, container.name),
      [LABEL.role]: 'container',
      ...(image.digest ? { [LABEL.imageDigest]: image.digest } : {}),
    },
    network: `container:${pauseId}`,
    environment: container.environment,
    capabilities: { add: container.capabilitiesAdd, drop: container.capabilitiesDrop },
    ulimits: container.ulimits,
    // A check that only the image names is not run on Fargate.
    healthCheck: healthCheck
      ? {
          test: healthCheck.command,
          intervalMs: healthCheck.intervalMs,
          timeoutMs: healthCheck.timeoutMs,
          retries: healthCheck.retries,
          startPeriodMs: healthCheck.startPeriodMs,
        }
      : { test: ['NONE'], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0 },
    ...(container.entryPoint ? { entryPoint: container.entryPoint } : {}),
    ...(container.command ? { command: container.command } : {}),
    ...(container.workingDirectory ? { workingDirectory: container.workingDirectory } : {}),
    ...(container.user ? { user: container.user } : {}),
    ...(container.readonlyRootFilesystem ? { readonlyRootFilesystem: true } : {}),
    ...(container.initProcess ? { init: true } : {}),
    ...limits(spec, container),
  };
}

/** A container's own limits; the task's where it has none. The task's CPU bounds each container. */
function limits(
  spec: TaskSpec,
  container: TaskContainer,
): Pick<ContainerSpec, 'cpuShares' | 'cpuLimit' | 'memoryLimitBytes' | 'memoryReservationBytes'> {
  const memoryLimitBytes = container.memoryBytes ?? spec.memoryBytes;
  const cpuShares = sharesOf(spec, container);
  return {
    ...(cpuShares === undefined ? {} : { cpuShares }),
    ...(spec.cpuUnits === undefined ? {} : { cpuLimit: spec.cpuUnits }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    ...(container.memoryReservationBytes === undefined
      ? {}
      : { memoryReservationBytes: container.memoryReservationBytes }),
  };
}

/** What a container asks for; those that ask for nothing share what the others leave of the task's. */
function sharesOf(spec: TaskSpec, container: TaskContainer): number | undefined {
  if (container.cpuUnits) return container.cpuUnits;
  if (spec.cpuUnits === undefined) return undefined;
  const asked = spec.containers.reduce((sum, { cpuUnits }) => sum + (cpuUnits ?? 0), 0);
  const silent = spec.containers.filter(({ cpuUnits }) => !cpuUnits).length;
  return Math.max(2, Math.floor((spec.cpuUnits - asked) / silent));
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
