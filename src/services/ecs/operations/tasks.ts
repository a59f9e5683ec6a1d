import { formatArn } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { definitionOfTask } from '../daemons/lookups.ts';
import { daemonArn } from '../daemons/references.ts';
import { launchTypeOf } from '../domain/launch.ts';
import { pageOf } from '../domain/pages.ts';
import { clusterArn, clusterNameOf, containerInstanceArn, taskArn } from '../domain/references.ts';
import { checkListTasks } from '../domain/list-tasks.ts';
import { stopTask } from '../domain/task-stop.ts';
import { invalidParameter } from '../errors.ts';
import { activeCluster, findCluster, findService } from '../lookups.ts';
import { clusterCondition, taskResources } from '../authorization.ts';
import { operation } from '../operation.ts';
import { tasks } from '../tables.ts';
import type { TaskRow } from '../tables.ts';
import { taskView } from '../views/task.ts';

export const StopTask = operation('StopTask', {
  resources: (input, scope) => taskResources(input, [input.task ?? ''], scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const cluster = await activeCluster(tx, ctx, input.cluster);
      const row = await tx.get(tasks, taskArn(ctx, cluster.name, input.task ?? ''));
      if (!row || row.clusterArn !== cluster.arn) throw invalidParameter('The referenced task was not found.');
      const definition = await definitionOfTask(tx, row.taskDefinitionArn);
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
      const unknown = (input.include ?? []).find((one) => one !== 'TAGS');
      if (unknown) throw invalidParameter(`Invalid include value: ${String(unknown)}.`);
      const cluster = await findCluster(tx, ctx, input.cluster);
      if ((input.tasks ?? []).length > 100) throw invalidParameter('Tasks can have at most 100 items.');
      if ((input.tasks ?? []).length === 0) throw invalidParameter('Tasks cannot be empty.');
      const found = [];
      const failures = [];
      for (const reference of input.tasks ?? []) {
        const arn = taskArn(ctx, cluster.name, reference);
        const row = await tx.get(tasks, arn);
        if (row && row.clusterArn === cluster.arn) {
          found.push(taskView(row, await definitionOfTask(tx, row.taskDefinitionArn), input.include ?? []));
        } else failures.push({ arn, reason: 'MISSING' });
      }
      return { tasks: found, failures };
    }),
});

interface Owner {
  readonly cluster: string;
  readonly service?: string | undefined;
  readonly daemon?: string | undefined;
}

async function candidates(tx: ReadTx, { cluster, service, daemon }: Owner): Promise<TaskRow[]> {
  if (service) return tx.list(tasks, { where: ['service', service] });
  return daemon ? tx.list(tasks, { where: ['daemon', daemon] }) : tx.list(tasks, { where: ['cluster', cluster] });
}

export const ListTasks = operation('ListTasks', {
  readOnly: true,
  resources: (input, scope) => [
    formatArn('ecs', scope, `container-instance/${clusterNameOf(clusterArn(scope, input.cluster))}/*`),
  ],
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      checkListTasks(input);
      const cluster = await findCluster(tx, ctx, input.cluster);
      const instance = input.containerInstance && containerInstanceArn(ctx, cluster.name, input.containerInstance);
      const service = input.serviceName && (await findService(tx, ctx, cluster, input.serviceName)).arn;
      const daemon = input.daemonName && daemonArn(ctx, cluster.name, input.daemonName);
      const desired = input.desiredStatus ?? 'RUNNING';
      const rows = (await candidates(tx, { cluster: cluster.arn, service, daemon })).filter(
        (row) =>
          (desired === 'PENDING' ? false : row.desiredStatus === desired) &&
          (input.family === undefined || row.family === input.family) &&
          (input.startedBy === undefined || row.startedBy === input.startedBy) &&
          (!instance || row.containerInstanceArn === instance) &&
          (input.launchType === undefined || launchTypeOf(row) === input.launchType),
      );
      const page = pageOf(rows, (row) => row.arn, input, { size: 100 });
      return {
        taskArns: page.items.map((row) => row.arn),
        ...page.next,
      };
    }),
});
