import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { definitionOfTask, isRemembered } from './daemons/lookups.ts';
import { planTaskStep } from './domain/task-plan.ts';
import { clusters, services, taskTimelines, tasks } from './tables.ts';
import type { TaskRow, TimelineEntry } from './tables.ts';

/** What an operator wants to know of one task; times in ms since the epoch. */
export interface TaskStory {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly capacityProviderName?: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** One sentence: what is being done for it now, or why nothing is. */
  readonly why: string;
  readonly containers: readonly {
    readonly name: string;
    readonly status: string;
    readonly health: string;
    readonly image: string;
    readonly imageDigest?: string;
    readonly exitCode?: number;
    readonly reason?: string;
    readonly restartCount?: number;
  }[];
  /** The oldest first: its states, and what the executor noted. */
  readonly timeline: readonly TimelineEntry[];
}

/** The account's task with this ARN or id, in whichever region and cluster. */
export async function findTask(store: Store, account: string, reference: string): Promise<TaskRow | undefined> {
  return store.read(async (tx) => {
    const arns = reference.startsWith('arn:')
      ? [reference]
      : (await tx.list(clusters)).map((cluster) => `${cluster.arn.replace(':cluster/', ':task/')}/${reference}`);
    for (const arn of arns) {
      const task = await tx.get(tasks, arn);
      if (task?.account === account) return task;
    }
    return undefined;
  });
}

/** @param stoppedTaskRetentionMs how long a stopped task is kept */
export async function taskStory(
  store: Store,
  clock: Clock,
  stoppedTaskRetentionMs: number,
  taskArn: string,
): Promise<TaskStory | undefined> {
  return store.read(async (tx) => {
    const task = await tx.get(tasks, taskArn);
    const definition = task && (await definitionOfTask(tx, task.taskDefinitionArn));
    if (!task || !definition) return undefined;
    const noted = (await tx.get(taskTimelines, taskArn))?.entries ?? [];
    const service = task.serviceArn ? await tx.get(services, task.serviceArn) : undefined;
    const observed = { task, definition, stoppedTaskRetentionMs, isRemembered: await isRemembered(tx, task) };
    const { why } = planTaskStep(observed, clock.now());
    const timeline = [...stateEntries(task, service?.name), ...noted].toSorted((a, b) => a.atMs - b.atMs);
    return {
      taskArn,
      clusterArn: task.clusterArn,
      taskDefinitionArn: task.taskDefinitionArn,
      group: task.group,
      lastStatus: task.lastStatus,
      desiredStatus: task.desiredStatus,
      why,
      containers: task.containers.map(({ arn: _arn, runtimeId: _id, ...container }) => container),
      timeline,
      ...(task.capacityProviderName === undefined ? {} : { capacityProviderName: task.capacityProviderName }),
      ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
      ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    };
  });
}

/** The task's states, read off its times: they are never lost, and cost no write of their own. */
function stateEntries(task: TaskRow, serviceName: string | undefined): TimelineEntry[] {
  const owner = serviceName ? ` for service ${serviceName}` : '';
  const eni = task.interface;
  const ended = task.stoppedReason === undefined ? '' : `: ${task.stoppedReason}`;
  const times: readonly [number | undefined, string][] = [
    [task.createdAtMs, `PROVISIONING: created${owner}`],
    [task.connectivityAtMs, `PENDING: network interface ${eni?.interfaceId} is attached (${eni?.privateIp})`],
    [task.pullStartedAtMs, 'image pulls began'],
    [task.pullStoppedAtMs, 'image pulls ended'],
    [task.startedAtMs, `${task.targets.length > 0 ? 'ACTIVATING' : 'RUNNING'}: its containers run`],
    [task.stoppingAtMs, `STOPPING (${task.stopCode ?? 'unknown'})${ended}`],
    [task.executionStoppedAtMs, 'DEPROVISIONING: its last container ended'],
    [task.stoppedAtMs, 'STOPPED'],
  ];
  return times.flatMap(([atMs, text]) => (atMs === undefined ? [] : [{ atMs, text }]));
}
