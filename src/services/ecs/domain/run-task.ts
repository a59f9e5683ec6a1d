import type { RunTaskCommandInput, TaskOverride } from '@aws-sdk/client-ecs';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';
import { fargateSize } from './fargate-sizes.ts';
import type { ClusterRow, TaskDefinitionRow } from '../tables.ts';

const UNSUPPORTED = [
  'placementConstraints',
  'placementStrategy',
  'enableExecuteCommand',
  'referenceId',
  'volumeConfigurations',
];
const UNSUPPORTED_OVERRIDES = ['taskRoleArn', 'executionRoleArn', 'inferenceAcceleratorOverrides', 'ephemeralStorage'];

/** Decides the launch type as RunTask and CreateService do, and refuses what this cluster cannot launch. */
export function checkFargateLaunch(
  input: Pick<RunTaskCommandInput, 'launchType' | 'capacityProviderStrategy'>,
  cluster: ClusterRow,
  definition: TaskDefinitionRow,
): void {
  if (input.launchType && input.capacityProviderStrategy?.length) {
    throw invalidParameter(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  const strategy = input.launchType ? [] : (input.capacityProviderStrategy ?? cluster.defaultCapacityProviderStrategy);
  for (const item of strategy) {
    if (item.capacityProvider !== 'FARGATE') {
      throw clientError(`Longshore does not support capacity provider '${item.capacityProvider}' yet.`);
    }
  }
  if (input.launchType !== 'FARGATE' && strategy.length === 0) {
    throw invalidParameter('No Container Instances were found in your cluster.');
  }
  if (!definition.definition.requiresCompatibilities?.includes('FARGATE')) {
    throw invalidParameter('Task definition does not support launch_type FARGATE.');
  }
}

export function checkRunTask(input: RunTaskCommandInput): void {
  refuseUnsupported(input, UNSUPPORTED);
  const count = input.count ?? 1;
  if (count < 1 || count > 10) throw invalidParameter('Invalid count: it must be between 1 and 10.');
  if (input.platformVersion && !['LATEST', '1.4.0'].includes(input.platformVersion)) {
    throw clientError(`Longshore does not support platform version ${input.platformVersion}: use LATEST or 1.4.0.`);
  }
  if (input.group?.startsWith('service:')) {
    throw invalidParameter('Invalid namespace for group. Value cannot start with service:');
  }
  if (input.propagateTags === 'SERVICE') {
    throw invalidParameter('propagateTags SERVICE is not valid for RunTask: use TASK_DEFINITION or NONE.');
  }
  if ((input.startedBy?.length ?? 0) > 128) throw invalidParameter('startedBy can be at most 128 characters.');
}

/**
 * Overrides may only name containers that the task definition has, and make a size that Fargate has. Answers them with the
 * size in CPU units and MiB.
 */
export function checkOverrides(
  overrides: TaskOverride | undefined,
  definition: TaskDefinitionRow,
): TaskOverride | undefined {
  if (!overrides) return undefined;
  refuseUnsupported(overrides, UNSUPPORTED_OVERRIDES, 'overrides.');
  const names = new Set(definition.definition.containerDefinitions?.map((container) => container.name));
  for (const override of overrides.containerOverrides ?? []) {
    if (!names.has(override.name)) {
      throw invalidParameter(`Override for container named ${override.name} is not a container in the TaskDefinition.`);
    }
    refuseUnsupported(override, ['environmentFiles', 'resourceRequirements'], 'overrides.containerOverrides.');
  }
  return { ...overrides, ...overriddenSize(overrides, definition) };
}

function overriddenSize(
  overrides: TaskOverride,
  { definition }: TaskDefinitionRow,
): Pick<TaskOverride, 'cpu' | 'memory'> {
  if (overrides.cpu === undefined && overrides.memory === undefined) return {};
  const size = fargateSize(overrides.cpu ?? definition.cpu ?? '', overrides.memory ?? definition.memory ?? '');
  return {
    ...(overrides.cpu === undefined ? {} : { cpu: size.cpu }),
    ...(overrides.memory === undefined ? {} : { memory: size.memory }),
  };
}
