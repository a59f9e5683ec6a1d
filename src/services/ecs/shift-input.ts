import { isDeepStrictEqual } from 'node:util';
import type {
  CreateServiceCommandInput,
  DeploymentConfiguration,
  LoadBalancer,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../api/context.ts';
import type { Permission } from '../../api/operation.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { isEndpoint, isHookTask } from './domain/shift-configuration.ts';
import { shiftsTraffic } from './domain/traffic-shift.ts';
import { clientError, invalidParameter, unassumable } from './errors.ts';
import { ECS } from './infrastructure-role.ts';
import { activeDefinition } from './lookups.ts';
import type { EcsPorts } from './operation.ts';
import type { ServiceRow } from './tables.ts';

type Input = Pick<
  CreateServiceCommandInput & UpdateServiceCommandInput,
  'loadBalancers' | 'deploymentConfiguration' | 'serviceConnectConfiguration' | 'serviceRegistries'
>;

/** The roles that a service hands to ECS: who may do that is who may pass them. */
export function passShiftRoles({ loadBalancers = [], deploymentConfiguration }: Input): Permission[] {
  const roles = [
    ...loadBalancers.map((balancer) => balancer.advancedConfiguration?.roleArn),
    ...(deploymentConfiguration?.lifecycleHooks ?? []).map((hook) => hook.roleArn),
  ];
  const resources = [...new Set(roles.flatMap((role) => (role ? [role] : [])))];
  if (resources.length === 0) return [];
  return [{ action: 'iam:PassRole', resources, conditions: { 'iam:passedtoservice': ECS } }];
}

/** What a service needs that shifts traffic; what it would shift past its listener rules is refused by name. */
export async function checkShift(
  ctx: Context<EcsPorts>,
  input: Input,
  configuration: DeploymentConfiguration,
  loadBalancers: readonly LoadBalancer[],
): Promise<void> {
  const { strategy } = configuration;
  for (const balancer of input.loadBalancers ?? []) await checkAdvanced(ctx, balancer);
  if (!shiftsTraffic(configuration)) return;
  if (loadBalancers.length === 0 || loadBalancers.some((balancer) => !balancer.advancedConfiguration)) {
    throw invalidParameter(
      `Each load balancer must have an advancedConfiguration when the deployment strategy is ${strategy}, and there must be one.`,
    );
  }
  if (input.serviceConnectConfiguration?.enabled) {
    throw invalidParameter(`Longshore does not support serviceConnectConfiguration with ${strategy} yet.`);
  }
  if (input.serviceRegistries?.length) {
    throw invalidParameter(`Longshore does not support serviceRegistries with ${strategy} yet.`);
  }
  for (const hook of input.deploymentConfiguration?.lifecycleHooks ?? []) {
    await checkHookTarget(ctx, hook.hookTargetArn ?? '');
    if (hook.roleArn) await checkRole(ctx, hook.roleArn);
  }
}

async function checkHookTarget(ctx: Context<EcsPorts>, target: string): Promise<void> {
  if (isHookTask(target)) await ctx.read((tx) => activeDefinition(tx, ctx, target));
  if (!isEndpoint(target) || ctx.ports.hooks.allows(new URL(target))) return;
  throw invalidParameter(
    `The lifecycle hook target ${target} is not allowed: its host is not in the server's --deployment-hook-hosts.`,
  );
}

async function checkRole(ctx: Context<EcsPorts>, roleArn: string): Promise<void> {
  if (!(await ctx.ports.mayAssume(roleArn, ctx, ECS))) throw clientError(unassumable(roleArn));
}

async function checkAdvanced(ctx: Context<EcsPorts>, balancer: LoadBalancer): Promise<void> {
  const { advancedConfiguration: advanced, targetGroupArn } = balancer;
  if (!advanced) return;
  const { alternateTargetGroupArn, productionListenerRule, testListenerRule, roleArn } = advanced;
  const missing = Object.entries({ alternateTargetGroupArn, productionListenerRule, roleArn }).find(([, arn]) => !arn);
  if (missing) throw invalidParameter(`advancedConfiguration.${missing[0]} must be specified for load balancers.`);
  if (alternateTargetGroupArn === targetGroupArn) {
    throw invalidParameter('targetGroupArn and alternateTargetGroupArn cannot be the same target group.');
  }
  if (productionListenerRule === testListenerRule) {
    throw invalidParameter('productionListenerRule and testListenerRule cannot be the same listener rule.');
  }
  await checkAlternate(ctx, alternateTargetGroupArn ?? '');
  for (const rule of [productionListenerRule, testListenerRule]) if (rule) await checkRule(ctx, rule);
  await checkRole(ctx, roleArn ?? '');
}

async function checkAlternate({ call }: Context<EcsPorts>, arn: string): Promise<void> {
  try {
    const { TargetGroups = [] } = await call('elbv2', 'DescribeTargetGroups', { TargetGroupArns: [arn] });
    const type = TargetGroups[0]?.TargetType;
    if (type === 'ip') return;
    throw invalidParameter(
      `The provided target group ${arn} has target type ${type}, which is incompatible with the awsvpc network mode specified in the task definition.`,
    );
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'TargetGroupNotFoundException')) throw error;
    throw clientError(`Unable to find target group ${arn}.`);
  }
}

async function checkRule({ call }: Context<EcsPorts>, arn: string): Promise<void> {
  if (!/:listener-rule\/app\//.test(arn)) {
    throw invalidParameter(`Longshore shifts traffic by the rules of Application Load Balancers: ${arn} is none.`);
  }
  try {
    await call('elbv2', 'DescribeRules', { RuleArns: [arn] });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'RuleNotFoundException')) throw error;
    throw clientError(`Unable to find listener rule ${arn}.`);
  }
}

/** Its traffic must stay where it is: what is being shifted, or has been, keeps its target groups and its strategy. */
export function checkShiftChange(before: ServiceRow, after: ServiceRow): void {
  const [primary] = before.deployments;
  const isShifting =
    primary?.rolloutState === 'IN_PROGRESS' &&
    before.traffic !== undefined &&
    shiftsTraffic(before.deploymentConfiguration);
  if (isShifting && !shiftsTraffic(after.deploymentConfiguration)) {
    throw invalidParameter('The deployment strategy cannot be changed to ROLLING while a deployment shifts traffic.');
  }
  if (!shiftsTraffic(after.deploymentConfiguration)) return;
  if (after.connect || after.serviceRegistries?.length) {
    throw invalidParameter(
      `Longshore does not support Service Connect and service registries with ${after.deploymentConfiguration.strategy} yet.`,
    );
  }
  const own = (row: ServiceRow) => row.loadBalancers.map((balancer) => balancer.targetGroupArn ?? '').toSorted();
  const alternate = (row: ServiceRow) =>
    row.loadBalancers.flatMap((balancer) => balancer.advancedConfiguration?.alternateTargetGroupArn ?? []).toSorted();
  const isSame = isDeepStrictEqual(own(before), own(after));
  const hadNone = alternate(before).length === 0;
  if (
    before.deployments.length > 0 &&
    !(isSame && (hadNone || isDeepStrictEqual(alternate(before), alternate(after))))
  ) {
    throw invalidParameter(
      `Longshore does not support other target groups for a service with deployment strategy ${after.deploymentConfiguration.strategy} yet.`,
    );
  }
}
