import type {
  CreateExpressGatewayServiceRequest,
  ExpressGatewayContainer,
  ExpressGatewayScalingTarget,
  UpdateExpressGatewayServiceRequest,
} from '@aws-sdk/client-ecs';
import { HOST_ARCHITECTURE } from '../domain/host-architecture.ts';
import { invalidParameter } from '../errors.ts';
import type { TaskDefinitionRow } from '../tables.ts';
import type { ExpressConfiguration } from './tables.ts';

export const MAIN = 'Main';
const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const METRICS = ['AVERAGE_CPU', 'AVERAGE_MEMORY', 'REQUEST_COUNT_PER_TARGET'];
const MOST_TASKS = 5000;
const DEFAULT_SCALING: Required<ExpressGatewayScalingTarget> = {
  minTaskCount: 1,
  maxTaskCount: 20,
  autoScalingMetric: 'AVERAGE_CPU',
  autoScalingTargetValue: 60,
};
/** What a caller's own task definition tells already. */
const OF_DEFINITION = [
  'primaryContainer',
  'executionRoleArn',
  'taskRoleArn',
  'cpu',
  'memory',
  'cpuArchitecture',
] as const;

type Input = Omit<CreateExpressGatewayServiceRequest, 'infrastructureRoleArn'> &
  Omit<UpdateExpressGatewayServiceRequest, 'serviceArn'>;

/** What is wished for, before there is a task definition of it. */
export type Wish = Omit<ExpressConfiguration, 'taskDefinitionArn' | 'createdAtMs'>;

export function checkServiceName(name: string): void {
  if (NAME.test(name)) return;
  throw invalidParameter(
    'Invalid parameter: serviceName. Up to 255 letters, numbers, hyphens and underscores are allowed.',
  );
}

/**
 * A configuration out of the input and, for an update, the one before it: what is not said stays, or is AWS's default.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html
 * @param own the caller's own task definition, where the input names one
 */
export function wishOf(input: Input, before?: ExpressConfiguration, own?: TaskDefinitionRow): Wish {
  if (input.taskDefinitionArn !== undefined) checkAlone(input);
  const common = {
    healthCheckPath: healthPathOf(input.healthCheckPath ?? before?.healthCheckPath ?? '/ping'),
    network: input.networkConfiguration ?? before?.network ?? {},
    scalingTarget: scalingOf({ ...DEFAULT_SCALING, ...before?.scalingTarget, ...input.scalingTarget }),
  };
  return own ? { ...ofDefinition(own), ...common } : { ...ofContainer(input, before), ...common };
}

function checkAlone(input: Input): void {
  const other = OF_DEFINITION.find((member) => input[member] !== undefined);
  if (other) throw invalidParameter(`You cannot specify ${other} together with taskDefinitionArn.`);
}

function ofContainer(input: Input, before: ExpressConfiguration | undefined) {
  const given = { ...before?.primaryContainer, ...input.primaryContainer };
  const { image } = given;
  if (!image) throw invalidParameter('primaryContainer.image must be specified.');
  const primaryContainer: ExpressGatewayContainer = { ...given, image, containerPort: portOf(given.containerPort) };
  const executionRoleArn = input.executionRoleArn ?? before?.executionRoleArn;
  if (!executionRoleArn) throw invalidParameter('executionRoleArn must be specified.');
  const taskRoleArn = input.taskRoleArn ?? before?.taskRoleArn;
  return {
    primaryContainer,
    containerPort: portOf(given.containerPort),
    executionRoleArn,
    ...(taskRoleArn !== undefined && { taskRoleArn }),
    cpu: input.cpu ?? before?.cpu ?? '256',
    memory: input.memory ?? before?.memory ?? '512',
    cpuArchitecture: input.cpuArchitecture ?? before?.cpuArchitecture ?? HOST_ARCHITECTURE,
  };
}

function portOf(port = 80): number {
  if (port < 1 || port > 65_535) throw invalidParameter('primaryContainer.containerPort must be between 1 and 65535.');
  return port;
}

/** A container `Main` with one named TCP port, on Fargate. */
function ofDefinition({ definition }: TaskDefinitionRow) {
  const main = definition.containerDefinitions?.find((container) => container.name === MAIN);
  if (!main) throw invalidParameter(`The task definition must have a container named ${MAIN}.`);
  const [port, ...others] = main.portMappings ?? [];
  if (!port?.containerPort || !port.name || others.length > 0 || (port.protocol ?? 'tcp') !== 'tcp') {
    throw invalidParameter(
      `The container ${MAIN} must have a single TCP port mapping that includes a container port and a port name.`,
    );
  }
  if (!definition.requiresCompatibilities?.includes('FARGATE')) {
    throw invalidParameter('The task definition must have FARGATE compatibility.');
  }
  const { executionRoleArn, taskRoleArn, cpu = '256', memory = '512', runtimePlatform } = definition;
  return {
    containerPort: port.containerPort,
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    ...(taskRoleArn !== undefined && { taskRoleArn }),
    cpu,
    memory,
    cpuArchitecture: runtimePlatform?.cpuArchitecture === 'ARM64' ? ('ARM64' as const) : HOST_ARCHITECTURE,
  };
}

function healthPathOf(path: string): string {
  if (!path.startsWith('/') || path.length > 1024) {
    throw invalidParameter('healthCheckPath must start with a forward slash and have at most 1024 characters.');
  }
  return path;
}

function scalingOf(target: ExpressGatewayScalingTarget): Required<ExpressGatewayScalingTarget> {
  const {
    minTaskCount = 1,
    maxTaskCount = 20,
    autoScalingMetric = 'AVERAGE_CPU',
    autoScalingTargetValue = 60,
  } = target;
  if (!METRICS.includes(autoScalingMetric)) {
    throw invalidParameter(`scalingTarget.autoScalingMetric must be one of ${METRICS.join(', ')}.`);
  }
  if (minTaskCount < 0 || maxTaskCount > MOST_TASKS || minTaskCount > maxTaskCount) {
    throw invalidParameter(
      `scalingTarget.minTaskCount must be 0 or more and at most maxTaskCount, which can be at most ${MOST_TASKS}.`,
    );
  }
  const isPercent = autoScalingMetric !== 'REQUEST_COUNT_PER_TARGET';
  if (autoScalingTargetValue < 1 || (isPercent && autoScalingTargetValue > 100)) {
    throw invalidParameter('scalingTarget.autoScalingTargetValue must be at least 1, and a percentage at most 100.');
  }
  return { minTaskCount, maxTaskCount, autoScalingMetric, autoScalingTargetValue };
}
