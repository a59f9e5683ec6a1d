import { type Described, describe, nextTokenOf } from '../describe.ts';
import { writeRegion } from '../default-vpc.ts';
import { mainRouteTable } from '../domain/default-network.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { hasDependencies, missingParameter } from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { requireRouteTable, routeTargets } from '../route-table-lookup.ts';
import { resourceKey, type RouteTableRow, routeTables } from '../tables.ts';
import { routeTableView } from '../views/vpc.ts';
import { forgetRouteTable } from '../vpc-endpoint-parts.ts';

const none = () => undefined;

const ROUTE_TABLES: Described<RouteTableRow> = {
  kind: KINDS.routeTable,
  table: routeTables,
  indexed: { 'vpc-id': 'vpc' },
  fields: {
    'association.gateway-id': none,
    'association.main': (row) => row.associations.map((association) => association.main),
    'association.route-table-association-id': (row) => row.associations.map((one) => one.associationId),
    'association.route-table-id': (row) => row.associations.map(() => row.id),
    'association.subnet-id': (row) => row.associations.map((association) => association.subnetId),
    'owner-id': (row) => row.account,
    'route-table-id': (row) => row.id,
    'route.destination-cidr-block': (row) => row.routes.map((route) => route.destinationCidrBlock),
    'route.destination-ipv6-cidr-block': none,
    'route.destination-prefix-list-id': none,
    'route.egress-only-internet-gateway-id': none,
    'route.gateway-id': (row) => row.routes.map((route) => route.gatewayId),
    'route.instance-id': none,
    'route.nat-gateway-id': (row) => row.routes.map((route) => route.natGatewayId),
    'route.origin': (row) => row.routes.map((route) => route.origin),
    'route.state': (row) => row.routes.map(() => 'active'),
    'route.transit-gateway-id': none,
    'route.vpc-peering-connection-id': none,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeRouteTables = operation('DescribeRouteTables', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, ROUTE_TABLES, input.RouteTableIds, input);
    const targets = await ctx.read(async (tx) => routeTargets(tx, ctx));
    return { RouteTables: page.items.map((row) => routeTableView(row, targets)), ...nextTokenOf(page) };
  },
});

export const CreateRouteTable = operation('CreateRouteTable', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.routeTable, scope, [undefined]),
    ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
  ],
  creates: KINDS.routeTable,
  handle: async (ctx, input) => {
    const { VpcId: vpcId, ClientToken: token } = input;
    if (!vpcId) throw missingParameter('vpcId');
    const tags = tagsFor(KINDS.routeTable, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    return writeRegion(ctx, async (tx) => {
      const vpc = await requireVpc(tx, ctx, vpcId);
      const [made] = await madeBefore(tx, routeTables, ctx, once.idempotency);
      const resource = { account: ctx.account, region: ctx.region, id: newId(KINDS.routeTable.prefix, ctx.ids), tags };
      const row =
        made ??
        (await tx.put<RouteTableRow>(routeTables, {
          ...mainRouteTable(resource, vpc, ctx.ids),
          associations: [],
          ...once,
        }));
      return {
        RouteTable: routeTableView(row, await routeTargets(tx, ctx)),
        ...(token ? { ClientToken: token } : {}),
      };
    });
  },
});

export const DeleteRouteTable = operation('DeleteRouteTable', {
  resources: (input, scope) => arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const table = await requireRouteTable(tx, ctx, input.RouteTableId);
      if (table.associations.length > 0) throw hasDependencies('routeTable', table.id);
      await forgetRouteTable(tx, ctx, table);
      await tx.delete(routeTables, resourceKey(ctx, table.id));
    });
    return {};
  },
});
