import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
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
  tagOnCreate,
  taskResources,
} from '../authorization.ts';
import { checkAwsVpc } from '../domain/awsvpc.ts';
import { nextProvider } from '../domain/capacity-provider-strategy.ts';
import { CLIENT_TOKEN_MS, requestHash } from '../domain/client-token.ts';
import { newTask } from '../domain/new-task.ts';
import { platformVersionOf } from '../domain/platform-version.ts';
import { taskCpu, taskMemory } from '../domain/fargate-sizes.ts';
import { checkExec, checkFargateLaunch, checkRunTask } from '../domain/run-task.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { checkOverrides } from '../domain/task-overrides.ts';
import { nextSubnet } from '../domain/zones.ts';
import { cannotAssumeRole, tokenInUse } from '../errors.ts';
import { activeCluster, activeDefinition, findTaskDefinition } from '../lookups.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { clientTokenKey, clientTokens, taskDefinitions, tasks } from '../tables.ts';
import type { AwsVpcRow, ClusterRow, TaskDefinitionRow, TaskRow } from '../tables.ts';
import { taskView } from '../views/task.ts';

/**
 * The tasks that the token stands for; those that were forgotten since are left out.
 * @throws ConflictException for a token of another wish
 */
async function answered(
  tx: ReadTx,
  cluster: ClusterRow,
  input: RunTaskCommandInput,
  now: number,
): Promise<TaskRow[] | undefined> {
  if (!input.clientToken) return undefined;
  const known = await tx.get(clientTokens, clientTokenKey(cluster.arn, input.clientToken));
  if (!known || now - known.usedAtMs >= CLIENT_TOKEN_MS) return undefined;
  if (known.requestHash !== requestHash(input)) throw tokenInUse(known.taskArns);
  const rows = await Promise.all(known.taskArns.map((arn) => tx.get(tasks, arn)));
  return rows.filter((row) => row !== undefined);
}

async function remember(
  tx: WriteTx,
  cluster: ClusterRow,
  input: RunTaskCommandInput,
  made: readonly TaskRow[],
  now: number,
): Promise<void> {
  if (!input.clientToken) return;
  const before = await tx.get(clientTokens, clientTokenKey(cluster.arn, input.clientToken));
  await tx.put(clientTokens, {
    ...(before && { revision: before.revision }),
    clusterArn: cluster.arn,
    token: input.clientToken,
    requestHash: requestHash(input),
    taskArns: made.map((task) => task.arn),
    usedAtMs: now,
  });
}

function tagsFor(input: RunTaskCommandInput, cluster: ClusterRow, definition: TaskDefinitionRow): Tags {
  const tags = {
    ...(input.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}),
    ...tagsOf(input.tags),
  };
  checkTagCount(tags);
  return { ...tags, ...(input.enableECSManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}) };
}

async function launch(ctx: Context, input: RunTaskCommandInput, network: AwsVpcRow): Promise<TaskRow[]> {
  return ctx.write(async (tx) => {
    const cluster = await activeCluster(tx, ctx, input.cluster);
    const before = await answered(tx, cluster, input, ctx.now);
    if (before) return before;
    const definition = await activeDefinition(tx, ctx, input.taskDefinition ?? '');
    const { strategy } = checkFargateLaunch(input, cluster, definition);
    const common = {
      cluster,
      definition,
      network,
      tags: tagsFor(input, cluster, definition),
      platformVersion: platformVersionOf(input.platformVersion),
      group: input.group,
      startedBy: input.startedBy,
      overrides: checkOverrides(input.overrides, definition),
      enableExecuteCommand: input.enableExecuteCommand,
    };
    const made: TaskRow[] = [];
    for (let i = 0; i < (input.count ?? 1); i++) {
      const placed = made.map((task) => task.capacityProviderName);
      const wanted = {
        ...common,
        subnetId: nextSubnet(network, made),
        capacityProviderName: strategy && nextProvider(strategy, placed),
      };
      made.push(await tx.put(tasks, newTask(wanted, ctx.ids, ctx.now)));
    }
    await remember(tx, cluster, input, made, ctx.now);
    return made;
  });
}

/** @throws ClientException for a role that is not there or does not trust ECS's tasks */
async function checkRoles(ctx: Context<EcsPorts>, { definition }: TaskDefinitionRow, input: RunTaskCommandInput) {
  for (const roleArn of rolesOf(ctx, definition, input.overrides)) {
    if (!(await ctx.ports.mayAssume(roleArn, ctx))) throw cannotAssumeRole(roleArn);
  }
}

/** What the request itself tells of the task, for policies that restrict it. */
function runConditions(input: RunTaskCommandInput, scope: Scope): ConditionValues {
  const { cpu, memory } = input.overrides ?? {};
  return {
    ...clusterCondition(input, scope),
    ...capacityProviderConditions(
      scope,
      input.capacityProviderStrategy?.map((item) => item.capacityProvider ?? ''),
    ),
    'ecs:enable-execute-command': String(input.enableExecuteCommand ?? false),
    'ecs:enable-ebs-volumes': String((input.volumeConfigurations?.length ?? 0) > 0),
    ...(cpu !== undefined && { 'ecs:task-cpu': orAsGiven(taskCpu, cpu) }),
    ...(memory !== undefined && { 'ecs:task-memory': orAsGiven(taskMemory, memory) }),
  };
}

/** What is no size is refused later, by the operation itself. */
function orAsGiven(read: (text: string) => string, text: string): string {
  try {
    return read(text);
  } catch {
    return text;
  }
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
    if (!before) {
      const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
      checkFargateLaunch(input, cluster, definition);
      checkExec(input, definition);
      await checkRoles(ctx, definition, input);
    }
    const rows = before ?? (await launch(ctx, input, await checkAwsVpc(ctx.call, input.networkConfiguration)));
    return ctx.read(async (tx) => {
      const [first] = rows;
      const definition = first && (await tx.get(taskDefinitions, first.taskDefinitionArn));
      return { tasks: rows.map((row) => taskView(row, definition, ['TAGS'])), failures: [] };
    });
  },
});
