import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { checkId, KINDS, notFoundOf, type ResourceKind } from './domain/resource-kind.ts';
import { missingParameter } from './errors.ts';
import { networkAcls, type NetworkAclRow, type Resource, resourceKey, subnets, vpcs } from './tables.ts';

/** Throws the kind's Malformed or NotFound error. */
export async function requireRow<R extends Resource>(
  tx: ReadTx,
  table: Table<R>,
  kind: ResourceKind,
  scope: Scope,
  id: string,
): Promise<Stored<R>> {
  checkId(kind, id);
  const row = await tx.get(table, resourceKey(scope, id));
  if (!row) throw notFoundOf(kind, id);
  return row;
}

export const requireVpc = (tx: ReadTx, scope: Scope, id: string) => requireRow(tx, vpcs, KINDS.vpc, scope, id);
export const requireSubnet = (tx: ReadTx, scope: Scope, id: string) => requireRow(tx, subnets, KINDS.subnet, scope, id);

export async function requireNetworkAcl(
  tx: ReadTx,
  scope: Scope,
  id: string | undefined,
): Promise<Stored<NetworkAclRow>> {
  if (!id) throw missingParameter('networkAclId');
  return requireRow(tx, networkAcls, KINDS.networkAcl, scope, id);
}
