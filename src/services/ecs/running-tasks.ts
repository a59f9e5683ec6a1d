import type { Scope } from '../../kernel/arn.ts';
import type { Store } from '../../store/store.ts';
import { clusterNameOf } from './domain/references.ts';
import { highResolution } from './domain/service-monitoring.ts';
import { containerInstances } from './container-instance-tables.ts';
import { services, tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

/** A task that runs, as far as its use of CPU and memory is measured. */
export interface RunningTask extends Scope {
  readonly clusterName: string;
  /** Of a service's task. */
  readonly serviceName?: string;
  /** The metrics of its service that are measured every 20 seconds. */
  readonly highResolution: readonly string[];
  /** What it may use, or has reserved of its instance: CPU units (1024 are one vCPU), and MiB. 0 where it says nothing. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  /** The engine's ids of its containers that run. */
  readonly runtimeIds: readonly string[];
  /** The EC2 instance whose engine that is; left out: this host's own. */
  readonly instanceId?: string;
}

export type ListRunningTasks = () => Promise<readonly RunningTask[]>;

export function runningTasks(store: Pick<Store, 'read'>): ListRunningTasks {
  return () =>
    store.read(async (tx) => {
      const running = (await tx.list(tasks)).filter((task) => task.lastStatus === 'RUNNING');
      const arns = new Set(running.flatMap((task) => task.serviceArn ?? []));
      const owners = await Promise.all([...arns].map((arn) => tx.get(services, arn)));
      const fine = new Map(owners.flatMap((row) => (row ? [[row.arn, highResolution(row.monitoring)]] : [])));
      return running.map((task) => ({
        account: task.account,
        region: task.region,
        clusterName: clusterNameOf(task.clusterArn),
        ...(task.serviceArn && { serviceName: task.serviceArn.split('/').at(-1) ?? '' }),
        highResolution: fine.get(task.serviceArn ?? '') ?? [],
        cpuUnits: Number(task.cpu),
        memoryMib: Number(task.memory),
        ...(task.ec2InstanceId === undefined ? {} : { instanceId: task.ec2InstanceId }),
        runtimeIds: task.containers.flatMap(({ runtimeId, status }) =>
          runtimeId !== undefined && status === 'RUNNING' ? [runtimeId] : [],
        ),
      }));
    });
}

/** What a cluster's container instances have, and what its tasks have reserved of that: CPU units, and MiB. */
export interface ClusterCapacity extends Scope {
  readonly clusterName: string;
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly reservedCpuUnits: number;
  readonly reservedMemoryMib: number;
}

export type ListClusterCapacities = () => Promise<readonly ClusterCapacity[]>;

/** Of each cluster that has container instances, ACTIVE or DRAINING. */
export function clusterCapacities(store: Pick<Store, 'read'>): ListClusterCapacities {
  return () =>
    store.read(async (tx) => {
      const rows = (await tx.list(containerInstances)).filter((row) => row.status !== 'INACTIVE');
      if (rows.length === 0) return [];
      const reserving = (await tx.list(tasks)).filter((task) => task.ec2InstanceId && task.lastStatus !== 'STOPPED');
      const byCluster = Map.groupBy(reserving, (task) => task.clusterArn);
      return [...Map.groupBy(rows, (row) => row.clusterArn)].flatMap(([arn, instances]) => {
        const [first] = instances;
        if (!first) return [];
        const reserved = (of: 'cpu' | 'memory') =>
          sum(byCluster.get(arn) ?? [], (task: TaskRow) => task.reserved?.[of] ?? 0);
        return {
          account: first.account,
          region: first.region,
          clusterName: clusterNameOf(arn),
          cpuUnits: sum(instances, (row) => row.cpu),
          memoryMib: sum(instances, (row) => row.memory),
          reservedCpuUnits: reserved('cpu'),
          reservedMemoryMib: reserved('memory'),
        };
      });
    });
}

function sum<T>(all: readonly T[], amount: (one: T) => number): number {
  return all.reduce((total, one) => total + amount(one), 0);
}
