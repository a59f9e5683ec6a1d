import { isDeepStrictEqual } from 'node:util';
import type {
  CreateExpressGatewayServiceCommandInput,
  ExpressGatewayServiceNetworkConfiguration,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { ConditionValues, Permission } from '../../../api/operation.ts';
import { parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { Conflict } from '../../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { clusterCondition, passRoles, serviceResource, sizeConditions, tagOnCreate } from '../authorization.ts';
import { clusterArn, clusterNameOf, serviceArn } from '../domain/references.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { normaliseTaskDefinition } from '../domain/task-definition.ts';
import { invalidParameter, resourceNotFound, serviceNotActive, serviceNotFound } from '../errors.ts';
import { ensureDefaultCluster } from '../express/cluster.ts';
import { definitionOf } from '../express/definition.ts';
import { joinGateway, leaveGateway } from '../express/gateway.ts';
import { checkServiceName, wishOf } from '../express/input.ts';
import type { Wish } from '../express/input.ts';
import { endpointName, generatedName, logGroupName } from '../express/names.ts';
import { expressNetwork } from '../express/network.ts';
import { checkExpressRoles, ECS } from '../express/roles.ts';
import { expressServices, PARTS } from '../express/tables.ts';
import type { ExpressConfiguration, ExpressServiceRow } from '../express/tables.ts';
import { activeOf, expressView, updatedView } from '../express/views.ts';
import { activeDefinition, getInScope } from '../lookups.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { putTaskDefinition } from '../task-definition-records.ts';
import { services, taskDefinitions } from '../tables.ts';
import type { TaskDefinitionRow } from '../tables.ts';

type Ctx = Context<EcsPorts>;
type Configured = {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly taskDefinitionArn?: string | undefined;
  readonly networkConfiguration?: ExpressGatewayServiceNetworkConfiguration | undefined;
};

function conditionsOf({ cpu, memory, taskDefinitionArn, networkConfiguration }: Configured): ConditionValues {
  return {
    ...sizeConditions({ cpu, memory }),
    ...(taskDefinitionArn !== undefined && { 'ecs:task-definition': taskDefinitionArn }),
    ...(networkConfiguration?.subnets?.length && { 'ecs:subnet': networkConfiguration.subnets }),
  };
}

function createdResource({ cluster, serviceName }: CreateExpressGatewayServiceCommandInput, scope: Scope): string[] {
  return serviceResource({ cluster, service: serviceName ?? '*' }, scope);
}

/** The cluster that stands in a service's ARN. */
function ofArn(arn: string | undefined, scope: Scope): ConditionValues {
  return clusterCondition({ cluster: parseArn(arn ?? '')?.resource.split('/')[1] }, scope);
}

function passInfrastructureRole({
  infrastructureRoleArn: role,
}: CreateExpressGatewayServiceCommandInput): Permission[] {
  if (!role) return [];
  return [{ action: 'iam:PassRole', resources: [role], conditions: { 'iam:passedtoservice': ECS } }];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html */
export const CreateExpressGatewayService = operation('CreateExpressGatewayService', {
  resources: createdResource,
  conditions: (input, scope) => ({ ...clusterCondition(input, scope), ...conditionsOf(input) }),
  also: (input, scope) => [
    ...passRoles(scope, input),
    ...passInfrastructureRole(input),
    ...tagOnCreate(input, 'CreateExpressGatewayService', createdResource(input, scope)),
  ],
  async handle(ctx, input) {
    const own = await ownDefinition(ctx, input.taskDefinitionArn);
    const wish = wishOf(input, undefined, own);
    const infrastructureRoleArn = input.infrastructureRoleArn ?? '';
    const id = ctx.ids.hex(12);
    const name = input.serviceName ?? generatedName(own?.family ?? wish.primaryContainer?.image ?? '', id);
    checkServiceName(name);
    const tags = tagsOf(input.tags);
    checkTagCount(tags);
    await checkExpressRoles(ctx, wish, infrastructureRoleArn);
    const network = await expressNetwork(ctx.call, wish.network);
    const cluster = clusterNameOf(clusterArn(ctx, input.cluster));
    const logGroup = logGroupName(cluster, name, id);
    const definition = own ? undefined : definitionFor(ctx, wish, `${cluster}-${name}`, logGroup);
    return ctx.write(async (tx) => {
      const { arn: ofCluster } = await ensureDefaultCluster(tx, ctx, input.cluster);
      const arn = serviceArn(ctx, cluster, name);
      const before = await tx.get(expressServices, arn);
      const known = await tx.get(services, arn);
      if ([before, known].some((row) => row !== undefined && row.status !== 'INACTIVE')) {
        throw invalidParameter('Creation of service was not idempotent.');
      }
      const registered = definition && (await putTaskDefinition(tx, ctx, definition, tags));
      const taskDefinitionArn = (registered ?? own)?.arn ?? '';
      const hasOwnLogs = own !== undefined || wish.primaryContainer?.awsLogsConfiguration !== undefined;
      const row: ExpressServiceRow = {
        account: ctx.account,
        region: ctx.region,
        arn,
        id,
        name,
        clusterArn: ofCluster,
        status: 'ACTIVE',
        infrastructureRoleArn,
        gatewayId: await joinGateway(tx, ctx, network, ctx.ids),
        vpcId: network.vpcId,
        subnets: network.subnets,
        isPublic: network.isPublic,
        hostname: endpointName(ctx, name, id, ctx.ports.domain),
        ...(!hasOwnLogs && { logGroup }),
        configurations: [{ ...wish, taskDefinitionArn, createdAtMs: ctx.now }],
        taskDefinitionArns: registered ? [registered.arn] : [],
        made: {},
        tags,
        createdAtMs: ctx.now,
        updatedAtMs: ctx.now,
      };
      const stored = await tx.put(expressServices, before ? { ...row, revision: before.revision } : row);
      return { service: expressView(stored, undefined, ['TAGS']) };
    });
  },
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeExpressGatewayService.html */
export const DescribeExpressGatewayService = operation('DescribeExpressGatewayService', {
  readOnly: true,
  resources: ({ serviceArn: arn }) => [arn || '*'],
  conditions: ({ serviceArn: arn }, scope) => ofArn(arn, scope),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await getInScope(tx, expressServices, ctx, input.serviceArn ?? '');
      if (!row) throw resourceNotFound();
      return { service: expressView(row, await tx.get(services, row.arn), input.include) };
    }),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateExpressGatewayService.html */
export const UpdateExpressGatewayService = operation('UpdateExpressGatewayService', {
  resources: ({ serviceArn: arn }) => [arn || '*'],
  conditions: (input, scope) => ({ ...ofArn(input.serviceArn, scope), ...conditionsOf(input) }),
  also: (input, scope) => passRoles(scope, input),
  async handle(ctx, input) {
    const before = await ctx.read((tx) => activeExpress(tx, ctx, input.serviceArn));
    const [current] = before.configurations;
    const keeps = input.taskDefinitionArn === undefined && current.primaryContainer === undefined;
    const own = await ownDefinition(
      ctx,
      input.taskDefinitionArn ?? (keeps && !input.primaryContainer ? current.taskDefinitionArn : undefined),
    );
    const wish = wishOf(input, current, own);
    if (input.networkConfiguration) await checkNetwork(ctx, before, wish);
    await checkExpressRoles(ctx, wish, before.infrastructureRoleArn);
    const family = `${clusterNameOf(before.clusterArn)}-${before.name}`;
    const logGroup = before.logGroup ?? logGroupName(clusterNameOf(before.clusterArn), before.name, before.id);
    const definition = own ? undefined : definitionFor(ctx, wish, family, logGroup);
    return ctx.write(async (tx) => {
      const row = await activeExpress(tx, ctx, input.serviceArn);
      if (!isDeepStrictEqual(row.configurations[0], current)) throw new Conflict('Another update came first.');
      const service = await tx.get(services, row.arn);
      // The image's tag may mean another image by now.
      const isSame = !input.primaryContainer && isDeepStrictEqual(definition, await definitionNow(tx, current));
      const registered = definition && !isSame ? await putTaskDefinition(tx, ctx, definition, row.tags) : undefined;
      const taskDefinitionArn = registered?.arn ?? own?.arn ?? current.taskDefinitionArn;
      const next: ExpressConfiguration = { ...wish, taskDefinitionArn, createdAtMs: ctx.now };
      const running = activeOf(row, service).filter((one) => one.taskDefinitionArn !== taskDefinitionArn);
      const usesGroup = !own && wish.primaryContainer?.awsLogsConfiguration === undefined;
      const stored = await tx.put(expressServices, {
        ...row,
        configurations: [next, ...running],
        taskDefinitionArns: [...row.taskDefinitionArns, ...(registered ? [registered.arn] : [])],
        ...(usesGroup && { logGroup }),
        updatedAtMs: ctx.now,
      });
      return { service: updatedView(stored, service) };
    });
  },
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteExpressGatewayService.html */
export const DeleteExpressGatewayService = operation('DeleteExpressGatewayService', {
  resources: ({ serviceArn: arn }) => [arn || '*'],
  conditions: ({ serviceArn: arn }, scope) => ofArn(arn, scope),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const row = await activeExpress(tx, ctx, input.serviceArn);
      const removing = PARTS.at(-1);
      const stored = await tx.put(expressServices, {
        ...row,
        status: 'DRAINING' as const,
        ...(removing && { removing }),
        updatedAtMs: ctx.now,
      });
      await leaveGateway(tx, row.gatewayId);
      return { service: expressView(stored, await tx.get(services, row.arn), ['TAGS']) };
    }),
});

async function activeExpress(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<ExpressServiceRow>> {
  const row = await getInScope(tx, expressServices, scope, arn);
  if (!row) throw serviceNotFound();
  if (row.status !== 'ACTIVE') throw serviceNotActive();
  return row;
}

async function ownDefinition(ctx: Ctx, arn: string | undefined): Promise<TaskDefinitionRow | undefined> {
  return arn === undefined ? undefined : ctx.read((tx) => activeDefinition(tx, ctx, arn));
}

function definitionFor(ctx: Ctx, wish: Wish, family: string, logGroup: string): TaskDefinitionRow['definition'] {
  return normaliseTaskDefinition(definitionOf(wish, family, logGroup, ctx), ctx.ports.registryHost);
}

async function definitionNow(tx: ReadTx, { taskDefinitionArn }: ExpressConfiguration) {
  return (await tx.get(taskDefinitions, taskDefinitionArn))?.definition;
}

/** Its load balancer stays where it is, so its tasks do. */
async function checkNetwork(ctx: Ctx, before: ExpressServiceRow, wish: Wish): Promise<void> {
  const network = await expressNetwork(ctx.call, {
    ...wish.network,
    subnets: wish.network.subnets ?? [...before.subnets],
  });
  if (network.subnets.toSorted().join() !== before.subnets.toSorted().join()) {
    throw invalidParameter('Longshore does not support other subnets for an Express service that is there yet.');
  }
}
