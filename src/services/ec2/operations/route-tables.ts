import { type Described, describe, nextTokenOf } from '../describe.ts';
import { KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { type RouteTableRow, routeTables } from '../tables.ts';
import { routeTableView } from '../views/vpc.ts';

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
    'route.nat-gateway-id': none,
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
    return { RouteTables: page.items.map(routeTableView), ...nextTokenOf(page) };
  },
});
