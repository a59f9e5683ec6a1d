import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { clusterArn, parseTaskDefinition, taskDefinitionArn } from './domain/references.ts';
import { clientError, clusterNotActive, clusterNotFound } from './errors.ts';
import { clusters, familyKey, taskDefinitions } from './tables.ts';
import type { ClusterRow, TaskDefinitionRow } from './tables.ts';

/** The cluster, which must be ACTIVE; ECS's own errors otherwise. */
export async function activeCluster(tx: ReadTx, scope: Scope, reference: string | undefined): Promise<ClusterRow> {
  const row = await tx.get(clusters, clusterArn(scope, reference));
  if (!row) throw clusterNotFound();
  if (row.status !== 'ACTIVE') throw clusterNotActive();
  return row;
}

/** `family:7`, or the latest ACTIVE revision of `family`. */
export async function findTaskDefinition(
  tx: ReadTx,
  scope: Scope,
  reference: string,
): Promise<Stored<TaskDefinitionRow> | undefined> {
  const parsed = parseTaskDefinition(reference);
  if (!parsed) return undefined;
  if (parsed.number !== undefined) {
    return tx.get(taskDefinitions, taskDefinitionArn(scope, parsed.family, parsed.number));
  }
  const rows = await tx.list(taskDefinitions, { where: ['family', familyKey(scope, parsed.family)] });
  return rows.filter((row) => row.status === 'ACTIVE').toSorted((a, b) => b.number - a.number)[0];
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
