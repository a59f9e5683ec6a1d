import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import type { TaskRow } from '../tables.ts';
import { Instance } from './placement/instance.ts';
import type { InstanceFacts, PlacedTask } from './placement/instance.ts';

/** Rows of container instances and of tasks, as the placer takes them. */

const NOTHING = { cpu: 0, memory: 0, ports: { tcp: [], udp: [] }, interfaces: 0 };

/** Of an instance that is in its cluster still. */
export function instanceFacts(row: ContainerInstanceRow): InstanceFacts {
  return {
    id: row.arn,
    status: row.status !== 'ACTIVE' ? 'DRAINING' : row.awaitsDaemons ? 'REGISTERING' : 'ACTIVE',
    agentConnected: row.agentConnected,
    ...(row.versionInfo.agentVersion === undefined ? {} : { agentVersion: row.versionInfo.agentVersion }),
    ec2InstanceId: row.ec2InstanceId,
    ...(row.capacityProviderName === undefined ? {} : { capacityProvider: row.capacityProviderName }),
    registeredAtMs: row.registeredAtMs,
    attributes: new Map(row.attributes.map(({ name, value = '' }) => [name, value])),
    cpu: row.cpu,
    memory: row.memory,
    interfaces: row.interfaces,
    reservedPorts: row.reservedPorts,
  };
}

/** A task takes its share until it is STOPPED; undefined for one that takes none of any instance. */
export function placedTask(task: TaskRow): PlacedTask | undefined {
  if (task.containerInstanceArn === undefined || task.lastStatus === 'STOPPED') return undefined;
  return { id: task.arn, instanceId: task.containerInstanceArn, group: task.group, ...(task.reserved ?? NOTHING) };
}

/** An instance with what these tasks take of it. */
export function occupied(row: ContainerInstanceRow, tasks: readonly TaskRow[]): Instance {
  const instance = new Instance(instanceFacts(row));
  for (const task of tasks) {
    const placed = placedTask(task);
    if (!placed || placed.instanceId !== row.arn) continue;
    instance.take(placed);
    if (task.desiredStatus === 'STOPPED') instance.join(placed.group, -1);
  }
  return instance;
}
