import type { ContainerInstance, Resource } from '@aws-sdk/client-ecs';
import type { ContainerInstanceRow, HostPortsRow } from '../container-instance-tables.ts';
import { tagList } from '../domain/tag-list.ts';
import type { TaskRow } from '../tables.ts';
import { countPending, countRunning } from './service.ts';

/** @param tasks those of the instance that are not STOPPED */
export function containerInstanceView(
  row: ContainerInstanceRow,
  tasks: readonly TaskRow[],
  include: readonly string[] = [],
): ContainerInstance {
  const { agentConnected, agentChangedAtMs } = row;
  const changedAt = new Date(agentChangedAtMs);
  const health = agentConnected ? ('OK' as const) : ('INSUFFICIENT_DATA' as const);
  return {
    containerInstanceArn: row.arn,
    ec2InstanceId: row.ec2InstanceId,
    ...(row.capacityProviderName === undefined ? {} : { capacityProviderName: row.capacityProviderName }),
    version: row.version,
    versionInfo: row.versionInfo,
    remainingResources: remaining(row, tasks),
    registeredResources: resources(row.cpu, row.memory, row.reservedPorts),
    status: row.status === 'ACTIVE' && row.awaitsDaemons ? 'REGISTERING' : row.status,
    agentConnected,
    runningTasksCount: countRunning(tasks),
    pendingTasksCount: countPending(tasks),
    attributes: row.attributes.map((attribute) => ({ ...attribute })),
    registeredAt: new Date(row.registeredAtMs),
    attachments: [],
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    ...(include.includes('CONTAINER_INSTANCE_HEALTH') && {
      healthStatus: {
        overallStatus: health,
        details: [
          { type: 'CONTAINER_RUNTIME' as const, status: health, lastUpdated: changedAt, lastStatusChange: changedAt },
        ],
      },
    }),
  };
}

/** Of CPU and memory what is left; of ports all that cannot be had. */
function remaining(row: ContainerInstanceRow, tasks: readonly TaskRow[]): Resource[] {
  const taken = tasks.flatMap((task) => task.reserved ?? []);
  const left = (all: number, of: 'cpu' | 'memory') => taken.reduce((sum, each) => sum - each[of], all);
  return resources(left(row.cpu, 'cpu'), left(row.memory, 'memory'), {
    tcp: [...row.reservedPorts.tcp, ...taken.flatMap(({ ports }) => ports.tcp)],
    udp: [...row.reservedPorts.udp, ...taken.flatMap(({ ports }) => ports.udp)],
  });
}

function resources(cpu: number, memory: number, { tcp, udp }: HostPortsRow): Resource[] {
  const amount = (name: string, integerValue: number): Resource => ({
    name,
    type: 'INTEGER',
    doubleValue: 0,
    longValue: 0,
    integerValue,
  });
  const ports = (name: string, values: readonly number[]): Resource => ({
    name,
    type: 'STRINGSET',
    doubleValue: 0,
    longValue: 0,
    integerValue: 0,
    stringSetValue: values.map(String),
  });
  return [amount('CPU', cpu), amount('MEMORY', memory), ports('PORTS', tcp), ports('PORTS_UDP', udp)];
}
