import type { TaskSpec } from '../../../executor/executor.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { roleArnOf } from './role-arn.ts';
import { MIB, optional, taskContainer } from './task-spec-container.ts';
import { taskVolumes } from './task-spec-volumes.ts';
import { resolverOf } from './vpc-resolver.ts';

/** What the executor must know of a task: its rows, with overrides applied and images resolved. */
export function taskSpec(task: TaskRow, definition: TaskDefinitionRow, registryHost: string): TaskSpec {
  if (!task.interface) throw new Error(`Task ${task.arn} has no network interface yet.`);
  const role = task.overrides.executionRoleArn ?? definition.definition.executionRoleArn;
  const executionRoleArn = role === undefined ? undefined : roleArnOf(task, role);
  const { pidMode } = definition.definition;
  return {
    taskArn: task.arn,
    taskId: task.id,
    clusterArn: task.clusterArn,
    family: definition.family,
    taskDefinitionRevision: definition.number,
    cpuUnits: Number(task.cpu),
    memoryBytes: Number(task.memory) * MIB,
    network: {
      vpcId: task.interface.vpcId,
      interfaceId: task.interface.interfaceId,
      privateIp: task.interface.privateIp,
      hostname: task.interface.privateDnsName,
      dnsServers: [resolverOf(task.interface.vpcCidr)],
      dnsSearch: [task.interface.privateDnsName.split('.').slice(1).join('.')],
      ...optional('hosts', task.connect?.hosts),
    },
    ...optional('executionRoleArn', executionRoleArn),
    ...optional('pidMode', pidMode),
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
