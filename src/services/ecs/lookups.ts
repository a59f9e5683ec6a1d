import { parseArn, scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { clusterArn, parseTaskDefinition, serviceArn, taskDefinitionArn } from './domain/references.ts';
import { clientError, clusterNotActive, clusterNotFound, serviceNotFound } from './errors.ts';
import { clusters, familyKey, services, taskDefinitions } from './tables.ts';
import type { ClusterRow, ServiceRow, TaskDefinitionRow } from './tables.ts';

/** A row only where it is asked for: an ARN of another region names nothing in this one. */
export async function getInScope<R extends Scope>(
  tx: ReadTx,
  table: Table<R>,
  scope: Scope,
  arn: string,
): Promise<Stored<R> | undefined> {
  const row = await tx.get(table, arn);
  return row && scopeKey(row) === scopeKey(scope) ? row : undefined;
}

/** The cluster, whatever its status. */
export async function findCluster(
  tx: ReadTx,
  scope: Scope,
  reference: string | undefined,
): Promise<Stored<ClusterRow>> {
  const row = await getInScope(tx, clusters, scope, clusterArn(scope, reference));
  if (!row) throw clusterNotFound();
  return row;
}

/** The cluster, which must be ACTIVE; ECS's own errors otherwise. */
export async function activeCluster(tx: ReadTx, scope: Scope, reference: string | undefined): Promise<ClusterRow> {
  const row = await findCluster(tx, scope, reference);
  if (row.status !== 'ACTIVE') throw clusterNotActive();
  return row;
}

/** The cluster's service, whatever its status. */
export async function findService(
  tx: ReadTx,
  scope: Scope,
  cluster: ClusterRow,
  reference: string | undefined,
): Promise<Stored<ServiceRow>> {
  const row = await getInScope(tx, services, scope, serviceArn(scope, cluster.name, reference ?? ''));
  if (!row) throw serviceNotFound();
  return row;
}

/** `family:7`, or the latest ACTIVE revision of `family`. */
export async function findTaskDefinition(
  tx: ReadTx,
  scope: Scope,
  reference: string,
): Promise<Stored<TaskDefinitionRow> | undefined> {
  const parsed = parseTaskDefinition(reference);
  if (!parsed || isElsewhere(scope, reference)) return undefined;
  if (parsed.number !== undefined) {
    return tx.get(taskDefinitions, taskDefinitionArn(scope, parsed.family, parsed.number));
  }
  const rows = await tx.list(taskDefinitions, { where: ['family', familyKey(scope, parsed.family)] });
  return rows.filter((row) => row.status === 'ACTIVE').toSorted((a, b) => b.number - a.number)[0];
}

function isElsewhere(scope: Scope, reference: string): boolean {
  const arn = parseArn(reference);
  return arn !== undefined && scopeKey(arn) !== scopeKey(scope);
}

/** The task definition, which must be ACTIVE; ECS's own errors otherwise. */
export async function activeDefinition(
  tx: ReadTx,
  scope: Scope,
  reference: string,
): Promise<Stored<TaskDefinitionRow>> {
  const definition = await findTaskDefinition(tx, scope, reference);
  if (!definition) throw clientError('TaskDefinition not found.');
  if (definition.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive');
  return definition;
}
