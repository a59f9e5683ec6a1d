import type { ExecuteCommandCommandInput } from '@aws-sdk/client-ecs';
import { clusterCondition, taskResources } from '../authorization.ts';
import { definitionOfTask } from '../daemons/lookups.ts';
import { execLogging } from '../domain/exec-logging.ts';
import { taskArn } from '../domain/references.ts';
import { executeCommandDisabled, invalidParameter, targetNotConnected } from '../errors.ts';
import { activeCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import { tasks } from '../tables.ts';
import type { TaskContainerRow, TaskRow } from '../tables.ts';

/** ECS Exec: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html */
export const ExecuteCommand = operation('ExecuteCommand', {
  resources: (input, scope) => taskResources(input, [input.task ?? ''], scope),
  conditions: (input, scope) => ({
    ...clusterCondition(input, scope),
    ...(input.container === undefined ? {} : { 'ecs:container-name': input.container }),
    'ecs:task': taskResources(input, [input.task ?? ''], scope)[0] ?? '',
  }),
  async handle(ctx, input) {
    if (input.interactive !== true) throw invalidParameter('Interactive is the only mode supported currently.');
    if (!input.command?.trim()) throw invalidParameter('Command cannot be empty.');
    const { task, definition, configuration } = await ctx.read(async (tx) => {
      const cluster = await activeCluster(tx, ctx, input.cluster);
      const row = await tx.get(tasks, taskArn(ctx, cluster.name, input.task ?? ''));
      if (!row || row.clusterArn !== cluster.arn) throw invalidParameter('The referenced task was not found.');
      const found = await definitionOfTask(tx, row.taskDefinitionArn);
      return { task: row, definition: found?.definition, configuration: cluster.configuration };
    });
    const container = chosenContainer(task, input);
    if (!task.enableExecuteCommand) throw executeCommandDisabled();
    if (task.lastStatus !== 'RUNNING' || container.status !== 'RUNNING' || container.runtimeId === undefined) {
      throw targetNotConnected();
    }
    const logging = execLogging(task, container.name, definition, configuration);
    const session = ctx.ports.openSession({
      runtimeId: container.runtimeId,
      ...(task.ec2InstanceId === undefined ? {} : { instanceId: task.ec2InstanceId }),
      command: input.command,
      owner: ctx.principal.arn,
      ...(logging && { logging }),
    });
    return {
      clusterArn: task.clusterArn,
      taskArn: task.arn,
      containerArn: container.arn,
      containerName: container.name,
      interactive: true,
      session,
    };
  },
});

function chosenContainer(task: TaskRow, { container: name }: ExecuteCommandCommandInput): TaskContainerRow {
  if (name === undefined && task.containers.length > 1) {
    throw invalidParameter('The container name must be specified for a task with multiple containers.');
  }
  const found = task.containers.find((container) => name === undefined || container.name === name);
  if (!found) throw invalidParameter(`The container name '${name}' was not found in the task.`);
  return found;
}
