import type { UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { checkAwsVpc } from '../domain/awsvpc.ts';
import { LATEST_PLATFORM } from '../domain/new-task.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { serviceArn } from '../domain/references.ts';
import { checkFargateLaunch } from '../domain/run-task.ts';
import {
  checkContainerPort,
  checkCreateService,
  checkLoadBalancers,
  checkUpdateService,
  deploymentConfigurationOf,
} from '../domain/service-input.ts';
import { newDeployment } from '../domain/service-step.ts';
import { tagsOf } from '../domain/tag-list.ts';
import { badToken, clientError, invalidParameter, serviceNotActive } from '../errors.ts';
import { activeCluster, activeDefinition, findCluster, findService } from '../lookups.ts';
import { clusterCondition, serviceResource, tagOnCreate } from '../authorization.ts';
import { operation } from '../operation.ts';
import { services, taskDefinitions, tasks } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';
import { serviceView } from '../views/service.ts';

async function view(tx: ReadTx, row: ServiceRow, include: readonly string[] = []) {
  return serviceView(row, await tx.list(tasks, { where: ['service', row.arn] }), include);
}

/** What the input tells of a service's placement and tags, for policies that restrict it. */
function serviceConditions(
  input: Pick<
    UpdateServiceCommandInput,
    | 'cluster'
    | 'taskDefinition'
    | 'enableExecuteCommand'
    | 'enableECSManagedTags'
    | 'propagateTags'
    | 'networkConfiguration'
  >,
  scope: Scope,
): ConditionValues {
  const { subnets, assignPublicIp } = input.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    ...clusterCondition(input, scope),
    ...(input.taskDefinition !== undefined && { 'ecs:task-definition': input.taskDefinition }),
    ...(input.enableExecuteCommand !== undefined && {
      'ecs:enable-execute-command': String(input.enableExecuteCommand),
    }),
    ...(input.enableECSManagedTags !== undefined && {
      'ecs:enable-ecs-managed-tags': String(input.enableECSManagedTags),
    }),
    ...(input.propagateTags !== undefined && { 'ecs:propagate-tags': input.propagateTags }),
    ...(assignPublicIp !== undefined && { 'ecs:auto-assign-public-ip': assignPublicIp }),
    ...(subnets && { 'ecs:subnet': subnets }),
  };
}

export const CreateService = operation('CreateService', {
  resources: ({ cluster, serviceName }, scope) => serviceResource({ cluster, service: serviceName }, scope),
  conditions: serviceConditions,
  also: (input, scope) =>
    tagOnCreate(input, 'CreateService', serviceResource({ ...input, service: input.serviceName }, scope)),
  async handle(ctx, input) {
    checkCreateService(input);
    const tags = tagsOf(input.tags);
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
    checkFargateLaunch(input, cluster, definition);
    const network = await checkAwsVpc(ctx.call, input.networkConfiguration);
    await checkLoadBalancers(ctx.call, input.loadBalancers ?? [], definition);
    const arn = serviceArn(ctx, cluster.name, input.serviceName ?? '');
    const wanted: ServiceRow = {
      account: ctx.account,
      region: ctx.region,
      arn,
      name: input.serviceName ?? '',
      clusterArn: cluster.arn,
      status: 'ACTIVE',
      desiredCount: input.desiredCount ?? 0,
      launchType: 'FARGATE',
      platformVersion: LATEST_PLATFORM,
      taskDefinitionArn: definition.arn,
      network,
      loadBalancers: input.loadBalancers ?? [],
      deploymentConfiguration: deploymentConfigurationOf(input.deploymentConfiguration),
      propagateTags: input.propagateTags ?? 'NONE',
      enableEcsManagedTags: input.enableECSManagedTags ?? false,
      deployments: [
        newDeployment(
          { taskDefinitionArn: definition.arn, network, platformVersion: LATEST_PLATFORM },
          ctx.ids,
          ctx.now,
        ),
      ],
      events: [],
      steady: false,
      tags,
      createdAtMs: ctx.now,
      createdBy: ctx.principal.arn,
      ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
      ...(input.loadBalancers?.length
        ? { healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0 }
        : {}),
    };
    return ctx.write(async (tx) => {
      await activeCluster(tx, ctx, input.cluster);
      const found = await tx.get(services, arn);
      if (found && found.status !== 'INACTIVE') {
        if (found.clientToken && found.clientToken === input.clientToken)
          return { service: await view(tx, found, ['TAGS']) };
        if (found.status === 'DRAINING') throw invalidParameter('Unable to Start a service that is still Draining.');
        throw invalidParameter('Creation of service was not idempotent.');
      }
      const row = await tx.put(services, found ? { ...wanted, revision: found.revision } : wanted);
      return { service: await view(tx, row, ['TAGS']) };
    });
  },
});

export const UpdateService = operation('UpdateService', {
  resources: serviceResource,
  conditions: serviceConditions,
  async handle(ctx, input) {
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const before = await ctx.read((tx) => findService(tx, ctx, cluster, input.service));
    if (before.status !== 'ACTIVE') throw serviceNotActive();
    checkUpdateService(input, input.loadBalancers ?? before.loadBalancers);
    const definition = await ctx.read((tx) =>
      input.taskDefinition === undefined
        ? tx.get(taskDefinitions, before.taskDefinitionArn)
        : activeDefinition(tx, ctx, input.taskDefinition),
    );
    if (!definition) throw clientError('TaskDefinition not found.');
    if (input.capacityProviderStrategy || input.taskDefinition) {
      const { capacityProviderStrategy } = input;
      checkFargateLaunch(
        capacityProviderStrategy?.length ? { capacityProviderStrategy } : { launchType: 'FARGATE' },
        cluster,
        definition,
      );
    }
    const network = input.networkConfiguration
      ? await checkAwsVpc(ctx.call, input.networkConfiguration)
      : before.network;
    await checkLoadBalancers(ctx.call, input.loadBalancers ?? [], definition);
    if (input.taskDefinition) before.loadBalancers.forEach((balancer) => checkContainerPort(balancer, definition));
    return ctx.write(async (tx) => {
      const row = await tx.get(services, before.arn);
      if (row?.status !== 'ACTIVE') throw serviceNotActive();
      const updated: ServiceRow = {
        ...row,
        desiredCount: input.desiredCount ?? row.desiredCount,
        // What is not asked for stays as it is now: the row may have moved on since it was checked.
        taskDefinitionArn: input.taskDefinition === undefined ? row.taskDefinitionArn : definition.arn,
        network: input.networkConfiguration ? network : row.network,
        loadBalancers: input.loadBalancers ?? row.loadBalancers,
        deploymentConfiguration: deploymentConfigurationOf(input.deploymentConfiguration, row.deploymentConfiguration),
        propagateTags: input.propagateTags ?? row.propagateTags,
        enableEcsManagedTags: input.enableECSManagedTags ?? row.enableEcsManagedTags,
        steady: false,
        ...(input.healthCheckGracePeriodSeconds === undefined
          ? {}
          : { healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds }),
      };
      const isNewDeployment =
        input.forceNewDeployment === true ||
        updated.taskDefinitionArn !== row.taskDefinitionArn ||
        input.networkConfiguration !== undefined ||
        input.loadBalancers !== undefined;
      const deployments = isNewDeployment
        ? [
            newDeployment(updated, ctx.ids, ctx.now),
            ...row.deployments.map((deployment) => ({
              ...deployment,
              status: 'ACTIVE' as const,
              updatedAtMs: ctx.now,
            })),
          ]
        : row.deployments;
      const stored = await tx.put(services, { ...updated, deployments, revision: row.revision });
      return { service: await view(tx, stored, ['TAGS']) };
    });
  },
});

export const DeleteService = operation('DeleteService', {
  resources: serviceResource,
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const row = await findService(tx, ctx, cluster, input.service);
      if (row.status === 'INACTIVE') throw serviceNotActive();
      if (row.desiredCount > 0 && !input.force) {
        throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
      }
      const draining = await tx.put(services, { ...row, status: 'DRAINING' as const, desiredCount: 0, steady: false });
      return { service: await view(tx, draining, ['TAGS']) };
    }),
});

export const DescribeServices = operation('DescribeServices', {
  readOnly: true,
  resources: (input, scope) =>
    (input.services ?? []).flatMap((service) => serviceResource({ cluster: input.cluster, service }, scope)),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const references = input.services ?? [];
      if (references.length === 0) throw invalidParameter('Services cannot be empty.');
      if (references.length > 10) throw invalidParameter('Services can have at most 10 items.');
      const found = [];
      const failures = [];
      for (const reference of references) {
        const arn = serviceArn(ctx, cluster.name, reference);
        const row = await tx.get(services, arn);
        if (row && row.clusterArn === cluster.arn) found.push(await view(tx, row, input.include ?? []));
        else failures.push({ arn, reason: 'MISSING' });
      }
      return { services: found, failures };
    }),
});

export const ListServices = operation('ListServices', {
  readOnly: true,
  resources: () => ['*'],
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const rows = (await tx.list(services, { where: ['cluster', cluster.arn] })).filter(
        (row) =>
          row.status !== 'INACTIVE' &&
          (input.launchType === undefined || row.launchType === input.launchType) &&
          (input.schedulingStrategy === undefined || input.schedulingStrategy === 'REPLICA'),
      );
      const page = paginate(rows, (row) => row.arn, {
        limit: pageLimit(input.maxResults, 10),
        token: input.nextToken,
        onBadToken: badToken,
      });
      return {
        serviceArns: page.items.map((row) => row.arn),
        ...(page.nextToken ? { nextToken: page.nextToken } : {}),
      };
    }),
});
