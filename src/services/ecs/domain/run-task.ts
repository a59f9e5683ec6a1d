import type { CapacityProviderStrategyItem, RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';
import type { ClusterRow, TaskDefinitionRow } from '../tables.ts';
import { checkPlacing, checkStrategy, isFargateProvider } from './capacity-provider-strategy.ts';
import { HOST_ARCHITECTURE } from './host-architecture.ts';
import { platformVersionOf } from './platform-version.ts';

const STARTED_BY = /^[A-Za-z0-9/_-]{1,128}$/;
const GROUP = /^.{1,255}$/;
const CLIENT_TOKEN = /^[!-~]{1,64}$/;
const MOST_TASKS = 10;

/** How tasks are placed: by the launch type FARGATE, or by a strategy over Fargate's capacity providers. */
export interface Placement {
  readonly strategy?: readonly CapacityProviderStrategyItem[];
}

export const bothGiven = () =>
  invalidParameter(
    'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
  );

/** Decides the launch type as RunTask and CreateService do, and refuses what this cluster cannot launch. */
export function checkFargateLaunch(
  input: Pick<RunTaskCommandInput, 'launchType' | 'capacityProviderStrategy'>,
  cluster: ClusterRow,
  definition: TaskDefinitionRow,
): Placement {
  const { launchType, capacityProviderStrategy: given } = input;
  if (launchType && given?.length) throw bothGiven();
  if (launchType && launchType !== 'FARGATE') {
    throw clientError(`Longshore does not support launch type ${launchType} yet.`);
  }
  const strategy = launchType ? [] : given?.length ? given : cluster.defaultCapacityProviderStrategy;
  if (!launchType && strategy.length === 0) {
    throw invalidParameter('No Container Instances were found in your cluster.');
  }
  if (strategy.length > 0) {
    checkStrategy(strategy, cluster.capacityProviders);
    checkPlacing(strategy, !given?.length);
    if (!strategy.every((item) => isFargateProvider(item.capacityProvider))) throw refusedForTaskSets();
    checkSpot(strategy);
  }
  if (!definition.definition.requiresCompatibilities?.includes('FARGATE')) {
    throw invalidParameter(
      launchType
        ? 'Task definition does not support launch_type FARGATE.'
        : 'The specified capacity provider strategy cannot be used with a task definition that does not support FARGATE.',
    );
  }
  return strategy.length > 0 ? { strategy } : {};
}

/** Task sets are launched on Fargate. */
const refusedForTaskSets = () =>
  clientError('Longshore does not support capacity providers of Auto Scaling groups for task sets yet.');

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
function checkSpot(strategy: readonly CapacityProviderStrategyItem[]): void {
  if (HOST_ARCHITECTURE !== 'X86_64' && strategy.some((item) => item.capacityProvider === 'FARGATE_SPOT')) {
    throw clientError('Tasks with the ARM64 architecture do not support the FARGATE_SPOT capacity provider.');
  }
}

/** What RunTask refuses by the input alone. */
export function checkRunTask(input: RunTaskCommandInput): void {
  refuseUnsupported(input, ['volumeConfigurations']);
  const count = input.count ?? 1;
  if (count < 1 || count > MOST_TASKS) throw invalidParameter('Invalid count: it must be between 1 and 10.');
  platformVersionOf(input.platformVersion);
  if (input.group?.startsWith('service:')) {
    throw invalidParameter('Invalid namespace for group. Value cannot start with service:');
  }
  if (input.group !== undefined && !GROUP.test(input.group)) {
    throw invalidParameter('group must be between 1 and 255 characters.');
  }
  if (input.propagateTags === 'SERVICE') {
    throw invalidParameter('propagateTags SERVICE is not valid for RunTask: use TASK_DEFINITION or NONE.');
  }
  if (input.startedBy !== undefined && !STARTED_BY.test(input.startedBy)) {
    throw invalidParameter(
      'startedBy can be at most 128 characters: letters, numbers, hyphens, forward slashes and underscores.',
    );
  }
  if (input.clientToken && !CLIENT_TOKEN.test(input.clientToken)) {
    throw invalidParameter('clientToken can be at most 64 characters, each of the ASCII codes 33 to 126.');
  }
  if ((input.referenceId?.length ?? 0) > 1024) throw invalidParameter('referenceId can be at most 1024 characters.');
}

/** ECS Exec works under the task's own role, and asks for it before anything runs. */
export function checkExec(
  input: Pick<RunTaskCommandInput, 'enableExecuteCommand' | 'overrides'>,
  { definition }: TaskDefinitionRow,
): void {
  if (!input.enableExecuteCommand || input.overrides?.taskRoleArn || definition.taskRoleArn) return;
  throw invalidParameter(
    "The task couldn't be run because a valid taskRoleArn is not being used. Specify a valid task role in your task " +
      'definition and try again.',
  );
}
