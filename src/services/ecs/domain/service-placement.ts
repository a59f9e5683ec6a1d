import type { CreateServiceCommandInput, DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { ServicePlacementRow } from '../container-instance-tables.ts';
import { clientError, invalidParameter } from '../errors.ts';
import type { ServiceRow, TaskDefinitionRow } from '../tables.ts';
import { networkModeOf } from './launch.ts';
import type { Launch } from './launch.ts';
import { normaliseConstraints } from './placement/constraints.ts';
import { normaliseStrategies } from './placement/strategies.ts';

type Input = Pick<
  CreateServiceCommandInput,
  | 'schedulingStrategy'
  | 'placementConstraints'
  | 'placementStrategy'
  | 'desiredCount'
  | 'deploymentConfiguration'
  | 'availabilityZoneRebalancing'
  | 'serviceConnectConfiguration'
  | 'serviceRegistries'
>;

type Placement = Pick<ServicePlacementRow, 'placementConstraints' | 'placementStrategy' | 'schedulingStrategy'>;

const DAEMON_DEPLOYMENT: DeploymentConfiguration = { maximumPercent: 100, minimumHealthyPercent: 0 };

/**
 * How a service's tasks are placed, checked against its launch type; what is not given stays as it was.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
export function servicePlacement(
  input: Input,
  { launchType }: Launch,
  definition: TaskDefinitionRow,
  before?: ServiceRow,
): Placement {
  const schedulingStrategy = input.schedulingStrategy ?? before?.schedulingStrategy;
  const isDaemon = schedulingStrategy === 'DAEMON';
  if (launchType === 'FARGATE') {
    checkFargateService(input);
    if (isDaemon) refuseDaemon();
    return {};
  }
  refuseOnInstances(input, definition);
  if (isDaemon) checkDaemon(input);
  return {
    placementConstraints: input.placementConstraints
      ? normaliseConstraints(input.placementConstraints)
      : (before?.placementConstraints ?? []),
    placementStrategy: input.placementStrategy
      ? normaliseStrategies(input.placementStrategy)
      : (before?.placementStrategy ?? []),
    ...(isDaemon && { schedulingStrategy }),
  };
}

const ZONE = 'attribute:ecs.availability-zone';

/**
 * Why a service's tasks cannot change their zones, given how they are placed; undefined where they can.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function hindranceToRebalance({
  schedulingStrategy,
  placementConstraints = [],
  placementStrategy: [first] = [],
}: Placement): string | undefined {
  if (schedulingStrategy === 'DAEMON') return 'for services that use the DAEMON scheduling strategy.';
  if (first && !(first.type === 'spread' && first.field === ZONE)) {
    return `for services whose first placement strategy is not to spread over ${ZONE}.`;
  }
  const isOfZones = placementConstraints.some(({ expression }) => expression?.includes(ZONE));
  return isOfZones ? `for services with a placement constraint of ${ZONE}.` : undefined;
}

/** Daemons make room before they are replaced, unless it is said otherwise. */
export function daemonConfiguration(input: Input): DeploymentConfiguration | undefined {
  if (input.schedulingStrategy !== 'DAEMON') return input.deploymentConfiguration;
  return { ...DAEMON_DEPLOYMENT, ...input.deploymentConfiguration };
}

/** What only services on container instances can have. */
export function checkFargateService(input: Input): void {
  if (input.schedulingStrategy === 'DAEMON') refuseDaemon();
  if (input.placementConstraints?.length) {
    throw invalidParameter('Placement constraints are not supported with FARGATE launch type.');
  }
  if (input.placementStrategy?.length) {
    throw invalidParameter('Placement strategies are not supported with FARGATE launch type.');
  }
}

export function refuseDaemon(): never {
  throw invalidParameter(
    'Tasks using the Fargate launch type or the CODE_DEPLOY or EXTERNAL deployment controller types do not support ' +
      'the DAEMON scheduling strategy.',
  );
}

function checkDaemon({ desiredCount, placementStrategy, deploymentConfiguration }: Input): void {
  const refused = (what: string, value: string) =>
    invalidParameter(
      `The daemon scheduling strategy does not support ${what} for services. Remove the ${value} value and try again`,
    );
  if (desiredCount !== undefined) throw refused('a desired count', 'desired count');
  if (placementStrategy?.length) throw refused('a placement strategy', 'placement strategy');
  const { maximumPercent = 100, strategy = 'ROLLING' } = deploymentConfiguration ?? {};
  if (maximumPercent > 100) {
    throw invalidParameter('The daemon scheduling strategy does not support values above 100 for maximum percent.');
  }
  if (strategy !== 'ROLLING') throw clientError(`Longshore does not support ${strategy} of DAEMON services yet.`);
}

/** What is built for tasks with network interfaces of their own, or for Fargate, alone. */
function refuseOnInstances(input: Input, { definition }: TaskDefinitionRow): void {
  const mode = networkModeOf(definition);
  if (mode === 'awsvpc') return;
  if (input.serviceConnectConfiguration?.enabled) {
    throw clientError(`Longshore does not support serviceConnectConfiguration in network mode ${mode} yet.`);
  }
  if (input.serviceRegistries?.length) {
    throw clientError(`Longshore does not support serviceRegistries in network mode ${mode} yet.`);
  }
}
