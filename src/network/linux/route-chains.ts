import { parseBlock } from '../ipv4.ts';
import type { InterfaceState, RouteState } from '../network.ts';

/** What tells apart interfaces with different routes. */
export function routesKey(one: InterfaceState): string {
  return JSON.stringify(orderedRoutes(one.routes));
}

/** Lines of a chain that packets pass which leave the VPC: returns where the routes lead out, else drops. */
export function exitRules(routes: readonly RouteState[]): readonly string[] {
  return [
    ...orderedRoutes(routes).flatMap(({ cidr, via }) => {
      const match = routeDestination(cidr);
      if (via === 'nowhere') return [`${match}drop`];
      if (via !== 'internet') return [`${match}return`];
      return [`${match}ip saddr @with_public_address return`, `${match}drop`];
    }),
    'drop',
  ];
}

/** Lines of a chain that gives new connections the address of a NAT gateway, or returns. */
export function translationRules(routes: readonly RouteState[]): readonly string[] {
  return orderedRoutes(routes).map(
    ({ cidr, via }) => routeDestination(cidr) + (typeof via === 'object' ? `snat to ${via.natAddress}` : 'return'),
  );
}

export function hasNat(one: InterfaceState): boolean {
  return one.routes.some(({ via }) => typeof via === 'object');
}

/** Longest prefix first, since the first match counts. */
export function orderedRoutes(routes: readonly RouteState[]): readonly RouteState[] {
  return routes.toSorted((a, b) => prefixOf(b) - prefixOf(a) || (a.cidr < b.cidr ? -1 : 1));
}

function prefixOf({ cidr }: RouteState): number {
  return parseBlock(cidr)?.prefixLength ?? 0;
}

/** What matches packets to a block: nothing for all of them, else words with a space behind. */
export function routeDestination(cidr: string): string {
  return cidr === '0.0.0.0/0' ? '' : `ip daddr ${cidr} `;
}
