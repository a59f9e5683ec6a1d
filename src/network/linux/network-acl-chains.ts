import type { InterfaceState, NetworkAclEntryState, NetworkAclState, RouteState, VpcState } from '../network.ts';
import { TRANSIT } from './link-names.ts';
import { renderRule } from './render-rule.ts';
import { orderedRoutes, routeDestination, routesKey } from './route-chains.ts';

/** One map or chain of nft, still without its braces. */
interface Declaration {
  readonly kind: 'map' | 'chain';
  readonly name: string;
  readonly lines: readonly string[];
}

type NatGateway = InterfaceState & { readonly publicIp: string };

/**
 * Network ACLs come before security groups, in hooks of their own, since answers pass them too. Addresses there are
 * private ones on this side and public ones on the other, as the subnets see them.
 *
 * What goes through a NAT gateway crosses the border of its subnet as well, on its way in and out again.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
 * @param vpc with its NAT gateways' interfaces
 */
export function networkAclChains(vpc: VpcState, transitHost: string): readonly Declaration[] {
  if (vpc.networkAcls.length === 0) return [];
  const hook = (name: string, ...lines: readonly string[]): Declaration => ({
    kind: 'chain',
    name: `acl_${name}`,
    lines: [`type filter hook ${name} priority filter - 10; policy accept;`, ...lines, 'goto network_acls'],
  });
  const nat = natDeclarations(vpc);
  return [
    ...vpc.networkAcls.flatMap((acl, index) => [
      { kind: 'chain' as const, name: aclChain(index, 'ingress'), lines: aclRules(acl.ingress, 'ingress') },
      { kind: 'chain' as const, name: aclChain(index, 'egress'), lines: aclRules(acl.egress, 'egress') },
    ]),
    ...nat,
    {
      kind: 'chain',
      name: 'network_acls',
      lines: [
        // The resolver and the metadata services, and their answers.
        `oifname "${TRANSIT}" ip daddr ${transitHost} ct direction original accept`,
        `iifname "${TRANSIT}" ip saddr ${transitHost} ct direction reply accept`,
        ...vpc.networkAcls.flatMap(borderRules),
        ...(nat.length > 0
          ? [
              `oifname "${TRANSIT}" ip saddr vmap @through_nat`,
              `iifname "${TRANSIT}" ct direction reply ct reply ip daddr vmap @back_through_nat`,
            ]
          : []),
      ],
    },
    hook('forward'),
    // What the router's own addresses tell each other is looked at on its way out.
    hook('input', 'iifname "lo" accept'),
    hook('output', 'ip saddr != @interfaces accept'),
  ];
}

/** The lines of one direction: the first that matches decides. */
export function aclRules(entries: readonly NetworkAclEntryState[], direction: 'ingress' | 'egress'): readonly string[] {
  const rules = entries.map(({ allows, cidr, ...entry }) =>
    renderRule({ ...entry, peer: { cidr } }, direction, allows ? 'return' : 'drop'),
  );
  return [...rules, 'drop'];
}

function borderRules(acl: NetworkAclState, index: number): readonly string[] {
  return acl.subnetCidrs.flatMap((cidr) => [
    `ip saddr ${cidr} ip daddr != ${cidr} jump ${aclChain(index, 'egress')}`,
    `ip daddr ${cidr} ip saddr != ${cidr} jump ${aclChain(index, 'ingress')}`,
  ]);
}

function natDeclarations(vpc: VpcState): readonly Declaration[] {
  const gateways = vpc.interfaces.filter(isNatGateway).flatMap((one) => {
    const acl = vpc.networkAcls.findIndex(({ subnetCidrs }) => subnetCidrs.includes(one.subnetCidr));
    return acl < 0 ? [] : [{ ...one, acl }];
  });
  const usedBy = (one: InterfaceState) => gateways.some((gateway) => leadsTo(one.routes, gateway));
  const users = vpc.interfaces.filter((one) => one.kind !== 'nat' && usedBy(one));
  if (users.length === 0) return [];
  const tables = new Map(users.map((one) => [routesKey(one), one.routes]));
  const keys = [...tables.keys()].toSorted();
  return [
    ...gateways.map(({ acl, subnetCidr }, index): Declaration => ({
      kind: 'chain',
      name: `nat_${index + 1}`,
      lines: [
        // Between the gateway and its own subnet there is no border.
        `ip saddr ${subnetCidr} return`,
        `ip daddr ${subnetCidr} return`,
        `jump ${aclChain(acl, 'ingress')}`,
        `jump ${aclChain(acl, 'egress')}`,
      ],
    })),
    ...keys.map((key, index): Declaration => ({
      kind: 'chain',
      name: `through_nat_${index + 1}`,
      lines: orderedRoutes(tables.get(key) ?? []).map((route) => {
        const found = gateways.findIndex((gateway) => leadsTo([route], gateway));
        return `${routeDestination(route.cidr)}${found < 0 ? 'return' : `goto nat_${found + 1}`}`;
      }),
    })),
    verdicts(
      'through_nat',
      users.map((one) => `${one.privateIp} : jump through_nat_${keys.indexOf(routesKey(one)) + 1}`),
    ),
    verdicts(
      'back_through_nat',
      gateways.map(({ publicIp }, index) => `${publicIp} : jump nat_${index + 1}`),
    ),
  ];
}

function verdicts(name: string, lines: readonly string[]): Declaration {
  return { kind: 'map', name, lines };
}

function leadsTo(routes: readonly RouteState[], gateway: NatGateway): boolean {
  return routes.some(({ via }) => typeof via === 'object' && via.natAddress === gateway.publicIp);
}

function isNatGateway(one: InterfaceState): one is NatGateway {
  return one.kind === 'nat' && one.publicIp !== undefined;
}

function aclChain(index: number, direction: 'ingress' | 'egress'): string {
  return `acl_${index + 1}_${direction}`;
}
