import { parseBlock } from '../ipv4.ts';
import type { InterfaceState, RouteState } from '../network.ts';

/** What tells apart interfaces with different routes. */
export function routesKey(one: InterfaceState): string {
  return JSON.stringify(ordered(one.routes));
}

/** Lines of a chain that packets pass which leave the VPC: returns where the routes lead out, else drops. */
export function exitRules(routes: readonly RouteState[]): readonly string[] {
  return [
    ...ordered(routes).flatMap(({ cidr, via }) => {
      const match = destination(cidr);
      if (via === 'nowhere') return [`${match}drop`];
      if (via !== 'internet') return [`${match}return`];
      return [`${match}ip saddr @with_public_address return`, `${match}drop`];
    }),
    'drop',
  ];
}

/** Lines of a chain that gives new connections the address of a NAT gateway, or returns. */
export function translationRules(routes: readonly RouteState[]): readonly string[] {
  return ordered(routes).map(
    ({ cidr, via }) => destination(cidr) + (typeof via === 'object' ? `snat to ${via.natAddress}` : 'return'),
  );
}

export function hasNat(one: InterfaceState): boolean {
  return one.routes.some(({ via }) => typeof via === 'object');
}

/** Longest prefix first, since the first match counts. */
function ordered(routes: readonly RouteState[]): readonly RouteState[] {
  return routes.toSorted((a, b) => prefixOf(b) - prefixOf(a) || (a.cidr < b.cidr ? -1 : 1));
}

function prefixOf({ cidr }: RouteState): number {
  return parseBlock(cidr)?.prefixLength ?? 0;
}

function destination(cidr: string): string {
  return cidr === '0.0.0.0/0' ? '' : `ip daddr ${cidr} `;
}
