import type { Failure, ProtectedTask } from '@aws-sdk/client-ecs';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { clusterCondition, taskResources } from '../authorization.ts';
import { isProtected } from '../domain/scale-in.ts';
import { taskArn } from '../domain/references.ts';
import { invalidParameter } from '../errors.ts';
import { activeCluster, findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import { tasks } from '../tables.ts';
import type { ClusterRow, TaskRow } from '../tables.ts';

const DEFAULT_MINUTES = 120;
const MOST_MINUTES = 2880;
const MOST_TASKS = 10;

/**
 * Tasks that protection is for, and why the others are not: only a service's task that is not stopping has any.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
 */
async function protectable(
  tx: ReadTx,
  cluster: ClusterRow,
  references: readonly string[],
): Promise<{ rows: Stored<TaskRow>[]; failures: Failure[] }> {
  const rows: Stored<TaskRow>[] = [];
  const failures: Failure[] = [];
  for (const arn of new Set(references.map((reference) => taskArn(cluster, cluster.name, reference)))) {
    const row = await tx.get(tasks, arn);
    if (!row || row.clusterArn !== cluster.arn) failures.push({ arn, reason: 'MISSING' });
    else if (!row.serviceArn || row.desiredStatus === 'STOPPED') failures.push({ arn, reason: 'TASK_NOT_VALID' });
    else rows.push(row);
  }
  return { rows, failures };
}

function protectionView(row: TaskRow, now: number): ProtectedTask {
  if (!isProtected(row, now)) return { taskArn: row.arn, protectionEnabled: false };
  return { taskArn: row.arn, protectionEnabled: true, expirationDate: new Date(row.protectedUntilMs ?? now) };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html */
export const UpdateTaskProtection = operation('UpdateTaskProtection', {
  resources: (input, scope) => taskResources(input, input.tasks ?? [], scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const { tasks: references = [], protectionEnabled = false, expiresInMinutes } = input;
      if (references.length === 0) throw invalidParameter('Tasks cannot be empty.');
      if (references.length > MOST_TASKS) throw invalidParameter(`Tasks can have at most ${MOST_TASKS} items.`);
      if (expiresInMinutes !== undefined && (expiresInMinutes < 1 || expiresInMinutes > MOST_MINUTES)) {
        throw invalidParameter(`expiresInMinutes must be between 1 and ${MOST_MINUTES}.`);
      }
      const cluster = await activeCluster(tx, ctx, input.cluster);
      const { rows, failures } = await protectable(tx, cluster, references);
      const protectedTasks: ProtectedTask[] = [];
      for (const { protectedUntilMs: _before, ...row } of rows) {
        const until = ctx.now + (expiresInMinutes ?? DEFAULT_MINUTES) * 60_000;
        const changed = { ...row, ...(protectionEnabled && { protectedUntilMs: until }) };
        protectedTasks.push(protectionView(await tx.put(tasks, changed), ctx.now));
      }
      return { protectedTasks, failures };
    }),
});

export const GetTaskProtection = operation('GetTaskProtection', {
  readOnly: true,
  resources: (input, scope) => taskResources(input, input.tasks?.length ? input.tasks : ['*'], scope),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const given = input.tasks ?? [];
      if (given.length > 100) throw invalidParameter('Tasks can have at most 100 items.');
      const all = async () => (await tx.list(tasks, { where: ['cluster', cluster.arn] })).filter(isLiveOfService);
      const references = given.length > 0 ? given : (await all()).map((row) => row.arn);
      const { rows, failures } = await protectable(tx, cluster, references);
      return { protectedTasks: rows.map((row) => protectionView(row, ctx.now)), failures };
    }),
});

function isLiveOfService(row: TaskRow): boolean {
  return row.serviceArn !== undefined && row.desiredStatus === 'RUNNING';
}
