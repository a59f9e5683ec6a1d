import type {
  AvailabilityZoneRebalancing,
  CreateServiceCommandInput,
  DeploymentConfiguration,
  LoadBalancer,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { Call } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';
import type { TaskDefinitionRow } from '../tables.ts';
import { networkModeOf } from './launch.ts';
import { platformVersionOf } from './platform-version.ts';
import { hindranceToRebalance } from './service-placement.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const CLIENT_TOKEN = /^[!-~]{1,36}$/;
const MOST_TASKS = 5000;
const LONGEST_GRACE_S = 2_147_483_647;

/** What CreateService and UpdateService have in common. */
type ServiceInput = Omit<UpdateServiceCommandInput, 'service'> & Pick<CreateServiceCommandInput, 'schedulingStrategy'>;

export function checkCreateService(input: CreateServiceCommandInput): void {
  if (!NAME.test(input.serviceName ?? '')) {
    throw invalidParameter(
      'Invalid parameter: serviceName. Up to 255 letters, numbers, hyphens and underscores are allowed.',
    );
  }
  if (input.clientToken && !CLIENT_TOKEN.test(input.clientToken)) {
    throw invalidParameter('clientToken can be at most 36 characters, each of the ASCII codes 33 to 126.');
  }
  if (input.role) {
    throw invalidParameter('You cannot specify an IAM role for services that require a service linked role.');
  }
  checkService(input, input.loadBalancers ?? []);
  if (input.desiredCount === undefined && input.schedulingStrategy !== 'DAEMON') {
    throw invalidParameter('Desired count is required when the scheduling strategy is REPLICA.');
  }
}

export function checkUpdateService(input: UpdateServiceCommandInput, loadBalancers: readonly LoadBalancer[]): void {
  checkService(input, loadBalancers);
}

function checkService(input: ServiceInput, loadBalancers: readonly LoadBalancer[]): void {
  refuseUnsupported(input, ['volumeConfigurations', 'vpcLatticeConfigurations', 'gatewayConnectors']);
  checkKind(input);
  checkCount(input.desiredCount ?? 0);
  checkGrace(input.healthCheckGracePeriodSeconds, loadBalancers);
  platformVersionOf(input.platformVersion);
}

function checkKind(input: ServiceInput): void {
  const controller = input.deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS') {
    throw invalidParameter(`Longshore does not support deployment controller ${controller} yet.`);
  }
}

function checkCount(count: number): void {
  if (count < 0) throw invalidParameter('Desired count must be 0 or more.');
  if (count > MOST_TASKS) throw invalidParameter(`Desired count can be at most ${MOST_TASKS}.`);
}

function checkGrace(seconds: number | undefined, loadBalancers: readonly LoadBalancer[]): void {
  if (seconds === undefined) return;
  checkGraceRange(seconds);
  if (loadBalancers.length === 0) {
    throw invalidParameter('Health check grace period is only valid for services configured to use load balancers.');
  }
}

/** Of services whose load balancers are those of their task sets, too. */
export function checkGraceRange(seconds: number): void {
  if (seconds >= 0 && seconds <= LONGEST_GRACE_S) return;
  throw invalidParameter('Health check grace period must be between 0 and 2147483647 seconds.');
}

type Rebalanced = Parameters<typeof hindranceToRebalance>[0] & {
  readonly deploymentConfiguration: DeploymentConfiguration;
};

/**
 * Whether tasks are moved to other zones: so by default, where there may be one more of them for a while.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function rebalancingOf(
  wanted: AvailabilityZoneRebalancing | undefined,
  { deploymentConfiguration: { maximumPercent = 200 }, ...placement }: Rebalanced,
  before?: AvailabilityZoneRebalancing,
): AvailabilityZoneRebalancing {
  const why =
    maximumPercent > 100 ? hindranceToRebalance(placement) : 'for services with a maximumPercent of 100 or less.';
  if (wanted === 'ENABLED' && why !== undefined) {
    throw invalidParameter(`Availability Zone rebalancing is not supported ${why}`);
  }
  // What was chosen before holds for as long as it can.
  return wanted ?? (why === undefined ? (before ?? 'ENABLED') : 'DISABLED');
}

/** ECS Exec works under the task's own role, and asks for it before anything runs. */
export function checkServiceExec(isEnabled: boolean, { definition }: TaskDefinitionRow, verb: 'created' | 'updated') {
  if (!isEnabled || definition.taskRoleArn) return;
  throw invalidParameter(
    `The service couldn't be ${verb} because a valid taskRoleArn is not being used. Specify a valid task role in your ` +
      'task definition and try again.',
  );
}

/** Each load balancer must name a target group of type ip (instance, for tasks on their instance's network) that a listener uses, and a port that the container maps. */
export async function checkLoadBalancers(
  call: Call,
  loadBalancers: readonly LoadBalancer[],
  definition: TaskDefinitionRow,
): Promise<void> {
  if (loadBalancers.length > 5) throw invalidParameter('load balancers can have at most 5 items.');
  for (const balancer of loadBalancers) {
    refuseUnsupported(balancer, ['loadBalancerName'], 'loadBalancers.');
    if (!balancer.targetGroupArn) throw invalidParameter('Target Group ARN must be specified for load balancers.');
    checkContainerPort(balancer, definition);
    await checkTargetGroup(call, balancer.targetGroupArn, networkModeOf(definition.definition));
  }
}

export function checkContainerPort(balancer: LoadBalancer, definition: TaskDefinitionRow): void {
  const container = definition.definition.containerDefinitions?.find((item) => item.name === balancer.containerName);
  if (!container) {
    throw invalidParameter(`The container ${balancer.containerName} does not exist in the task definition.`);
  }
  if (!container.portMappings?.some((port) => port.containerPort === balancer.containerPort)) {
    throw invalidParameter(
      `The container ${balancer.containerName} did not have a container port ${balancer.containerPort} defined.`,
    );
  }
}

async function checkTargetGroup(
  call: Call,
  targetGroupArn: string,
  mode: ReturnType<typeof networkModeOf>,
): Promise<void> {
  try {
    const { TargetGroups = [] } = await call('elbv2', 'DescribeTargetGroups', { TargetGroupArns: [targetGroupArn] });
    const [group] = TargetGroups;
    if (group?.TargetType !== (mode === 'awsvpc' ? 'ip' : 'instance')) {
      throw invalidParameter(
        `The provided target group ${targetGroupArn} has target type ${group?.TargetType}, which is incompatible with the ${mode} network mode specified in the task definition.`,
      );
    }
    if (!group.LoadBalancerArns?.length) {
      throw invalidParameter(
        `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
      );
    }
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'TargetGroupNotFoundException') {
      throw clientError(`Unable to find target group ${targetGroupArn}.`);
    }
    throw error;
  }
}
