import type { ReadTx } from '../../../store/store.ts';
import { capacityProviderArn } from '../authorization.ts';
import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { taskHealth } from '../domain/task-report.ts';
import { tasks } from '../tables.ts';
import type { TaskRow } from '../tables.ts';
import { definitionOfTask } from './lookups.ts';
import { daemonDeployments, daemonRevisions } from './tables.ts';
import type { DaemonDeploymentRow, DaemonRow } from './tables.ts';

/** A container instance, as far as daemons look at it. */
export interface DaemonInstance {
  readonly arn: string;
  /** The ARN of its capacity provider. */
  readonly provider: string | undefined;
  readonly isDraining: boolean;
  readonly agentConnected: boolean;
  readonly registeredAtMs: number;
  /** It takes no task until its critical daemons run. */
  readonly isAwaiting: boolean;
}

export interface DaemonTask {
  readonly arn: string;
  readonly instanceArn: string;
  readonly revisionArn: string;
  readonly deploymentArn: string;
  /** `failed`: it has stopped, is about to, or is unhealthy. */
  readonly state: 'starting' | 'running' | 'failed';
  /** It ended with its instance, or its deployment has counted it: no failure (any more). */
  readonly isExcused: boolean;
  readonly createdAtMs: number;
}

/** All that is decided by. */
export interface DaemonFacts {
  readonly daemon: DaemonRow & { readonly revision?: number };
  readonly deployment: DaemonDeploymentRow & { readonly revision?: number };
  /** The revisions that are critical. */
  readonly critical: ReadonlySet<string>;
  /** Registered ones, of the daemon's capacity providers or with a task of it. */
  readonly instances: readonly DaemonInstance[];
  /** Of each of them the latest. */
  readonly tasks: ReadonlyMap<string, DaemonTask>;
  /** Failures that its deployment has not counted yet: ARNs of tasks. */
  readonly failures: readonly { readonly arn: string; readonly revisionArn: string }[];
}

/** @param registered the cluster's container instances */
export async function observeDaemon(
  tx: ReadTx,
  daemon: DaemonFacts['daemon'],
  registered: readonly ContainerInstanceRow[],
): Promise<DaemonFacts | undefined> {
  const deployment = await tx.get(daemonDeployments, daemon.deploymentArn);
  if (!deployment) return undefined;
  const revisions = await tx.list(daemonRevisions, { where: ['daemon', daemon.arn] });
  const all: DaemonTask[] = [];
  for (const row of await tx.list(tasks, { where: ['daemon', daemon.arn] })) {
    const task = daemonTask(row, checkedContainers(await definitionOfTask(tx, row.taskDefinitionArn)));
    if (task) all.push(task);
  }
  const latest = new Map<string, DaemonTask>();
  for (const task of all.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) latest.set(task.instanceArn, task);
  const instances = registered.map(daemonInstance);
  return {
    daemon,
    deployment,
    critical: new Set(revisions.filter((row) => row.critical).map((row) => row.arn)),
    instances: instances.filter(
      ({ arn, provider = '' }) => daemon.capacityProviders.includes(provider) || latest.has(arn),
    ),
    tasks: latest,
    failures: all.filter((task) => task.state === 'failed' && !task.isExcused && task.deploymentArn === deployment.arn),
  };
}

export function daemonInstance(row: ContainerInstanceRow): DaemonInstance {
  const { arn, capacityProviderName: name, status, agentConnected, registeredAtMs } = row;
  return {
    arn,
    provider: name === undefined ? undefined : capacityProviderArn(row, name),
    isDraining: status !== 'ACTIVE',
    agentConnected,
    registeredAtMs,
    isAwaiting: row.awaitsDaemons === true,
  };
}

/** @param checked the names of the containers whose health is the task's */
export function daemonTask(row: TaskRow, checked: ReadonlySet<string>): DaemonTask | undefined {
  const { daemon, containerInstanceArn: instanceArn } = row;
  if (!daemon || instanceArn === undefined) return undefined;
  return {
    arn: row.arn,
    instanceArn,
    revisionArn: daemon.revisionArn,
    deploymentArn: daemon.deploymentArn,
    state: stateOf(row, checked),
    isExcused: row.countedAsFailure === true || row.stopCode === 'TerminationNotice',
    createdAtMs: row.createdAtMs,
  };
}

/** With a health check it runs once that has found it healthy. */
function stateOf(row: TaskRow, checked: ReadonlySet<string>): DaemonTask['state'] {
  if (row.desiredStatus === 'STOPPED') return 'failed';
  const health = taskHealth(row.containers, checked);
  if (health === 'UNHEALTHY') return 'failed';
  return row.lastStatus === 'RUNNING' && (checked.size === 0 || health === 'HEALTHY') ? 'running' : 'starting';
}
