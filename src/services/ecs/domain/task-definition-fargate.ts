import type { ContainerDefinition, LinuxParameters } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';
import { fargateSize } from './fargate-sizes.ts';
import { resolveImage } from './image-reference.ts';
import { checkRange } from './task-definition-rules.ts';
import type { Definition } from './task-definition-rules.ts';

const MOST_SECONDS = 120;
const NOT_OF_LINUX: readonly (keyof LinuxParameters)[] = ['devices', 'sharedMemorySize', 'maxSwap', 'swappiness'];

/**
 * What a task on Fargate must have, and cannot have, in the words of platform version 1.4.0.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export function checkFargate(definition: Definition, registryHost: string): void {
  const { networkMode, cpu, memory, containerDefinitions = [] } = definition;
  if (networkMode !== 'awsvpc') throw clientError('Fargate only supports network mode ‘awsvpc’.');
  if (!cpu) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (!memory) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  fargateSize(cpu, memory);
  checkTask(definition);
  containerDefinitions.forEach(checkContainer);
  checkExecutionRole(definition, registryHost);
  for (const { logConfiguration: logs } of containerDefinitions) {
    if (logs?.logDriver !== 'awslogs' || logs.options?.['awslogs-stream-prefix']) continue;
    throw clientError(
      'Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.',
    );
  }
}

function checkTask({ ipcMode, pidMode, placementConstraints, ephemeralStorage, volumes = [] }: Definition): void {
  if (ipcMode) throw clientError('Tasks using the Fargate launch type do not support ipcMode.');
  if (pidMode === 'host') throw clientError("Tasks using the Fargate launch type only support pidMode 'task'.");
  if (placementConstraints?.length) {
    throw clientError('Tasks using the Fargate launch type do not support placementConstraints.');
  }
  checkRange(ephemeralStorage?.sizeInGiB, 'ephemeralStorage.sizeInGiB', 21, 200);
  for (const volume of volumes) {
    if (volume.host?.sourcePath) throw clientError('Fargate compatible task definitions do not support sourcePath');
    if (volume.dockerVolumeConfiguration) {
      throw clientError('Fargate compatible task definitions do not support dockerVolumeConfiguration');
    }
  }
}

function checkContainer(container: ContainerDefinition): void {
  if (container.privileged) throw clientError('Fargate compatible task definitions do not support privileged');
  if (container.dockerSecurityOptions?.length) {
    throw clientError('Fargate compatible task definitions do not support dockerSecurityOptions');
  }
  const linux = container.linuxParameters ?? {};
  for (const member of NOT_OF_LINUX) {
    const value = linux[member];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw clientError(`Fargate compatible task definitions do not support ${member}`);
  }
  for (const capability of linux.capabilities?.add ?? []) {
    if (capability !== 'SYS_PTRACE') {
      throw clientError(`Fargate only supports adding the SYS_PTRACE capability: ${capability} cannot be added.`);
    }
  }
  checkRange(container.startTimeout, `startTimeout of container '${container.name}'`, 2, MOST_SECONDS);
  checkRange(container.stopTimeout, `stopTimeout of container '${container.name}'`, 0, MOST_SECONDS);
}

function checkExecutionRole({ executionRoleArn, containerDefinitions = [] }: Definition, registryHost: string): void {
  if (executionRoleArn) return;
  if (containerDefinitions.some((container) => resolveImage(container.image ?? '', registryHost).from === 'ecr')) {
    throw clientError('Fargate requires task definition to have execution role ARN to support ECR images.');
  }
  for (const { logConfiguration } of containerDefinitions) {
    if (!logConfiguration) continue;
    throw clientError(
      `Fargate requires task definition to have execution role ARN to support log driver ${logConfiguration.logDriver}.`,
    );
  }
}
