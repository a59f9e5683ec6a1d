import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { writeRegion } from '../default-vpc.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { associationConflict, differentNetworks, invalidParameterValue, missingParameter } from '../errors.ts';
import { requireSubnet } from '../lookup.ts';
import { operation } from '../operation.ts';
import { requireAssociation, requireRouteTable, tableOfAssociation } from '../route-table-lookup.ts';
import { resourceKey, routeTables } from '../tables.ts';

/** Which route table holds for a subnet; the main one is the VPC's for all that have none. */

const ASSOCIATED = { State: 'associated' as const };

export const AssociateRouteTable = operation('AssociateRouteTable', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
    ...arnsOf(KINDS.subnet, scope, input.SubnetId ? [input.SubnetId] : []),
  ],
  unsupported: ['GatewayId', 'PublicIpv4Pool'],
  handle: async (ctx, input) => {
    const subnetId = input.SubnetId;
    if (!subnetId) throw missingParameter('subnetId');
    const associationId = newId('rtbassoc', ctx.ids);
    await writeRegion(ctx, async (tx) => {
      const table = await requireRouteTable(tx, ctx, input.RouteTableId);
      const subnet = await requireSubnet(tx, ctx, subnetId);
      if (subnet.vpcId !== table.vpcId) throw differentNetworks(`route table ${table.id}`, `subnet ${subnet.id}`);
      const tables = await tx.list(routeTables, { where: ['vpc', resourceKey(ctx, table.vpcId)] });
      if (tables.some((one) => one.associations.some((association) => association.subnetId === subnet.id))) {
        throw associationConflict(table.id);
      }
      const association = { associationId, main: false, subnetId: subnet.id };
      await tx.put(routeTables, { ...table, associations: [...table.associations, association] });
    });
    return { AssociationId: associationId, AssociationState: ASSOCIATED };
  },
});

export const DisassociateRouteTable = operation('DisassociateRouteTable', {
  resources: (input, scope, tx) => endsOf(tx, scope, input.AssociationId),
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const { table, association } = await requireAssociation(tx, ctx, input.AssociationId);
      if (association.main) {
        throw invalidParameterValue(
          `cannot disassociate the main route table association ${association.associationId}`,
        );
      }
      await tx.put(routeTables, {
        ...table,
        associations: table.associations.filter((one) => one !== association),
      });
    });
    return {};
  },
});

export const ReplaceRouteTableAssociation = operation('ReplaceRouteTableAssociation', {
  resources: async (input, scope, tx) => [
    ...arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
    ...(await endsOf(tx, scope, input.AssociationId)).filter((arn) => arn.includes(':subnet/')),
  ],
  handle: async (ctx, input) => {
    const associationId = newId('rtbassoc', ctx.ids);
    await writeRegion(ctx, async (tx) => {
      const { table: before, association } = await requireAssociation(tx, ctx, input.AssociationId);
      const target = await requireRouteTable(tx, ctx, input.RouteTableId);
      if (target.vpcId !== before.vpcId) throw differentNetworks(`route table ${target.id}`, `network ${before.vpcId}`);
      const rest = before.associations.filter((one) => one !== association);
      const moved = { ...association, associationId };
      if (target.id === before.id) {
        await tx.put(routeTables, { ...before, associations: [...rest, moved] });
        return;
      }
      await tx.put(routeTables, { ...before, associations: rest });
      await tx.put(routeTables, { ...target, associations: [...target.associations, moved] });
    });
    return { NewAssociationId: associationId, AssociationState: ASSOCIATED };
  },
});

async function endsOf(tx: ReadTx, scope: Scope, associationId: string | undefined): Promise<readonly string[]> {
  const table = await tableOfAssociation(tx, scope, associationId);
  const association = table?.associations.find((one) => one.associationId === associationId);
  return [
    ...arnsOf(KINDS.routeTable, scope, [table?.id]),
    ...arnsOf(KINDS.subnet, scope, association?.subnetId ? [association.subnetId] : []),
  ];
}
