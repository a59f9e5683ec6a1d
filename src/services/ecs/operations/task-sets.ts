import type { CreateTaskSetCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { capacityProviderConditions, clusterCondition, serviceResource, tagOnCreate } from '../authorization.ts';
import { launchNetwork, launchOf } from '../domain/launch.ts';
import type { Launch } from '../domain/launch.ts';
import { platformVersionOf } from '../domain/platform-version.ts';
import { checkLoadBalancers } from '../domain/service-input.ts';
import { newDeployment } from '../domain/service-step.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { computedCount, scaleOf, taskSetArn, taskSets } from '../domain/task-set.ts';
import type { TaskSetRow } from '../domain/task-set.ts';
import { invalidParameter, serviceNotActive, taskSetNotFound } from '../errors.ts';
import { activeCluster, activeDefinition, findCluster, findService } from '../lookups.ts';
import { operation } from '../operation.ts';
import { checkServiceRegistries } from '../service-registries.ts';
import { tasks } from '../tables.ts';
import type { ClusterRow, ServiceRow, TaskDefinitionRow } from '../tables.ts';
import { taskSetView } from '../views/task-set.ts';

const MOST_SETS = 5;

interface OfService {
  readonly cluster?: string | undefined;
  readonly service?: string | undefined;
}

function resourceOf(input: OfService & { readonly taskSet?: string | undefined }, scope: Scope): string {
  const [service = ''] = serviceResource(input, scope);
  return taskSetArn(scope, service, input.taskSet ?? '*');
}

function conditionsOf(input: OfService, scope: Scope): ConditionValues {
  const [service = ''] = serviceResource(input, scope);
  return { ...clusterCondition(input, scope), 'ecs:service': service };
}

/** The service, which somebody else deploys. */
async function externalService(tx: ReadTx, scope: Scope, input: OfService): Promise<Stored<ServiceRow>> {
  const service = await findService(tx, scope, await findCluster(tx, scope, input.cluster), input.service);
  if (service.status !== 'ACTIVE') throw serviceNotActive();
  if (!service.isExternal) {
    throw invalidParameter(
      'Amazon ECS only supports task set management on services with CODE_DEPLOY or EXTERNAL deployment controllers. ' +
        'Use the UpdateService API to change this service.',
    );
  }
  return service;
}

async function taskSetOf(tx: ReadTx, scope: Scope, service: ServiceRow, reference = ''): Promise<Stored<TaskSetRow>> {
  const row = await tx.get(taskSets, taskSetArn(scope, service.arn, reference));
  if (row?.serviceArn !== service.arn) throw taskSetNotFound();
  return row;
}

async function view(tx: ReadTx, row: TaskSetRow, service: ServiceRow, include: readonly string[] = ['TAGS']) {
  return taskSetView(row, service, await tx.list(tasks, { where: ['service', service.arn] }), include);
}

function setLaunch(
  input: CreateTaskSetCommandInput,
  { placementConstraints, placementStrategy }: ServiceRow,
  cluster: ClusterRow,
  definition: TaskDefinitionRow,
): Launch {
  const placing = {
    ...(placementConstraints && { placementConstraints: [...placementConstraints] }),
    ...(placementStrategy && { placementStrategy: [...placementStrategy] }),
  };
  return launchOf({ ...input, ...placing }, cluster, definition);
}

async function newTaskSet(ctx: Context, service: ServiceRow, input: CreateTaskSetCommandInput): Promise<TaskSetRow> {
  const cluster = await ctx.read((tx) => activeCluster(tx, ctx, service.clusterArn));
  const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
  const launch = setLaunch(input, service, cluster, definition);
  const { strategy, launchType } = launch;
  const network = await launchNetwork(ctx.call, launch, definition, input.networkConfiguration);
  const loadBalancers = input.loadBalancers ?? [];
  await checkLoadBalancers(ctx.call, loadBalancers, definition);
  await checkServiceRegistries(ctx.call, input.serviceRegistries ?? [], definition);
  const tags = tagsOf(input.tags);
  checkTagCount(tags);
  const platformVersion = platformVersionOf(input.platformVersion);
  const serviceRegistries = input.serviceRegistries ?? [];
  const of = { taskDefinitionArn: definition.arn, network, platformVersion, loadBalancers, serviceRegistries };
  const workload = newDeployment({ ...of, revisionArn: '', serviceDeploymentArn: '' }, ctx.ids, ctx.now);
  return {
    account: ctx.account,
    region: ctx.region,
    arn: taskSetArn(ctx, service.arn, workload.id),
    id: workload.id,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    status: 'ACTIVE',
    ...(input.externalId !== undefined && { externalId: input.externalId }),
    scale: scaleOf(input.scale),
    workload,
    ...(launchType === 'EC2' && { launchType }),
    ...(strategy && { capacityProviderStrategy: strategy }),
    isSteady: false,
    stabilityAtMs: ctx.now,
    ...(input.clientToken !== undefined && { clientToken: input.clientToken }),
    tags,
    createdAtMs: ctx.now,
    updatedAtMs: ctx.now,
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html */
export const CreateTaskSet = operation('CreateTaskSet', {
  resources: (input, scope) => [resourceOf(input, scope)],
  conditions: (input, scope) => ({
    ...conditionsOf(input, scope),
    ...capacityProviderConditions(
      scope,
      input.capacityProviderStrategy?.map((item) => item.capacityProvider ?? ''),
    ),
    ...(input.taskDefinition !== undefined && { 'ecs:task-definition': input.taskDefinition }),
  }),
  also: (input, scope) => tagOnCreate(input, 'CreateTaskSet', [resourceOf(input, scope)]),
  async handle(ctx, input) {
    const service = await ctx.read((tx) => externalService(tx, ctx, input));
    const row = await newTaskSet(ctx, service, input);
    return ctx.write(async (tx) => {
      const now = await externalService(tx, ctx, input);
      const others = await tx.list(taskSets, { where: ['service', service.arn] });
      const same = others.find((one) => one.clientToken !== undefined && one.clientToken === row.clientToken);
      if (same) return { taskSet: await view(tx, same, service) };
      if (others.filter((one) => one.status !== 'DRAINING').length >= MOST_SETS) {
        throw invalidParameter(`A service can have ${MOST_SETS} task sets at most.`);
      }
      // What was found good may have changed while others were asked.
      const cluster = await activeCluster(tx, ctx, now.clusterArn);
      setLaunch(input, now, cluster, await activeDefinition(tx, ctx, row.workload.taskDefinitionArn));
      return { taskSet: await view(tx, await tx.put(taskSets, row), service) };
    });
  },
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskSets.html */
export const DescribeTaskSets = operation('DescribeTaskSets', {
  readOnly: true,
  resources: (input, scope) =>
    input.taskSets?.length
      ? input.taskSets.map((taskSet) => resourceOf({ ...input, taskSet }, scope))
      : [resourceOf(input, scope)],
  conditions: conditionsOf,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const service = await externalService(tx, ctx, input);
      const known = await tx.list(taskSets, { where: ['service', service.arn] });
      const wanted = input.taskSets?.map((one) => taskSetArn(ctx, service.arn, one)) ?? known.map((one) => one.arn);
      const found = known.filter((one) => wanted.includes(one.arn));
      const missing = wanted.filter((arn) => known.every((one) => one.arn !== arn));
      return {
        taskSets: await Promise.all(found.map((one) => view(tx, one, service, input.include ?? []))),
        failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
      };
    }),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskSet.html */
export const UpdateTaskSet = operation('UpdateTaskSet', {
  resources: (input, scope) => [resourceOf(input, scope)],
  conditions: conditionsOf,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const service = await externalService(tx, ctx, input);
      const row = await taskSetOf(tx, ctx, service, input.taskSet);
      if (row.status === 'DRAINING') throw invalidParameter('The task set is being deleted.');
      const scale = scaleOf(input.scale);
      const moved = { isSteady: false, stabilityAtMs: ctx.now };
      const stored = await tx.put(taskSets, {
        ...row,
        ...(scale !== row.scale && moved),
        scale,
        updatedAtMs: ctx.now,
      });
      return { taskSet: await view(tx, stored, service) };
    }),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html */
export const UpdateServicePrimaryTaskSet = operation('UpdateServicePrimaryTaskSet', {
  resources: (input, scope) => serviceResource(input, scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const service = await externalService(tx, ctx, input);
      const chosen = await taskSetOf(tx, ctx, service, input.primaryTaskSet);
      if (chosen.status === 'DRAINING') throw invalidParameter('The task set is being deleted.');
      for (const one of await tx.list(taskSets, { where: ['service', service.arn] })) {
        if (one.status !== 'PRIMARY' || one.arn === chosen.arn) continue;
        await tx.put(taskSets, { ...one, status: 'ACTIVE' as const, updatedAtMs: ctx.now });
      }
      const stored = await tx.put(taskSets, { ...chosen, status: 'PRIMARY' as const, updatedAtMs: ctx.now });
      return { taskSet: await view(tx, stored, service) };
    }),
});

/** Its tasks stop, then it is gone. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskSet.html */
export const DeleteTaskSet = operation('DeleteTaskSet', {
  resources: (input, scope) => [resourceOf(input, scope)],
  conditions: conditionsOf,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const service = await externalService(tx, ctx, input);
      const row = await taskSetOf(tx, ctx, service, input.taskSet);
      if (computedCount(row, service) > 0 && !input.force) {
        throw invalidParameter('The task set cannot be deleted while it is scaled above 0. Use force to delete it.');
      }
      const draining = await tx.put(taskSets, {
        ...row,
        status: 'DRAINING' as const,
        isSteady: false,
        stabilityAtMs: ctx.now,
        updatedAtMs: ctx.now,
      });
      return { taskSet: await view(tx, draining, service) };
    }),
});
