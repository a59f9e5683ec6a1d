import type { Failure, RunTaskCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import {
  capacityProviderConditions,
  clusterCondition,
  definitionResource,
  passRoles,
  rolesOf,
  sizeConditions,
  tagOnCreate,
  taskResources,
} from '../authorization.ts';
import { nextProvider } from '../domain/capacity-provider-strategy.ts';
import { CLIENT_TOKEN_MS, requestHash } from '../domain/client-token.ts';
import { launchNetwork, launchOf } from '../domain/launch.ts';
import type { Launch } from '../domain/launch.ts';
import { newTask } from '../domain/new-task.ts';
import type { NewTask } from '../domain/new-task.ts';
import { normaliseConstraints } from '../domain/placement/constraints.ts';
import type { Demand } from '../domain/placement/instance.ts';
import { NO_INSTANCES, placementFailures } from '../domain/placement/reasons.ts';
import { TASK_STRATEGY, normaliseStrategies } from '../domain/placement/strategies.ts';
import { platformVersionOf } from '../domain/platform-version.ts';
import { checkExec, checkRunTask } from '../domain/run-task.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { checkOverrides } from '../domain/task-overrides.ts';
import { nextSubnet } from '../domain/zones.ts';
import { cannotAssumeRole, invalidParameter, tokenInUse } from '../errors.ts';
import { chooseInstances, demandFor, placeIn } from '../instance-placement.ts';
import { activeCluster, activeDefinition, findTaskDefinition } from '../lookups.ts';
import { onProviders } from '../provider-placement.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { taskSettings } from '../settings.ts';
import { clientTokenKey, clientTokens, taskDefinitions, tasks } from '../tables.ts';
import type { AwsVpcRow, ClusterRow, TaskDefinitionRow, TaskRow } from '../tables.ts';
import { taskView } from '../views/task.ts';

/**
 * What the token stands for; tasks that were forgotten since are left out. With the last of them the token ends, as AWS's
 * does an hour after the last has stopped: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 * @throws ConflictException for a token of another wish
 */
async function answered(
  tx: ReadTx,
  cluster: ClusterRow,
  input: RunTaskCommandInput,
  now: number,
): Promise<Launched | undefined> {
  if (!input.clientToken) return undefined;
  const known = await tx.get(clientTokens, clientTokenKey(cluster.arn, input.clientToken));
  if (!known || now - known.usedAtMs >= CLIENT_TOKEN_MS) return undefined;
  const found = await Promise.all(known.taskArns.map((arn) => tx.get(tasks, arn)));
  const rows = found.filter((row) => row !== undefined);
  if (known.taskArns.length > 0 && rows.length === 0) return undefined;
  if (known.requestHash !== requestHash(input)) throw tokenInUse(known.taskArns);
  return { rows, failures: known.failures ?? [] };
}

async function remember(
  tx: WriteTx,
  cluster: ClusterRow,
  input: RunTaskCommandInput,
  { rows, failures }: Launched,
  now: number,
): Promise<void> {
  if (!input.clientToken) return;
  const before = await tx.get(clientTokens, clientTokenKey(cluster.arn, input.clientToken));
  await tx.put(clientTokens, {
    ...(before && { revision: before.revision }),
    clusterArn: cluster.arn,
    token: input.clientToken,
    requestHash: requestHash(input),
    taskArns: rows.map((task) => task.arn),
    ...(failures.length > 0 && { failures }),
    usedAtMs: now,
  });
}

type Tagging = Pick<RunTaskCommandInput, 'propagateTags' | 'tags' | 'enableECSManagedTags'>;

export function tagsFor(input: Tagging, cluster: ClusterRow, definition: TaskDefinitionRow): Tags {
  const tags = {
    ...(input.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}),
    ...tagsOf(input.tags),
  };
  checkTagCount(tags);
  return { ...tags, ...(input.enableECSManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}) };
}

interface Launched {
  readonly rows: readonly TaskRow[];
  readonly failures: readonly Failure[];
}

/** @param definitionArn the revision that was checked: a family alone may be another by now */
async function launch(
  ctx: Context<EcsPorts>,
  input: RunTaskCommandInput,
  definitionArn: string,
  network: AwsVpcRow,
): Promise<Launched> {
  return ctx.write(async (tx) => {
    const cluster = await activeCluster(tx, ctx, input.cluster);
    const before = await answered(tx, cluster, input, ctx.now);
    if (before) return before;
    const definition = await activeDefinition(tx, ctx, definitionArn);
    const { launchType, strategy } = launchOf(input, cluster, definition);
    const common = {
      cluster,
      definition,
      network,
      tags: tagsFor(input, cluster, definition),
      platformVersion: platformVersionOf(input.platformVersion),
      group: input.group,
      startedBy: input.startedBy,
      overrides: checkOverrides(input.overrides, definition, launchType),
      enableExecuteCommand: input.enableExecuteCommand,
      ...(await taskSettings(tx, ctx, ctx.principal)),
    };
    const { made, failures } =
      launchType === 'EC2'
        ? await (strategy ? onGroups(ctx, tx, input, common, strategy) : onInstances(ctx, tx, input, common))
        : { made: onFargate(ctx, input, common, strategy), failures: [] };
    const rows: TaskRow[] = [];
    for (const task of made) rows.push(await tx.put(tasks, task));
    await remember(tx, cluster, input, { rows, failures }, ctx.now);
    return { rows, failures };
  });
}

type Common = Omit<NewTask, 'subnetId'>;

function onFargate(ctx: Context, input: RunTaskCommandInput, common: Common, strategy: Launch['strategy']): TaskRow[] {
  const made: TaskRow[] = [];
  for (let i = 0; i < (input.count ?? 1); i++) {
    const placed = made.map((task) => task.capacityProviderName);
    const wanted = {
      ...common,
      subnetId: nextSubnet(common.network, made),
      capacityProviderName: strategy && nextProvider(strategy, placed),
    };
    made.push(newTask(wanted, ctx.ids, ctx.now));
  }
  return made;
}

/** Spread over capacity providers: they wait for room, where their providers scale. */
async function onGroups(
  ctx: Context<EcsPorts>,
  tx: ReadTx,
  input: RunTaskCommandInput,
  common: Common,
  strategy: NonNullable<Launch['strategy']>,
): Promise<{ made: readonly TaskRow[]; failures: readonly Failure[] }> {
  const placing = { ids: ctx.ids, registryHost: ctx.ports.registryHost, now: ctx.now };
  const given = normaliseStrategies(input.placementStrategy);
  const { rows, failures } = await onProviders(tx, placing, {
    common: { ...common, group: input.group ?? `family:${common.definition.family}` },
    strategy,
    count: input.count ?? 1,
    peers: [],
    wait: {
      constraints: normaliseConstraints(input.placementConstraints),
      strategy: given.length > 0 ? given : TASK_STRATEGY,
    },
  });
  return { made: rows, failures };
}

/** As many as there is room for; of the others, what stands in the way on each instance. */
async function onInstances(
  ctx: Context<EcsPorts>,
  tx: WriteTx,
  input: RunTaskCommandInput,
  common: Common,
): Promise<{ made: TaskRow[]; failures: Failure[] }> {
  const { cluster, definition, network, overrides } = common;
  const strategy = normaliseStrategies(input.placementStrategy);
  const demand = demandFor(
    {
      definition,
      overrides,
      network,
      group: input.group ?? `family:${definition.family}`,
      constraints: normaliseConstraints(input.placementConstraints),
      strategy: strategy.length > 0 ? strategy : TASK_STRATEGY,
    },
    ctx.ports.registryHost,
  );
  const demands = Array<Demand>(input.count ?? 1).fill(demand);
  const { rows, refused = [] } = await chooseInstances(tx, cluster.arn, ctx.ids, demands);
  const failures = placementFailures(refused);
  if (rows.length === 0 && failures.length === 0) throw invalidParameter(NO_INSTANCES);
  const made: TaskRow[] = [];
  for (const instance of rows) {
    made.push(newTask({ ...common, ...placeIn(instance, demand, network, made) }, ctx.ids, ctx.now));
  }
  return { made, failures };
}

/** @throws ClientException for a role that is not there or does not trust ECS's tasks */
export async function checkRoles(
  ctx: Context<EcsPorts>,
  { definition }: TaskDefinitionRow,
  input: Pick<RunTaskCommandInput, 'overrides'>,
) {
  for (const roleArn of rolesOf(ctx, definition, input.overrides)) {
    if (!(await ctx.ports.mayAssume(roleArn, ctx))) throw cannotAssumeRole(roleArn);
  }
}

/** What the request itself tells of the task, for policies that restrict it. */
function runConditions(input: RunTaskCommandInput, scope: Scope): ConditionValues {
  return {
    ...clusterCondition(input, scope),
    ...capacityProviderConditions(
      scope,
      input.capacityProviderStrategy?.map((item) => item.capacityProvider ?? ''),
    ),
    'ecs:enable-execute-command': String(input.enableExecuteCommand ?? false),
    'ecs:enable-ebs-volumes': String((input.volumeConfigurations?.length ?? 0) > 0),
    ...sizeConditions(input.overrides ?? {}),
  };
}

export const RunTask = operation('RunTask', {
  resources: async (input, scope, tx) => [await definitionResource(tx, scope, input.taskDefinition ?? '')],
  conditions: runConditions,
  also: async (input, scope, tx) => [
    ...passRoles(scope, (await findTaskDefinition(tx, scope, input.taskDefinition ?? ''))?.definition, input.overrides),
    ...tagOnCreate(input, 'RunTask', taskResources(input, ['*'], scope)),
  ],
  async handle(ctx, input) {
    checkRunTask(input);
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const before = await ctx.read((tx) => answered(tx, cluster, input, ctx.now));
    const { rows, failures } = before ?? (await checkAndLaunch(ctx, input, cluster));
    return ctx.read(async (tx) => {
      const [first] = rows;
      const definition = first && (await tx.get(taskDefinitions, first.taskDefinitionArn));
      return { tasks: rows.map((row) => taskView(row, definition, ['TAGS'])), failures: [...failures] };
    });
  },
});

async function checkAndLaunch(
  ctx: Context<EcsPorts>,
  input: RunTaskCommandInput,
  cluster: ClusterRow,
): Promise<Launched> {
  const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
  const wanted = launchOf(input, cluster, definition);
  checkExec(input, definition);
  await checkRoles(ctx, definition, input);
  const network = await launchNetwork(ctx.call, wanted, definition, input.networkConfiguration);
  return launch(ctx, input, definition.arn, network);
}
