import type { Scope } from '../../kernel/arn.ts';
import type { Store } from '../../store/store.ts';
import { clusterNameOf } from './domain/references.ts';
import { tasks } from './tables.ts';

/** A task that runs, as far as its use of CPU and memory is measured. */
export interface RunningTask extends Scope {
  readonly clusterName: string;
  /** Of a service's task. */
  readonly serviceName?: string;
  /** What it may use: CPU units (1024 are one vCPU), and MiB. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  /** The engine's ids of its containers that run. */
  readonly runtimeIds: readonly string[];
}

export type ListRunningTasks = () => Promise<readonly RunningTask[]>;

export function runningTasks(store: Pick<Store, 'read'>): ListRunningTasks {
  return () =>
    store.read(async (tx) =>
      (await tx.list(tasks))
        .filter((task) => task.lastStatus === 'RUNNING')
        .map((task) => ({
          account: task.account,
          region: task.region,
          clusterName: clusterNameOf(task.clusterArn),
          ...(task.serviceArn && { serviceName: task.serviceArn.split('/').at(-1) ?? '' }),
          cpuUnits: Number(task.cpu),
          memoryMib: Number(task.memory),
          runtimeIds: task.containers.flatMap(({ runtimeId, status }) =>
            runtimeId !== undefined && status === 'RUNNING' ? [runtimeId] : [],
          ),
        })),
    );
}
