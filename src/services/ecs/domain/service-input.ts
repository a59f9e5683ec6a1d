import type {
  CreateServiceCommandInput,
  DeploymentConfiguration,
  LoadBalancer,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { Call } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { clientError, invalidParameter, refuseUnsupported } from '../errors.ts';
import type { TaskDefinitionRow } from '../tables.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const UNSUPPORTED = [
  'serviceRegistries',
  'placementConstraints',
  'placementStrategy',
  'enableExecuteCommand',
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
];

export function checkCreateService(input: CreateServiceCommandInput): void {
  if (!NAME.test(input.serviceName ?? '')) {
    throw invalidParameter(
      'Invalid parameter: serviceName. Up to 255 letters, numbers, hyphens and underscores are allowed.',
    );
  }
  refuseUnsupported(input, UNSUPPORTED);
  checkKind(input);
  if (input.desiredCount === undefined) {
    throw invalidParameter('Desired count is required when the scheduling strategy is REPLICA.');
  }
  checkCount(input.desiredCount);
  checkGrace(input.healthCheckGracePeriodSeconds, input.loadBalancers ?? []);
}

export function checkUpdateService(input: UpdateServiceCommandInput, loadBalancers: readonly LoadBalancer[]): void {
  refuseUnsupported(input, UNSUPPORTED);
  checkKind(input);
  if (input.desiredCount !== undefined) checkCount(input.desiredCount);
  checkGrace(input.healthCheckGracePeriodSeconds, loadBalancers);
}

function checkKind(input: {
  schedulingStrategy?: string | undefined;
  deploymentController?: { type?: string | undefined } | undefined;
  availabilityZoneRebalancing?: string | undefined;
  platformVersion?: string | undefined;
}): void {
  if (input.schedulingStrategy && input.schedulingStrategy !== 'REPLICA') {
    throw invalidParameter(`Longshore does not support scheduling strategy ${input.schedulingStrategy} yet.`);
  }
  if (input.deploymentController?.type && input.deploymentController.type !== 'ECS') {
    throw invalidParameter(`Longshore does not support deployment controller ${input.deploymentController.type} yet.`);
  }
  if (input.availabilityZoneRebalancing === 'ENABLED') {
    throw invalidParameter('Longshore does not support availabilityZoneRebalancing yet.');
  }
  if (input.platformVersion && !['LATEST', '1.4.0'].includes(input.platformVersion)) {
    throw invalidParameter(
      `Longshore does not support platform version ${input.platformVersion}: use LATEST or 1.4.0.`,
    );
  }
}

function checkCount(count: number): void {
  if (count < 0) throw invalidParameter('Desired count must be 0 or more.');
  if (count > 5000) throw invalidParameter('Desired count can be at most 5000.');
}

function checkGrace(seconds: number | undefined, loadBalancers: readonly LoadBalancer[]): void {
  if (seconds !== undefined && loadBalancers.length === 0) {
    throw invalidParameter('Health check grace period is only valid for services configured to use load balancers.');
  }
}

/** ECS's defaults filled in; percents checked; strategies that are not built refused by name. */
export function deploymentConfigurationOf(
  input: DeploymentConfiguration | undefined,
  before?: DeploymentConfiguration,
): DeploymentConfiguration {
  const wanted = { ...before, ...input };
  if (wanted.strategy && wanted.strategy !== 'ROLLING') {
    throw invalidParameter(`Longshore does not support deployment strategy ${wanted.strategy} yet.`);
  }
  if (wanted.alarms?.enable) throw invalidParameter('Longshore does not support deploymentConfiguration.alarms yet.');
  refuseUnsupported(
    wanted,
    ['lifecycleHooks', 'linearConfiguration', 'canaryConfiguration', 'bakeTimeInMinutes', 'earlySuccessCriteria'],
    'deploymentConfiguration.',
  );
  refuseUnsupported(
    wanted.deploymentCircuitBreaker ?? {},
    ['resetOnHealthyTask', 'thresholdConfiguration'],
    'deploymentConfiguration.deploymentCircuitBreaker.',
  );
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = wanted;
  if (minimumHealthyPercent < 0 || maximumPercent < 0) throw invalidParameter('Deployment percents must be 0 or more.');
  if (minimumHealthyPercent >= maximumPercent) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  }
  return {
    deploymentCircuitBreaker: wanted.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    maximumPercent,
    minimumHealthyPercent,
    strategy: 'ROLLING',
  };
}

/** Each load balancer must name a target group of type ip that a listener uses, and a port that the container maps. */
export async function checkLoadBalancers(
  call: Call,
  loadBalancers: readonly LoadBalancer[],
  definition: TaskDefinitionRow,
): Promise<void> {
  if (loadBalancers.length > 5) throw invalidParameter('load balancers can have at most 5 items.');
  for (const balancer of loadBalancers) {
    refuseUnsupported(balancer, ['loadBalancerName', 'advancedConfiguration'], 'loadBalancers.');
    if (!balancer.targetGroupArn) throw invalidParameter('Target Group ARN must be specified for load balancers.');
    checkContainerPort(balancer, definition);
    await checkTargetGroup(call, balancer.targetGroupArn);
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

async function checkTargetGroup(call: Call, targetGroupArn: string): Promise<void> {
  try {
    const { TargetGroups = [] } = await call('elbv2', 'DescribeTargetGroups', { TargetGroupArns: [targetGroupArn] });
    const [group] = TargetGroups;
    if (group?.TargetType !== 'ip') {
      throw invalidParameter(
        `The provided target group ${targetGroupArn} has target type ${group?.TargetType}, which is incompatible with the awsvpc network mode specified in the task definition.`,
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
