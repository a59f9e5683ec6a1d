import type { Stored, WriteTx } from '../../store/store.ts';
import { tasksOn, wakeServices } from './container-instance-lookup.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import { stopTask } from './domain/task-stop.ts';
import { tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

type Row = Stored<ContainerInstanceRow>;

const BEFORE_RUNNING: readonly string[] = ['PROVISIONING', 'PENDING'];

/** It takes no more tasks; its tasks of services are to be replaced, and those that do not run yet stop at once. */
export async function drained(tx: WriteTx, row: Row, now: number): Promise<Row> {
  if (row.status === 'DRAINING') return row;
  for (const task of await tasksOn(tx, row.arn)) {
    if (task.serviceArn === undefined || task.desiredStatus === 'STOPPED') continue;
    const leaving: TaskRow = { ...task, isDraining: true };
    const after = BEFORE_RUNNING.includes(task.lastStatus)
      ? stopTask(leaving, 'ServiceSchedulerInitiated', 'Task stopped because its container instance is DRAINING', now)
      : leaving;
    await tx.put(tasks, { ...after, revision: task.revision });
  }
  return tx.put(containerInstances, { ...row, status: 'DRAINING', version: row.version + 1 });
}

/** What has not left yet stays. */
export async function readmitted(tx: WriteTx, row: Row): Promise<Row> {
  if (row.status === 'ACTIVE') return row;
  for (const { isDraining, ...task } of await tasksOn(tx, row.arn)) if (isDraining) await tx.put(tasks, task);
  return tx.put(containerInstances, { ...row, status: 'ACTIVE', version: row.version + 1 });
}

/** It leaves its cluster; what runs on it stops. */
export async function retire(tx: WriteTx, row: Row, reason: string, now: number): Promise<Row> {
  for (const task of await tasksOn(tx, row.arn)) {
    const stopped = stopTask(task, 'TerminationNotice', reason, now);
    if (stopped !== task) await tx.put(tasks, { ...stopped, revision: task.revision });
  }
  const retired = await tx.put(containerInstances, {
    ...row,
    status: 'INACTIVE',
    agentConnected: false,
    agentChangedAtMs: now,
    deregisteredAtMs: now,
    version: row.version + 1,
  });
  await wakeServices(tx, row.clusterArn);
  return retired;
}
