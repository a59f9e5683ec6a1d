import { isDeepStrictEqual } from 'node:util';
import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { formatArn } from '../../../kernel/arn.ts';
import type { Context } from '../../../api/context.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { checkAwsVpc } from '../domain/awsvpc.ts';
import { leastUsedSubnet, newTask } from '../domain/new-task.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { clusterArn, clusterNameOf, parseTaskDefinition, taskArn } from '../domain/references.ts';
import { checkFargateLaunch, checkOverrides, checkRunTask } from '../domain/run-task.ts';
import { tagsOf } from '../domain/tag-list.ts';
import { stopTask } from '../domain/task-stop.ts';
import { badToken, cannotAssumeRole, invalidParameter, tokenInUse } from '../errors.ts';
import { activeCluster, activeDefinition, findCluster, findService, findTaskDefinition } from '../lookups.ts';
import {
  clusterCondition,
  definitionResource,
  passRoles,
  rolesOf,
  tagOnCreate,
  taskResources,
} from '../authorization.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { taskDefinitions, tasks } from '../tables.ts';
import type { AwsVpcRow, TaskDefinitionRow, TaskRow } from '../tables.ts';
import { taskView } from '../views/task.ts';

/** Whether a repeated token stands for the same wish, as far as the tasks tell. */
function isSameRequest(input: RunTaskCommandInput, network: AwsVpcRow, before: readonly TaskRow[]): boolean {
  const [first] = before;
  const wanted = parseTaskDefinition(input.taskDefinition ?? '');
  const made = parseTaskDefinition(first?.taskDefinitionArn ?? '');
  return (
    before.length === (input.count ?? 1) &&
    made?.family === wanted?.family &&
    (wanted?.number === undefined || wanted.number === made?.number) &&
    first?.startedBy === input.startedBy &&
    (input.group === undefined || first?.group === input.group) &&
    isDeepStrictEqual(first?.overrides.containerOverrides, input.overrides?.containerOverrides) &&
    isDeepStrictEqual(first?.network, network)
  );
}

async function launch(ctx: Context, input: RunTaskCommandInput, network: AwsVpcRow): Promise<TaskRow[]> {
  const tags = tagsOf(input.tags);
  return ctx.write(async (tx) => {
    const cluster = await activeCluster(tx, ctx, input.cluster);
    if (input.clientToken) {
      const before = await tx.list(tasks, { where: ['clientToken', `${cluster.arn}#${input.clientToken}`] });
      if (before.length > 0 && isSameRequest(input, network, before)) return before;
      if (before.length > 0) throw tokenInUse(before.map((task) => task.arn));
    }
    const definition = await activeDefinition(tx, ctx, input.taskDefinition ?? '');
    checkFargateLaunch(input, cluster, definition);
    const overrides = checkOverrides(input.overrides, definition);
    const made: TaskRow[] = [];
    for (let i = 0; i < (input.count ?? 1); i++) {
      const row = newTask(
        {
          cluster,
          definition,
          network,
          subnetId: leastUsedSubnet(network.subnets, made),
          tags: {
            ...(input.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}),
            ...tags,
            ...(input.enableECSManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}),
          },
          ...(input.group === undefined ? {} : { group: input.group }),
          ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
          ...(overrides === undefined ? {} : { overrides }),
          ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
        },
        ctx.ids,
        ctx.now,
      );
      made.push(await tx.put(tasks, row));
    }
    return made;
  });
}

/** @throws ClientException for a role that is not there or does not trust ECS's tasks */
async function checkRoles(ctx: Context<EcsPorts>, { definition }: TaskDefinitionRow, input: RunTaskCommandInput) {
  for (const roleArn of rolesOf(ctx, definition, input.overrides)) {
    if (!(await ctx.ports.mayAssume(roleArn, ctx))) throw cannotAssumeRole(roleArn);
  }
}

export const RunTask = operation('RunTask', {
  resources: async (input, scope, tx) => [await definitionResource(tx, scope, input.taskDefinition ?? '')],
  conditions: (input, scope) => ({
    ...clusterCondition(input, scope),
    'ecs:enable-execute-command': String(input.enableExecuteCommand ?? false),
  }),
  also: async (input, scope, tx) => [
    ...passRoles(scope, (await findTaskDefinition(tx, scope, input.taskDefinition ?? ''))?.definition, input.overrides),
    ...tagOnCreate(input, 'RunTask', taskResources(input, ['*'], scope)),
  ],
  async handle(ctx, input) {
    checkRunTask(input);
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
    checkFargateLaunch(input, cluster, definition);
    await checkRoles(ctx, definition, input);
    const network = await checkAwsVpc(ctx.call, input.networkConfiguration);
    const rows = await launch(ctx, input, network);
    return { tasks: rows.map((row) => taskView(row, definition, ['TAGS'])), failures: [] };
  },
});

export const StopTask = operation('StopTask', {
  resources: (input, scope) => taskResources(input, [input.task ?? ''], scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const cluster = await activeCluster(tx, ctx, input.cluster);
      const row = await tx.get(tasks, taskArn(ctx, cluster.name, input.task ?? ''));
      if (!row || row.clusterArn !== cluster.arn) throw invalidParameter('The referenced task was not found.');
      const definition = await tx.get(taskDefinitions, row.taskDefinitionArn);
      if (row.desiredStatus === 'STOPPED') return { task: taskView(row, definition) };
      const reason = input.reason ?? 'Task stopped by user';
      const stopping = await tx.put(tasks, stopTask(row, 'UserInitiated', reason, ctx.now));
      return { task: taskView(stopping, definition) };
    }),
});

export const DescribeTasks = operation('DescribeTasks', {
  readOnly: true,
  resources: (input, scope) => taskResources(input, input.tasks ?? [], scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      if ((input.tasks ?? []).length > 100) throw invalidParameter('Tasks can have at most 100 items.');
      if ((input.tasks ?? []).length === 0) throw invalidParameter('Tasks cannot be empty.');
      const found = [];
      const failures = [];
      for (const reference of input.tasks ?? []) {
        const arn = taskArn(ctx, cluster.name, reference);
        const row = await tx.get(tasks, arn);
        if (row && row.clusterArn === cluster.arn) {
          found.push(taskView(row, await tx.get(taskDefinitions, row.taskDefinitionArn), input.include ?? []));
        } else failures.push({ arn, reason: 'MISSING' });
      }
      return { tasks: found, failures };
    }),
});

async function candidates(tx: ReadTx, clusterOf: string, service: string | undefined): Promise<TaskRow[]> {
  return service === undefined
    ? tx.list(tasks, { where: ['cluster', clusterOf] })
    : tx.list(tasks, { where: ['service', service] });
}

export const ListTasks = operation('ListTasks', {
  readOnly: true,
  resources: (input, scope) => [
    formatArn('ecs', scope, `container-instance/${clusterNameOf(clusterArn(scope, input.cluster))}/*`),
  ],
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      if (input.containerInstance) return { taskArns: [] };
      const service = input.serviceName && (await findService(tx, ctx, cluster, input.serviceName)).arn;
      const desired = input.desiredStatus ?? 'RUNNING';
      const rows = (await candidates(tx, cluster.arn, service || undefined)).filter(
        (row) =>
          (desired === 'PENDING' ? false : row.desiredStatus === desired) &&
          (input.family === undefined || row.family === input.family) &&
          (input.startedBy === undefined || row.startedBy === input.startedBy) &&
          (input.launchType === undefined || row.launchType === input.launchType),
      );
      const page = paginate(rows, (row) => row.arn, {
        limit: pageLimit(input.maxResults, 100),
        token: input.nextToken,
        onBadToken: badToken,
      });
      return {
        taskArns: page.items.map((row) => row.arn),
        ...(page.nextToken ? { nextToken: page.nextToken } : {}),
      };
    }),
});
