import type { TaskSpec } from '../../../executor/executor.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { roleArnOf } from './role-arn.ts';
import { MIB, optional, taskContainer } from './task-spec-container.ts';
import { taskNetwork } from './task-spec-network.ts';
import { taskVolumes } from './task-spec-volumes.ts';

/** What the executor must know of a task: its rows, with overrides applied and images resolved. */
export function taskSpec(task: TaskRow, definition: TaskDefinitionRow, registryHost: string): TaskSpec {
  const role = task.overrides.executionRoleArn ?? definition.definition.executionRoleArn;
  const executionRoleArn = role === undefined ? undefined : roleArnOf(task, role);
  const { pidMode, ipcMode } = definition.definition;
  return {
    taskArn: task.arn,
    ...optional('instanceId', task.ec2InstanceId),
    taskId: task.id,
    clusterArn: task.clusterArn,
    family: definition.family,
    taskDefinitionRevision: definition.number,
    ...sizeOf(task, definition),
    network: taskNetwork(task),
    ...optional('executionRoleArn', executionRoleArn),
    ...optional('pidMode', pidMode),
    ...optional('ipcMode', ipcMode),
    volumes: taskVolumes(definition.definition.volumes ?? []),
    containers: (definition.definition.containerDefinitions ?? []).map((container) =>
      taskContainer(
        { task, registryHost, executionRoleArn },
        container,
        task.overrides.containerOverrides?.find((override) => override.name === container.name) ?? {},
      ),
    ),
  };
}

/** On an instance of its own a task has a limit only where it, or its definition, has a size. */
function sizeOf(task: TaskRow, { definition }: TaskDefinitionRow): Pick<TaskSpec, 'cpuUnits' | 'memoryBytes'> {
  if (task.launchType === 'FARGATE') return { cpuUnits: Number(task.cpu), memoryBytes: Number(task.memory) * MIB };
  const cpu = task.overrides.cpu ?? definition.cpu;
  const memory = task.overrides.memory ?? definition.memory;
  return {
    ...optional('cpuUnits', cpu === undefined ? undefined : Number(cpu)),
    ...optional('memoryBytes', memory === undefined ? undefined : Number(memory) * MIB),
  };
}
