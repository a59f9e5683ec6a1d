import type { TaskRow, TaskTargetRow } from '../tables.ts';

/** As a target group has it. */
export interface Target {
  readonly Id: string;
  readonly Port: number;
}

/**
 * What a target group knows a task by: its own address and the container's port, or its EC2 instance and the host port that
 * the container has there; undefined while it has none.
 */
export function targetOf(task: TaskRow, { port, containerName }: TaskTargetRow): Target | undefined {
  if (!task.networkMode) return task.interface && { Id: task.interface.privateIp, Port: port };
  const owners = task.containers.filter(({ name }) => containerName === undefined || name === containerName);
  const binding = owners
    .flatMap(({ networkBindings }) => networkBindings ?? [])
    .flatMap((one) => ('containerPort' in one ? [one] : []))
    .find((one) => one.containerPort === port && one.protocol === 'tcp');
  return binding && { Id: task.ec2InstanceId ?? '', Port: binding.hostPort };
}
