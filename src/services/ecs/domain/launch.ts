import type {
  CapacityProviderStrategyItem,
  CreateServiceCommandInput,
  NetworkConfiguration,
  RunTaskCommandInput,
} from '@aws-sdk/client-ecs';
import type { Call } from '../../../api/context.ts';
import { NO_NETWORK } from '../container-instance-tables.ts';
import { clientError, invalidParameter } from '../errors.ts';
import type { AwsVpcRow, ClusterRow, LaunchTypeRow, TaskDefinitionRow, TaskRow } from '../tables.ts';
import { checkAwsVpc } from './awsvpc.ts';
import { checkPlacing, checkStrategy, isFargateProvider } from './capacity-provider-strategy.ts';
import { bothGiven, checkFargateLaunch } from './run-task.ts';
import { checkManagedMode } from './task-definition-network.ts';

/** How tasks are launched: on Fargate, by its launch type or a strategy; or on the cluster's container instances. */
export interface Launch {
  readonly launchType: LaunchTypeRow;
  readonly strategy?: readonly CapacityProviderStrategyItem[];
}

/** As a task shows it: tasks on Managed Instances are on EC2's instances all the same. */
export function launchTypeOf({
  launchType,
  isManaged,
}: Pick<TaskRow, 'launchType' | 'isManaged'>): LaunchTypeRow | 'MANAGED_INSTANCES' {
  return isManaged ? 'MANAGED_INSTANCES' : launchType;
}

type Input = Pick<RunTaskCommandInput, 'launchType' | 'capacityProviderStrategy'> & {
  readonly schedulingStrategy?: CreateServiceCommandInput['schedulingStrategy'];
};
/** Strategies over capacity providers of Auto Scaling groups. */
function isOnGroups(strategy: Launch['strategy']): boolean {
  return (
    strategy !== undefined && strategy.length > 0 && !strategy.some((item) => isFargateProvider(item.capacityProvider))
  );
}

type Placing = Pick<RunTaskCommandInput, 'placementConstraints' | 'placementStrategy' | 'platformVersion'>;

/**
 * As RunTask and CreateService decide it: what is said, else the cluster's default strategy, else EC2.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
export function launchOf(input: Input & Placing, cluster: ClusterRow, definition: TaskDefinitionRow): Launch {
  const { launchType, capacityProviderStrategy: given } = input;
  const strategy = given?.length ? given : launchType ? [] : cluster.defaultCapacityProviderStrategy;
  if (isOnGroups(strategy)) return launchOnGroups(input, cluster, definition, strategy);
  const isStrategy = Boolean(given?.length) || (!launchType && cluster.defaultCapacityProviderStrategy.length > 0);
  if (launchType === 'FARGATE' || isStrategy) {
    const placement = checkFargateLaunch(input, cluster, definition);
    checkFargatePlacing(input);
    return { launchType: 'FARGATE', ...placement };
  }
  if (launchType && launchType !== 'EC2') {
    throw clientError(`Longshore does not support launch type ${launchType} yet.`);
  }
  if (input.platformVersion) throw refusedPlatform();
  return { launchType: 'EC2' };
}

function launchOnGroups(
  { launchType, capacityProviderStrategy: given, platformVersion, schedulingStrategy }: Input & Placing,
  cluster: ClusterRow,
  definition: TaskDefinitionRow,
  strategy: NonNullable<Launch['strategy']>,
): Launch {
  if (launchType) throw bothGiven();
  if (platformVersion) throw refusedPlatform();
  if (schedulingStrategy === 'DAEMON') {
    if (!given?.length) return { launchType: 'EC2' };
    throw invalidParameter(
      'The daemon scheduling strategy does not support a capacity provider strategy for services. Remove the capacity ' +
        'provider strategy value and try again',
    );
  }
  checkStrategy(strategy, cluster.capacityProviders, { managed: cluster.managedProviders });
  checkPlacing(strategy, !given?.length);
  if (strategy.some(({ capacityProvider: name = '' }) => cluster.managedProviders?.includes(name))) {
    checkOnManaged(definition);
  }
  return { launchType: 'EC2', strategy };
}

const refusedPlatform = () => invalidParameter('The platform version must be null when specifying an EC2 launch type.');

function checkFargatePlacing({ placementConstraints, placementStrategy }: Placing): void {
  if (placementConstraints?.length) {
    throw invalidParameter('Placement constraints are not supported with FARGATE launch type.');
  }
  if (placementStrategy?.length) {
    throw invalidParameter('Placement strategies are not supported with FARGATE launch type.');
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters-managed-instances.html */
function checkOnManaged({ definition }: TaskDefinitionRow): void {
  const { requiresCompatibilities = [] } = definition;
  if (requiresCompatibilities.length > 0 && !requiresCompatibilities.includes('MANAGED_INSTANCES')) {
    throw invalidParameter(
      'The specified capacity provider strategy cannot be used with a task definition that does not support MANAGED_INSTANCES.',
    );
  }
  checkManagedMode(definition);
}

export function networkModeOf({ networkMode }: TaskDefinitionRow['definition']): 'awsvpc' | 'bridge' | 'host' | 'none' {
  return networkMode ?? 'bridge';
}

/** What a launch says of the network: only tasks with interfaces of their own have any. */
export async function launchNetwork(
  call: Call,
  { launchType }: Pick<Launch, 'launchType'>,
  { definition }: TaskDefinitionRow,
  given: NetworkConfiguration | undefined,
): Promise<AwsVpcRow> {
  if (launchType === 'FARGATE') return checkAwsVpc(call, given);
  if (networkModeOf(definition) === 'awsvpc') {
    if (given?.awsvpcConfiguration?.assignPublicIp === 'ENABLED') {
      throw invalidParameter('Assign public IP is not supported for this launch type.');
    }
    return checkAwsVpc(call, given);
  }
  if (given?.awsvpcConfiguration) {
    throw invalidParameter('Network Configuration is not valid for the given networkMode of this task definition.');
  }
  return NO_NETWORK;
}
