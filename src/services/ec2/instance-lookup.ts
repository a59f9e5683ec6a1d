import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { checkId, KINDS } from './domain/resource-kind.ts';
import { instancesNotFound } from './errors.ts';
import { instances, type InstanceRow } from './instance-tables.ts';
import { networkInterfaces, resourceKey, vpcs } from './tables.ts';
import type { InstanceParts } from './views/instance.ts';

/** Throws InvalidInstanceID.Malformed, or NotFound with all that are not there. */
export async function requireInstances(
  tx: ReadTx,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly Stored<InstanceRow>[]> {
  const wanted = [...new Set(ids)];
  for (const id of wanted) checkId(KINDS.instance, id);
  const rows = await Promise.all(wanted.map((id) => tx.get(instances, resourceKey(scope, id))));
  const missing = wanted.filter((_, index) => rows[index] === undefined);
  if (missing.length > 0) throw instancesNotFound(missing);
  return rows.filter((row) => row !== undefined);
}

export async function requireInstance(tx: ReadTx, scope: Scope, id: string): Promise<Stored<InstanceRow>> {
  const [row] = await requireInstances(tx, scope, [id]);
  if (!row) throw instancesNotFound([id]);
  return row;
}

export async function partsOf(tx: ReadTx, row: InstanceRow): Promise<InstanceParts> {
  const primary = await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId));
  // It may have outlived the instance, and be another's.
  const networkInterface = primary?.attachment?.instanceId === row.id ? primary : undefined;
  const vpc = await tx.get(vpcs, resourceKey(row, row.vpcId));
  return { row, ...(networkInterface ? { networkInterface } : {}), ...(vpc ? { vpc } : {}) };
}
