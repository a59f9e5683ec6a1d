import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { clientError, refuseUnsupported } from '../errors.ts';
import { fargateSize, parseMemory } from './fargate-sizes.ts';
import { resolveImage } from './image-reference.ts';

import { HOST_ARCHITECTURE } from './host-architecture.ts';

type Definition = Omit<RegisterTaskDefinitionCommandInput, 'tags'>;

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const UNSUPPORTED_IN_TASK = [
  'volumes',
  'placementConstraints',
  'pidMode',
  'ipcMode',
  'proxyConfiguration',
  'inferenceAccelerators',
  'ephemeralStorage',
  'enableFaultInjection',
];
const UNSUPPORTED_IN_CONTAINER = [
  'secrets',
  'environmentFiles',
  'mountPoints',
  'volumesFrom',
  'repositoryCredentials',
  'restartPolicy',
  'privileged',
  'links',
  'hostname',
  'dnsServers',
  'dnsSearchDomains',
  'extraHosts',
  'dockerSecurityOptions',
  'interactive',
  'pseudoTerminal',
  'systemControls',
  'resourceRequirements',
  'firelensConfiguration',
  'credentialSpecs',
  'disableNetworking',
];
const UNSUPPORTED_IN_LINUX = ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'];
const LOG_OPTIONS = new Set([
  'awslogs-group',
  'awslogs-region',
  'awslogs-stream-prefix',
  'awslogs-create-group',
  'mode',
  'max-buffer-size',
]);

/**
 * Checks a task definition as RegisterTaskDefinition does and fills in ECS's defaults.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
export function normaliseTaskDefinition(input: Definition, registryHost: string): Definition {
  if (!NAME.test(input.family ?? '')) {
    throw clientError(
      'Family contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  refuseUnsupported(input, UNSUPPORTED_IN_TASK);
  checkPlatform(input);
  const fargate = input.requiresCompatibilities?.includes('FARGATE') ?? false;
  for (const compatibility of input.requiresCompatibilities ?? []) {
    if (compatibility !== 'FARGATE' && compatibility !== 'EC2') {
      throw clientError(`Longshore does not support requiresCompatibilities ${compatibility} yet.`);
    }
  }
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) throw clientError('Container list cannot be empty.');
  containers.forEach((container) => checkContainer(container, fargate));
  checkTogether(containers);
  const size = fargate ? sizeOf(input) : {};
  if (fargate) checkFargate(input, containers, registryHost);
  return {
    ...input,
    ...size,
    containerDefinitions: containers.map((container) => withDefaults(container, input.networkMode === 'awsvpc')),
  };
}

/** A task of another platform would be registered, and fail only when it starts. */
function checkPlatform({ runtimePlatform }: Definition): void {
  const { operatingSystemFamily = 'LINUX', cpuArchitecture } = runtimePlatform ?? {};
  if (operatingSystemFamily !== 'LINUX') {
    throw clientError(`Longshore does not support runtimePlatform.operatingSystemFamily ${operatingSystemFamily} yet.`);
  }
  if (cpuArchitecture && cpuArchitecture !== HOST_ARCHITECTURE) {
    throw clientError(
      `Longshore does not support runtimePlatform.cpuArchitecture ${cpuArchitecture} on this host, which is ${HOST_ARCHITECTURE}.`,
    );
  }
}

function checkContainer(container: ContainerDefinition, fargate: boolean): void {
  if (!NAME.test(container.name ?? '')) {
    throw clientError(
      'Container.name contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  const image = container.image ?? '';
  if (image === '') throw clientError('Container.image should not be null or empty.');
  if (image.length > 2048 || /[\s\p{C}]/u.test(image))
    throw clientError('Container.image contains invalid characters.');
  refuseUnsupported(container, UNSUPPORTED_IN_CONTAINER, `containerDefinitions[${container.name}].`);
  refuseUnsupported(
    container.linuxParameters ?? {},
    UNSUPPORTED_IN_LINUX,
    `containerDefinitions[${container.name}].linuxParameters.`,
  );
  for (const port of container.portMappings ?? []) {
    if (port.containerPort === undefined || port.containerPort < 1 || port.containerPort > 65_535) {
      throw clientError(`Invalid 'containerPort' setting for container '${container.name}'.`);
    }
    if (fargate && port.hostPort !== undefined && port.hostPort !== 0 && port.hostPort !== port.containerPort) {
      throw clientError(`When networkMode=awsvpc, the host ports and container ports in port mappings must match.`);
    }
  }
  checkMemory(container, fargate);
  checkLogs(container);
  checkHealthCheck(container);
}

function checkMemory(container: ContainerDefinition, fargate: boolean): void {
  const { memory, memoryReservation } = container;
  for (const value of [memory, memoryReservation]) {
    if (value !== undefined && value < 6) {
      throw clientError(`Invalid setting for container '${container.name}'. 'memory' must be at least 6 MiB.`);
    }
  }
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
    throw clientError(
      `Invalid setting for container '${container.name}'. 'memory' must be greater than 'memoryReservation'.`,
    );
  }
  if (!fargate && memory === undefined && memoryReservation === undefined) {
    throw clientError(
      `Invalid setting for container '${container.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
}

function checkLogs(container: ContainerDefinition): void {
  const logs = container.logConfiguration;
  if (!logs) return;
  if (logs.logDriver !== 'awslogs') {
    throw clientError(`Longshore does not support log driver '${logs.logDriver}' yet: use awslogs.`);
  }
  if (logs.secretOptions?.length) throw clientError('Longshore does not support logConfiguration.secretOptions yet.');
  const options = logs.options ?? {};
  if (!options['awslogs-group']) {
    throw clientError('Log driver awslogs requires options: awslogs-region, awslogs-group');
  }
  for (const option of Object.keys(options)) {
    if (!LOG_OPTIONS.has(option)) {
      throw clientError(`Log driver awslogs disallows options: ${option}`);
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
function checkHealthCheck(container: ContainerDefinition): void {
  const check = container.healthCheck;
  if (!check) return;
  const kind = check.command?.[0];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL' && kind !== 'NONE') {
    throw clientError(`Health check command for container '${container.name}' must start with CMD, CMD-SHELL or NONE.`);
  }
  const ranges = [
    ['interval', check.interval, 5, 300],
    ['timeout', check.timeout, 2, 60],
    ['retries', check.retries, 1, 10],
    ['startPeriod', check.startPeriod, 0, 300],
  ] as const;
  for (const [name, value, least, most] of ranges) {
    if (value !== undefined && (value < least || value > most)) {
      throw clientError(`Health check ${name} of container '${container.name}' must be between ${least} and ${most}.`);
    }
  }
}

function checkTogether(containers: readonly ContainerDefinition[]): void {
  const names = new Set(containers.map((container) => container.name));
  if (names.size < containers.length) throw clientError('Container names must be unique within a task definition.');
  if (containers.every((container) => container.essential === false)) {
    throw clientError('At least one container in a task definition must be essential.');
  }
  for (const container of containers) {
    for (const dependency of container.dependsOn ?? []) {
      const target = containers.find((other) => other.name === dependency.containerName);
      if (!target || target === container) {
        throw clientError(
          `Container '${container.name}' depends on '${dependency.containerName}', which is not another container of this task definition.`,
        );
      }
      if (dependency.condition === 'HEALTHY' && !target.healthCheck) {
        throw clientError(
          `Container '${container.name}' depends on container '${target.name}' being HEALTHY, but it has no health check.`,
        );
      }
    }
  }
  const cycle = findCycle(containers);
  if (cycle) throw clientError(`There are cycles in the container dependencies: ${cycle.join(' -> ')}`);
  const ports = containers.flatMap((container) =>
    (container.portMappings ?? []).map((port) => `${port.containerPort}/${port.protocol ?? 'tcp'}`),
  );
  const taken = ports.find((port, index) => ports.indexOf(port) < index);
  if (taken) throw clientError(`The container port ${taken} is mapped by more than one container.`);
}

function findCycle(containers: readonly ContainerDefinition[]): readonly string[] | undefined {
  const needs = new Map(
    containers.map((container) => [
      container.name ?? '',
      (container.dependsOn ?? []).map((dep) => dep.containerName ?? ''),
    ]),
  );
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const next of needs.get(name) ?? []) {
      const cycle = walk(next, [...path, name]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const name of needs.keys()) {
    const cycle = walk(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function sizeOf(input: Definition): { cpu: string; memory: string } {
  if (!input.cpu) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (!input.memory) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  return fargateSize(input.cpu, input.memory);
}

function checkFargate(input: Definition, containers: readonly ContainerDefinition[], registryHost: string): void {
  if (input.networkMode !== 'awsvpc') throw clientError('Fargate only supports network mode ‘awsvpc’.');
  const memory = parseMemory(input.memory ?? '') ?? 0;
  const asked = containers.reduce((sum, container) => sum + (container.memory ?? container.memoryReservation ?? 0), 0);
  if (asked > memory) throw clientError("The total memory of the containers exceeds the task's memory limit.");
  if (!input.executionRoleArn) {
    if (containers.some((container) => resolveImage(container.image ?? '', registryHost).from === 'ecr')) {
      throw clientError('Fargate requires task definition to have execution role ARN to support ECR images.');
    }
    if (containers.some((container) => container.logConfiguration?.logDriver === 'awslogs')) {
      throw clientError('Fargate requires task definition to have execution role ARN to support log driver awslogs.');
    }
  }
  for (const capability of containers.flatMap((container) => container.linuxParameters?.capabilities?.add ?? [])) {
    if (capability !== 'SYS_PTRACE') {
      throw clientError(`Fargate only supports adding the SYS_PTRACE capability: ${capability} cannot be added.`);
    }
  }
}

function withDefaults(container: ContainerDefinition, awsvpc: boolean): ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    portMappings: (container.portMappings ?? []).map((port) => ({
      ...port,
      hostPort: port.hostPort || (awsvpc ? port.containerPort : 0),
      protocol: port.protocol ?? 'tcp',
    })),
  };
}
