import type { InterfaceState, RouteState } from '../../../network/network.ts';
import type { InternetGatewayRow, NatGatewayRow, RouteTableRow } from '../tables.ts';

/** What routes of a VPC can lead to. */
export interface RouteTargets {
  readonly routeTables: readonly RouteTableRow[];
  readonly internetGateways: readonly InternetGatewayRow[];
  readonly natGateways: readonly NatGatewayRow[];
}

type Route = RouteTableRow['routes'][number];

/** The table that a subnet is associated with, or else the VPC's main table. */
export function routeTableOf<T extends RouteTableRow>(tables: readonly T[], subnetId: string): T | undefined {
  return (
    tables.find((table) => table.associations.some((one) => one.subnetId === subnetId)) ??
    tables.find((table) => table.associations.some((one) => one.main))
  );
}

/** Where a subnet's packets for outside its VPC go. */
export function routesOf(targets: RouteTargets, subnetId: string): InterfaceState['routes'] {
  const routes = routeTableOf(targets.routeTables, subnetId)?.routes ?? [];
  return routes
    .filter((route) => route.gatewayId !== 'local')
    .map((route) => ({ cidr: route.destinationCidrBlock, via: viaOf(route, targets) }));
}

/** A route whose target is gone stays in its table, and takes its packets nowhere. */
export function isActive(route: Route, targets: Omit<RouteTargets, 'routeTables'>): boolean {
  if (route.natGatewayId !== undefined) {
    return targets.natGateways.some((one) => one.id === route.natGatewayId && one.deletedAt === undefined);
  }
  return route.gatewayId === 'local' || targets.internetGateways.some((one) => one.id === route.gatewayId);
}

/** A NAT gateway goes out as its own subnet does, and that must be through the internet gateway. */
function viaOf(route: Route, targets: RouteTargets): RouteState['via'] {
  if (!isActive(route, targets)) return 'nowhere';
  if (route.natGatewayId === undefined) return 'internet';
  const nat = targets.natGateways.find((one) => one.id === route.natGatewayId);
  const leadsOut = routeTableOf(targets.routeTables, nat?.subnetId ?? '')?.routes.some(
    (one) => one.destinationCidrBlock === '0.0.0.0/0' && one.natGatewayId === undefined && isActive(one, targets),
  );
  return nat && leadsOut ? { natAddress: nat.publicIp } : 'nowhere';
}
