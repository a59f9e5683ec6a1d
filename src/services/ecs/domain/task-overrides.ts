import type { ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';
import type { LaunchTypeRow, TaskDefinitionRow } from '../tables.ts';
import { fargateSize, taskCpu, taskMemory } from './fargate-sizes.ts';

const MOST_CHARACTERS = 8192;
const S3_OBJECT = /^arn:[^:]+:s3:::[^/]+\/.+$/;

/**
 * Overrides may only name containers that the task definition has, and make a size that Fargate has. Answers them with the
 * size in CPU units and MiB.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
 */
export function checkOverrides(
  overrides: TaskOverride | undefined,
  definition: TaskDefinitionRow,
  launchType: LaunchTypeRow = 'FARGATE',
): TaskOverride | undefined {
  if (!overrides) return undefined;
  if (JSON.stringify(overrides).length > MOST_CHARACTERS) {
    throw invalidParameter(`Container Overrides length must be at most ${MOST_CHARACTERS}`);
  }
  if (overrides.inferenceAcceleratorOverrides?.length) {
    throw clientError('Inference accelerators are not supported with FARGATE launch type.');
  }
  const storage = overrides.ephemeralStorage?.sizeInGiB;
  if (storage !== undefined && (storage < 21 || storage > 200)) {
    throw invalidParameter("Invalid setting for ephemeral storage: 'sizeInGiB' must be between 21 and 200.");
  }
  const containers = new Set(definition.definition.containerDefinitions?.map((container) => container.name));
  const seen = new Set<string>();
  for (const override of overrides.containerOverrides ?? []) {
    const name = override.name ?? '';
    if (!name) throw invalidParameter('Container name must be specified in every container override.');
    if (!containers.has(name)) {
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
    }
    if (seen.has(name)) throw invalidParameter(`More than one override for container named ${name} was specified.`);
    seen.add(name);
    checkContainer(override);
  }
  return { ...overrides, ...overriddenSize(overrides, definition, launchType) };
}

function checkContainer(override: ContainerOverride): void {
  refuseUnsupported(override, ['resourceRequirements'], 'overrides.containerOverrides.');
  const { cpu = 0, memory, memoryReservation, environment = [], environmentFiles = [] } = override;
  if (cpu < 0) throw clientError(`Invalid 'cpu' setting for container '${override.name}'`);
  for (const [name, mib] of Object.entries({ memory, memoryReservation })) {
    if (mib !== undefined && mib < 6) {
      throw clientError(`Invalid setting for container '${override.name}'. '${name}' must be at least 6 MiB.`);
    }
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw clientError(
      `Invalid setting for container '${override.name}'. 'memory' must be greater than 'memoryReservation'.`,
    );
  }
  if (environment.some((pair) => !pair.name)) throw clientError('Environment variable names must not be empty.');
  if (environmentFiles.length > 10) throw clientError('A container can have at most 10 environment files.');
  for (const { type, value } of environmentFiles) {
    if (type !== 's3') throw clientError(`Invalid environment file type '${type}'. It must be s3.`);
    if (!S3_OBJECT.test(value ?? '') || !value?.endsWith('.env')) {
      throw clientError(`Invalid environment file '${value}': it must be the ARN of an S3 object that ends in .env.`);
    }
  }
}

function overriddenSize(
  overrides: TaskOverride,
  { definition }: TaskDefinitionRow,
  launchType: LaunchTypeRow,
): Pick<TaskOverride, 'cpu' | 'memory'> {
  if (overrides.cpu === undefined && overrides.memory === undefined) return {};
  if (launchType === 'EC2') {
    return {
      ...(overrides.cpu === undefined ? {} : { cpu: taskCpu(overrides.cpu) }),
      ...(overrides.memory === undefined ? {} : { memory: taskMemory(overrides.memory) }),
    };
  }
  const size = fargateSize(overrides.cpu ?? definition.cpu ?? '', overrides.memory ?? definition.memory ?? '');
  return {
    ...(overrides.cpu === undefined ? {} : { cpu: size.cpu }),
    ...(overrides.memory === undefined ? {} : { memory: size.memory }),
  };
}
