import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { listRegion } from './describe.ts';
import { KINDS } from './domain/resource-kind.ts';
import type { RouteTargets } from './domain/routes.ts';
import { associationNotFound, missingParameter } from './errors.ts';
import { requireRow } from './lookup.ts';
import {
  internetGateways,
  natGateways,
  resourceKey,
  type RouteTableRow,
  routeTables,
  vpcEndpoints,
  type VpcEndpointRow,
} from './tables.ts';

export function requireRouteTable(tx: ReadTx, scope: Scope, id: string | undefined): Promise<Stored<RouteTableRow>> {
  if (!id) throw missingParameter('routeTableId');
  return requireRow(tx, routeTables, KINDS.routeTable, scope, id);
}

/** What routes are shown by: those of gateway endpoints are kept with the endpoint. */
export interface ShownTargets extends Omit<RouteTargets, 'routeTables'> {
  readonly vpcEndpoints: readonly VpcEndpointRow[];
}

/** What routes of the region lead to, and whether it still works. */
export async function routeTargets(tx: ReadTx, scope: Scope): Promise<ShownTargets> {
  const gateways = await listRegion(tx, internetGateways, scope);
  return {
    internetGateways: gateways.filter((one) => one.vpcId !== undefined),
    natGateways: await listRegion(tx, natGateways, scope),
    vpcEndpoints: await listRegion(tx, vpcEndpoints, scope),
  };
}

export async function tableOfAssociation(
  tx: ReadTx,
  scope: Scope,
  associationId: string | undefined,
): Promise<Stored<RouteTableRow> | undefined> {
  if (!associationId) return undefined;
  const where = ['association', resourceKey(scope, associationId)] as const;
  const [found] = await tx.list(routeTables, { where, limit: 1 });
  return found;
}

export async function requireAssociation(tx: ReadTx, scope: Scope, associationId: string | undefined) {
  if (!associationId) throw missingParameter('associationId');
  const table = await tableOfAssociation(tx, scope, associationId);
  const association = table?.associations.find((one) => one.associationId === associationId);
  if (!table || !association) throw associationNotFound(associationId);
  return { table, association };
}
