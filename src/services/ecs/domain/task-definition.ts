import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { clientError, refuseUnsupported } from '../errors.ts';
import { taskCpu, taskMemory } from './fargate-sizes.ts';
import { HOST_ARCHITECTURE } from './host-architecture.ts';
import { checkDefinitionConstraints } from './placement/constraints.ts';
import { checkContainer } from './task-definition-container.ts';
import { checkDependencies } from './task-definition-dependencies.ts';
import { checkFargate } from './task-definition-fargate.ts';
import { checkManagedMode, checkNetworkMode } from './task-definition-network.ts';
import { checkPorts, withPortDefaults } from './task-definition-ports.ts';
import { checkRoles } from './task-definition-roles.ts';
import { NAME } from './task-definition-rules.ts';
import type { Definition } from './task-definition-rules.ts';
import { checkVolumes, withVolumeDefaults } from './task-definition-volumes.ts';

const MOST_CONTAINERS = 10;
const MOST_BYTES = 65_536;
const COMPATIBILITIES: readonly string[] = ['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'];
/** What would need a service, or hardware, that is not here: in no launch type. */
const UNSUPPORTED_IN_TASK = ['proxyConfiguration', 'inferenceAccelerators', 'enableFaultInjection'];

/**
 * Checks a task definition as RegisterTaskDefinition does and fills in ECS's defaults. What it cannot do on this server
 * is refused by name.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 * @throws ClientException
 */
export function normaliseTaskDefinition(given: Definition, registryHost: string): Definition {
  const input = withManagedMode(given);
  if (!NAME.test(input.family ?? '')) {
    throw clientError(
      'Family contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  refuseUnsupported(input, UNSUPPORTED_IN_TASK);
  checkPlatform(input);
  checkModes(input);
  const containers = input.containerDefinitions ?? [];
  checkCount(containers);
  const definition = { ...withoutEmpty(input), ...sizeOf(input) };
  containers.forEach((container) => checkContainer(container, definition));
  checkNetworkMode(definition);
  checkPorts(definition);
  checkDependencies(containers);
  checkVolumes(definition);
  checkRoles(definition);
  checkSum(definition);
  if (input.requiresCompatibilities?.includes('FARGATE')) checkFargate(definition, registryHost);
  if (input.requiresCompatibilities?.includes('MANAGED_INSTANCES')) checkManagedMode(definition);
  checkLength(definition);
  return {
    ...definition,
    ...(input.volumes && { volumes: input.volumes.map(withVolumeDefaults) }),
    containerDefinitions: containers.map((container) => withDefaults(container, input.networkMode)),
  };
}

/** Elsewhere the default is bridge. */
function withManagedMode(input: Definition): Definition {
  if (input.networkMode !== undefined || !input.requiresCompatibilities?.includes('MANAGED_INSTANCES')) return input;
  return { ...input, networkMode: 'awsvpc' };
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

function checkModes({ requiresCompatibilities = [], pidMode, ipcMode, placementConstraints = [] }: Definition): void {
  for (const compatibility of requiresCompatibilities) {
    if (!COMPATIBILITIES.includes(compatibility)) {
      throw clientError(`Invalid 'requiresCompatibilities' setting for task: ${compatibility}.`);
    }
  }
  if (pidMode && !['host', 'task'].includes(pidMode)) throw clientError("Invalid 'pidMode' setting for task.");
  if (ipcMode && !['host', 'task', 'none'].includes(ipcMode)) throw clientError("Invalid 'ipcMode' setting for task.");
  checkDefinitionConstraints(placementConstraints);
}

function checkCount(containers: readonly ContainerDefinition[]): void {
  if (containers.length === 0) throw clientError('Container list cannot be empty.');
  if (containers.length > MOST_CONTAINERS) throw clientError('Too many containers.');
  const names = new Set(containers.map((container) => container.name));
  if (names.size < containers.length) throw clientError('Container names must be unique within a task definition.');
  if (containers.every((container) => container.essential === false)) {
    throw clientError('At least one container in a task definition must be essential.');
  }
}

/** Tools that write every member write an empty one for what is not wanted. */
function withoutEmpty(input: Definition): Definition {
  const { taskRoleArn, executionRoleArn, pidMode, ipcMode, ...rest } = input;
  return {
    ...rest,
    ...(taskRoleArn && { taskRoleArn }),
    ...(executionRoleArn && { executionRoleArn }),
    ...(pidMode && { pidMode }),
    ...(ipcMode && { ipcMode }),
  };
}

/** As it is shown: in CPU units and MiB, however it was written. */
function sizeOf({ cpu, memory }: Definition): Pick<Definition, 'cpu' | 'memory'> {
  return {
    ...(cpu !== undefined && { cpu: taskCpu(cpu) }),
    ...(memory !== undefined && { memory: taskMemory(memory) }),
  };
}

/** Of each container its reservation, or its limit where it reserves nothing. */
function checkSum({ cpu, memory, containerDefinitions = [] }: Definition): void {
  const units = containerDefinitions.reduce((sum, container) => sum + (container.cpu ?? 0), 0);
  if (cpu !== undefined && units > Number(cpu)) {
    throw clientError("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.");
  }
  const mib = containerDefinitions.reduce((sum, each) => sum + (each.memoryReservation ?? each.memory ?? 0), 0);
  if (memory !== undefined && mib > Number(memory)) {
    throw clientError(
      "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
    );
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
function checkLength(definition: Definition): void {
  const length = Buffer.byteLength(JSON.stringify(definition));
  if (length > MOST_BYTES)
    throw clientError(`Actual length: '${length}'. Max allowed length is '${MOST_BYTES}' bytes.`);
}

/** DescribeTaskDefinition shows these where nothing was given. */
function withDefaults(container: ContainerDefinition, networkMode: Definition['networkMode']): ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    portMappings: (container.portMappings ?? []).map((port) => withPortDefaults(port, networkMode)),
    ...(container.healthCheck && { healthCheck: { interval: 30, timeout: 5, retries: 3, ...container.healthCheck } }),
  };
}
