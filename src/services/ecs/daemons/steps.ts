import type { ServiceEnvironment } from '../../../api/service.ts';
import type { WriteTx } from '../../../store/store.ts';
import { tasksOn, wakeServices } from '../container-instance-lookup.ts';
import { drained } from '../container-instance-states.ts';
import { NO_NETWORK, containerInstances } from '../container-instance-tables.ts';
import type { ContainerInstanceRow, ReservationRow } from '../container-instance-tables.ts';
import { newTask } from '../domain/new-task.ts';
import { needsOf } from '../domain/placement/demand.ts';
import { stopTask } from '../domain/task-stop.ts';
import type { EcsPorts } from '../operation.ts';
import { taskSettings } from '../settings.ts';
import { clusters, tasks } from '../tables.ts';
import type { ClusterRow, TaskRow } from '../tables.ts';
import type { DaemonStep } from './plan.ts';
import { forgetAll } from './records.ts';
import { daemonDeployments, daemonRevisions, daemonTaskDefinitions, daemons } from './tables.ts';
import type { DaemonRevisionRow, DaemonRow, DaemonTaskDefinitionRow } from './tables.ts';

type Env = ServiceEnvironment<EcsPorts>;

export interface StepAction {
  readonly type: 'step';
  readonly daemonArn: string;
  /** The revisions of the rows that it was planned from. */
  readonly daemonRow: number;
  readonly deploymentRow: number;
  readonly step: DaemonStep;
}

/** All of it in one transaction, or nothing: what was planned from older rows is planned again. */
export async function applyStep(env: Env, { daemonArn, daemonRow, deploymentRow, step }: StepAction): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const daemon = await tx.get(daemons, daemonArn);
    const deployment = daemon && (await tx.get(daemonDeployments, daemon.deploymentArn));
    if (daemon?.revision !== daemonRow || deployment?.revision !== deploymentRow) return;
    if (step.isGone) {
      await forgetAll(tx, daemonArn);
      return tx.delete(daemons, daemonArn);
    }
    if (step.deployment) await tx.put(daemonDeployments, { ...step.deployment, revision: deploymentRow });
    if (step.stableRevisionArn) await tx.put(daemons, { ...daemon, stableRevisionArn: step.stableRevisionArn });
    for (const arn of step.failures) await countFailure(tx, arn);
    for (const arn of step.drain) await drainInstance(tx, arn, now);
    const revision = step.revisionArn ? await tx.get(daemonRevisions, step.revisionArn) : undefined;
    if (revision) await startTasks(env, tx, daemon, revision, step.start);
  });
}

async function countFailure(tx: WriteTx, arn: string): Promise<void> {
  const task = await tx.get(tasks, arn);
  if (task) await tx.put(tasks, { ...task, countedAsFailure: true });
}

const DRAINED = 'Task stopped during instance draining';

/** Services replace their tasks; those of nobody stop. Daemons stay to the end. */
async function drainInstance(tx: WriteTx, arn: string, now: number): Promise<void> {
  const row = await tx.get(containerInstances, arn);
  if (row?.status !== 'ACTIVE') return;
  await drained(tx, row, now);
  for (const task of await tasksOn(tx, arn)) {
    if (task.serviceArn !== undefined || task.daemon) continue;
    const stopped = stopTask(task, 'TerminationNotice', DRAINED, now);
    if (stopped !== task) await tx.put(tasks, { ...stopped, revision: task.revision });
  }
}

async function startTasks(
  env: Env,
  tx: WriteTx,
  daemon: DaemonRow,
  revision: DaemonRevisionRow,
  instances: readonly string[],
): Promise<void> {
  const cluster = await tx.get(clusters, daemon.clusterArn);
  const definition = await tx.get(daemonTaskDefinitions, revision.taskDefinitionArn);
  if (!cluster || !definition) return;
  const common = { ...commonOf(daemon, revision, cluster, definition), ...(await taskSettings(tx, cluster)) };
  const reserved = needsOf(definition.definition);
  for (const arn of instances) {
    const instance = await tx.get(containerInstances, arn);
    const held = await tx.list(tasks, { where: ['instance', arn] });
    if (instance?.status !== 'ACTIVE' || held.some((one) => one.daemon?.arn === daemon.arn)) continue;
    const { capacityProviderName } = instance;
    const now = env.clock.now();
    const unfit = reasonAgainst(instance, held, reserved);
    const place = { instance, reserved: unfit === undefined ? reserved : NOTHING };
    const row = newTask({ ...common, capacityProviderName, place }, env.ids, now);
    const { arn: daemonArn, deploymentArn } = daemon;
    const task = { ...row, daemon: { arn: daemonArn, revisionArn: revision.arn, deploymentArn } };
    await tx.put(tasks, unfit === undefined ? task : stopTask(task, 'TaskFailedToStart', unfit, now));
  }
}

const NOTHING: ReservationRow = { cpu: 0, memory: 0, ports: { tcp: [], udp: [] }, interfaces: 0 };

/** Why a daemon task cannot be on an instance: what it reserves must be left there, as of every task. */
function reasonAgainst(
  instance: ContainerInstanceRow,
  held: readonly TaskRow[],
  { cpu, memory }: ReservationRow,
): string | undefined {
  const taken = held.flatMap((task) => (task.lastStatus === 'STOPPED' ? [] : (task.reserved ?? [])));
  const left = (of: 'cpu' | 'memory') => taken.reduce((all, each) => all - each[of], instance[of]);
  if (cpu > left('cpu')) return `RESOURCE:CPU: it needs ${cpu} CPU units, and ${left('cpu')} are left`;
  if (memory > left('memory')) return `RESOURCE:MEMORY: it needs ${memory} MiB, and ${left('memory')} are left`;
  return undefined;
}

/** What all tasks of a revision have in common. */
function commonOf(
  daemon: DaemonRow,
  revision: DaemonRevisionRow,
  cluster: ClusterRow,
  definition: DaemonTaskDefinitionRow,
) {
  return {
    cluster,
    definition,
    network: NO_NETWORK,
    subnetId: '',
    group: `daemon:${daemon.name}`,
    startedBy: daemon.deploymentArn.split('/').at(-1),
    enableExecuteCommand: revision.enableExecuteCommand,
    tags: {
      ...(revision.propagateTags === 'DAEMON' ? daemon.tags : {}),
      ...(revision.enableEcsManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}),
    },
  };
}

/** Its critical daemons run: it takes tasks from now on. */
export async function admit(env: Env, instanceArn: string): Promise<void> {
  await env.store.write(async (tx) => {
    const row = await tx.get(containerInstances, instanceArn);
    if (!row?.awaitsDaemons) return;
    const { awaitsDaemons: _awaits, ...admitted } = row;
    await tx.put(containerInstances, { ...admitted, version: row.version + 1 });
    await wakeServices(tx, row.clusterArn);
  });
}
