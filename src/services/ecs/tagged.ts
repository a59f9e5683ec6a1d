import { parseArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { capacityProviders } from './capacity-provider-tables.ts';
import { containerInstances } from './container-instance-tables.ts';
import { daemonTaskDefinitions, daemons } from './daemons/tables.ts';
import { taskSets } from './domain/task-set.ts';
import { clientError, invalidParameter, resourceNotFound } from './errors.ts';
import { getInScope } from './lookups.ts';
import { clusters, services, taskDefinitions, tasks } from './tables.ts';

interface Tagged extends Scope {
  readonly arn: string;
  readonly tags: Tags;
}

const TABLES: Readonly<Record<string, Table<any>>> = {
  cluster: clusters,
  'capacity-provider': capacityProviders,
  'container-instance': containerInstances,
  daemon: daemons,
  'daemon-task-definition': daemonTaskDefinitions,
  service: services,
  task: tasks,
  'task-set': taskSets,
  'task-definition': taskDefinitions,
};

function tableOf(kind: string): Table<Tagged> | undefined {
  return Object.hasOwn(TABLES, kind) ? TABLES[kind] : undefined;
}

/** The row behind an ARN, of whatever kind has tags. */
export async function findTagged(
  tx: ReadTx,
  scope: Scope,
  arn: string,
): Promise<{ table: Table<Tagged>; row: Stored<Tagged> }> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'ecs') throw invalidParameter('Invalid ARN.');
  const kind = parsed.resource.split('/')[0] ?? '';
  const table = tableOf(kind);
  if (!table) throw clientError(`Longshore does not support tags on ${kind} yet.`);
  const row = await getInScope(tx, table, scope, arn);
  if (!row) throw resourceNotFound();
  return { table, row };
}

/** For `aws:ResourceTag`. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const table = tableOf(parseArn(arn)?.resource.split('/')[0] ?? '');
  return table && (await tx.get(table, arn))?.tags;
}
