import { parseArn, scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { containerInstances } from '../container-instance-tables.ts';
import { clientError, invalidParameter } from '../errors.ts';
import { getInScope } from '../lookups.ts';
import { familyKey, taskDefinitions } from '../tables.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { daemonDefinitionArn, daemonOfArn, isDaemonDefinition, parseDaemonDefinition } from './references.ts';
import { daemonTaskDefinitions, daemons } from './tables.ts';
import type { DaemonRow, DaemonTaskDefinitionRow } from './tables.ts';

/** What a task runs: its task definition, or its daemon task definition. */
export function definitionOfTask(tx: ReadTx, arn: string): Promise<Stored<TaskDefinitionRow> | undefined> {
  return isDaemonDefinition(arn) ? tx.get(daemonTaskDefinitions, arn) : tx.get(taskDefinitions, arn);
}

/** While the instance and the daemon of a stopped task are there, its row says that the instance has had its task. */
export async function isRemembered(tx: ReadTx, task: TaskRow): Promise<boolean> {
  if (task.lastStatus !== 'STOPPED' || !task.daemon || task.containerInstanceArn === undefined) return false;
  const instance = await tx.get(containerInstances, task.containerInstanceArn);
  if (!instance || instance.status === 'INACTIVE') return false;
  return (await tx.get(daemons, task.daemon.arn)) !== undefined;
}

/** `family:7`, or the latest ACTIVE revision of `family`. */
export async function findDaemonDefinition(
  tx: ReadTx,
  scope: Scope,
  reference: string,
): Promise<Stored<DaemonTaskDefinitionRow> | undefined> {
  const parsed = parseDaemonDefinition(reference);
  const elsewhere = parseArn(reference);
  if (!parsed || (elsewhere && scopeKey(elsewhere) !== scopeKey(scope))) return undefined;
  if (parsed.number !== undefined) {
    return tx.get(daemonTaskDefinitions, daemonDefinitionArn(scope, parsed.family, parsed.number));
  }
  const rows = await tx.list(daemonTaskDefinitions, { where: ['family', familyKey(scope, parsed.family)] });
  return rows.filter((row) => row.status === 'ACTIVE').toSorted((a, b) => b.number - a.number)[0];
}

/** @throws ClientException where it is not there, or is being deleted */
export async function activeDaemonDefinition(
  tx: ReadTx,
  scope: Scope,
  reference: string,
): Promise<Stored<DaemonTaskDefinitionRow>> {
  const row = await findDaemonDefinition(tx, scope, reference);
  if (!row) throw clientError('DaemonTaskDefinition not found.');
  if (row.status !== 'ACTIVE') throw clientError('DaemonTaskDefinition is inactive');
  return row;
}

/** @throws DaemonNotFoundException */
export async function findDaemon(tx: ReadTx, scope: Scope, arn: string | undefined): Promise<Stored<DaemonRow>> {
  if (!arn || daemonOfArn(arn) !== arn) throw invalidParameter('Invalid daemon ARN.');
  const row = await getInScope(tx, daemons, scope, arn);
  if (!row) throw new ServiceError('DaemonNotFoundException', 'Daemon not found.');
  return row;
}

/** @throws DaemonNotFoundException, or DaemonNotActiveException for one that is being deleted */
export async function activeDaemon(tx: ReadTx, scope: Scope, arn: string | undefined): Promise<Stored<DaemonRow>> {
  const row = await findDaemon(tx, scope, arn);
  if (row.status !== 'ACTIVE') throw new ServiceError('DaemonNotActiveException', 'Daemon was not ACTIVE.');
  return row;
}
