import type { CreateServiceCommandInput, Service, UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../api/context.ts';
import { requestHash } from './domain/client-token.ts';
import { deploymentConfigurationOf } from './domain/deployment-configuration.ts';
import { LATEST_PLATFORM } from './domain/platform-version.ts';
import { serviceArn } from './domain/references.ts';
import { normaliseConstraints } from './domain/placement/constraints.ts';
import { normaliseStrategies } from './domain/placement/strategies.ts';
import { refuseDaemon } from './domain/service-placement.ts';
import { checkCreateService, checkGraceRange, checkUpdateService } from './domain/service-input.ts';
import { checkTagCount, tagsOf } from './domain/tag-list.ts';
import { taskSets } from './domain/task-set.ts';
import { invalidParameter, refuseUnsupported, serviceNotActive } from './errors.ts';
import { activeCluster, findCluster, findService } from './lookups.ts';
import { describeService } from './service-view.ts';
import { services } from './tables.ts';
import type { ServiceRow } from './tables.ts';

/** What each task set of such a service has for itself. */
const OF_TASK_SETS = [
  'taskDefinition',
  'networkConfiguration',
  'loadBalancers',
  'serviceRegistries',
  'launchType',
  'capacityProviderStrategy',
  'platformVersion',
  'deploymentConfiguration',
  'serviceConnectConfiguration',
  'forceNewDeployment',
  'monitoring',
] as const;

type Input = CreateServiceCommandInput | UpdateServiceCommandInput;

function checkOwn(input: Input): void {
  refuseUnsupported(input, ['availabilityZoneRebalancing']);
  if (input.healthCheckGracePeriodSeconds !== undefined) checkGraceRange(input.healthCheckGracePeriodSeconds);
  for (const member of OF_TASK_SETS) {
    const value: unknown = (input as unknown as Record<string, unknown>)[member];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw invalidParameter(
      `${member} cannot be specified for a service with the EXTERNAL deployment controller. Use the CreateTaskSet API.`,
    );
  }
}

/** Of those task sets that are on container instances. */
function placementOf({ placementConstraints: constraints, placementStrategy: strategy }: Input) {
  return {
    ...(constraints && { placementConstraints: normaliseConstraints(constraints) }),
    ...(strategy && { placementStrategy: normaliseStrategies(strategy) }),
  };
}

/** CreateService of a service whose tasks are those of its task sets. */
export async function createExternal(ctx: Context, input: CreateServiceCommandInput): Promise<Service> {
  const { deploymentController: _controller, healthCheckGracePeriodSeconds: grace, ...rest } = input;
  checkCreateService({ ...rest, desiredCount: input.desiredCount ?? 0 });
  checkOwn(input);
  if (input.schedulingStrategy === 'DAEMON') refuseDaemon();
  const tags = tagsOf(input.tags);
  checkTagCount(tags);
  return ctx.write(async (tx) => {
    const cluster = await activeCluster(tx, ctx, input.cluster);
    const arn = serviceArn(ctx, cluster.name, input.serviceName ?? '');
    const found = await tx.get(services, arn);
    const hash = requestHash(input);
    if (found && found.status !== 'INACTIVE') {
      const isSame = input.clientToken !== undefined && found.clientToken === input.clientToken;
      if (isSame && found.requestHash === hash) return describeService(tx, found, ['TAGS']);
      throw invalidParameter('Creation of service was not idempotent.');
    }
    const row: ServiceRow = {
      account: ctx.account,
      region: ctx.region,
      arn,
      name: input.serviceName ?? '',
      clusterArn: cluster.arn,
      status: 'ACTIVE',
      isExternal: true,
      desiredCount: input.desiredCount ?? 0,
      launchType: 'FARGATE',
      ...placementOf(input),
      platformVersion: LATEST_PLATFORM,
      taskDefinitionArn: '',
      network: { subnets: [], securityGroups: [], assignPublicIp: false },
      loadBalancers: [],
      deploymentConfiguration: deploymentConfigurationOf(undefined),
      availabilityZoneRebalancing: 'DISABLED',
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      propagateTags: input.propagateTags ?? 'NONE',
      enableEcsManagedTags: input.enableECSManagedTags ?? false,
      deployments: [],
      events: [],
      steady: false,
      tags,
      createdAtMs: ctx.now,
      createdBy: ctx.principal.arn,
      ...(input.clientToken !== undefined && { clientToken: input.clientToken, requestHash: hash }),
      ...(grace !== undefined && { healthCheckGracePeriodSeconds: grace }),
    };
    return describeService(tx, await tx.put(services, found ? { ...row, revision: found.revision } : row), ['TAGS']);
  });
}

/**
 * UpdateService of such a service: its count, which its task sets follow, its grace period, and how their next tasks are
 * placed and tagged; undefined for others.
 */
export async function updateExternal(ctx: Context, input: UpdateServiceCommandInput): Promise<Service | undefined> {
  const arn = await ctx.read(async (tx) => {
    const row = await findService(tx, ctx, await findCluster(tx, ctx, input.cluster), input.service);
    return row.isExternal ? row.arn : undefined;
  });
  if (arn === undefined) return undefined;
  const { deploymentController: controller, healthCheckGracePeriodSeconds: grace, ...rest } = input;
  if (controller && controller.type !== 'EXTERNAL') {
    throw invalidParameter(
      `Longshore does not support deployment controller ${controller.type} of EXTERNAL services yet.`,
    );
  }
  checkUpdateService(rest, []);
  checkOwn(input);
  return ctx.write(async (tx) => {
    const row = await tx.get(services, arn);
    if (row?.status !== 'ACTIVE') throw serviceNotActive();
    for (const set of await tx.list(taskSets, { where: ['service', arn] })) {
      const isMoved = input.desiredCount !== undefined && input.desiredCount !== row.desiredCount;
      if (isMoved) await tx.put(taskSets, { ...set, isSteady: false, stabilityAtMs: ctx.now });
    }
    const stored = await tx.put(services, {
      ...row,
      desiredCount: input.desiredCount ?? row.desiredCount,
      ...placementOf(input),
      enableExecuteCommand: input.enableExecuteCommand ?? row.enableExecuteCommand,
      propagateTags: input.propagateTags ?? row.propagateTags,
      enableEcsManagedTags: input.enableECSManagedTags ?? row.enableEcsManagedTags,
      ...(grace !== undefined && { healthCheckGracePeriodSeconds: grace }),
    });
    return describeService(tx, stored, ['TAGS']);
  });
}
