import type { VpcState } from '../network.ts';
import { TRANSIT, taskLink } from './link-names.ts';
import type { ObservedHost, ObservedLink, ObservedRouter } from './observe.ts';
import type { TransitAddresses } from './transit.ts';

export interface DesiredLinks {
  readonly vpc: VpcState;
  readonly namespace: string;
  /** The host's end of the transit link. */
  readonly hostLink: string;
  readonly transit: TransitAddresses;
}

/** Lines for `ip -batch`, in the order in which they must run. */
export interface LinkStep {
  readonly where: 'host' | 'router';
  readonly lines: readonly string[];
}

/** What to change so that links, addresses and routes are as desired; nothing when they are. */
export function planLinks(desired: DesiredLinks, host: ObservedHost, router: ObservedRouter): LinkStep[] {
  const { vpc, hostLink } = desired;
  const remake = !isTransitWhole(desired, host, router);
  const steps: LinkStep[] = [
    {
      where: 'router',
      lines: [...removals(vpc, router), ...(remake && router.transit ? [`link del ${TRANSIT}`] : [])],
    },
    // A veth goes with its other end: what is deleted in the router is gone here too.
    { where: 'host', lines: remake && host.link && !router.transit ? [`link del ${hostLink}`] : [] },
    { where: 'host', lines: remake ? newTransit(desired) : [] },
    { where: 'router', lines: routerLines(desired, router, remake) },
    { where: 'host', lines: publicRoutes(desired, remake ? [] : host.publicRoutes) },
  ];
  return steps.filter((step) => step.lines.length > 0);
}

function isTransitWhole({ vpc, transit }: DesiredLinks, host: ObservedHost, router: ObservedRouter): boolean {
  return host.link?.alias === vpc.vpcId && carries(host.link, transit.host) && carries(router.transit, transit.router);
}

function carries(link: ObservedLink | undefined, address: string): boolean {
  return link !== undefined && link.up && link.addresses.includes(`${address}/30`);
}

function newTransit({ vpc, namespace, hostLink, transit }: DesiredLinks): string[] {
  return [
    `link add ${hostLink} type veth peer name ${TRANSIT} netns ${namespace}`,
    `link set ${hostLink} alias ${vpc.vpcId}`,
    `address replace ${transit.host}/30 dev ${hostLink}`,
    `link set ${hostLink} up`,
  ];
}

function removals(vpc: VpcState, router: ObservedRouter): string[] {
  const links = new Set(vpc.interfaces.filter((one) => one.kind === 'task').map((one) => taskLink(one.interfaceId)));
  const addresses = new Set(routerAddresses(vpc));
  const cidrs = new Set(vpc.cidrs);
  return [
    ...router.taskLinks.filter((link) => !links.has(link)).map((link) => `link del ${link}`),
    ...router.addresses.filter((one) => !addresses.has(one)).map((one) => `address del ${one}/32 dev lo`),
    ...router.blackholes.filter((cidr) => !cidrs.has(cidr)).map((cidr) => `route del blackhole ${cidr}`),
  ];
}

function routerLines({ vpc, transit }: DesiredLinks, router: ObservedRouter, remake: boolean): string[] {
  const addresses = new Set(router.addresses);
  const blackholes = new Set(router.blackholes);
  return [
    ...(router.loopbackUp ? [] : ['link set lo up']),
    ...routerAddresses(vpc)
      .filter((one) => !addresses.has(one))
      .map((one) => `address replace ${one}/32 dev lo`),
    // A private address that nobody has is lost here, not sent to the internet.
    ...vpc.cidrs.filter((cidr) => !blackholes.has(cidr)).map((cidr) => `route replace blackhole ${cidr}`),
    ...(remake ? [`address replace ${transit.router}/30 dev ${TRANSIT}`, `link set ${TRANSIT} up`] : []),
    ...(remake || router.defaultGateway !== transit.host
      ? [`route replace default via ${transit.host} dev ${TRANSIT}`]
      : []),
  ];
}

function publicRoutes({ vpc, hostLink, transit }: DesiredLinks, observed: readonly string[]): string[] {
  const wanted = new Set(vpc.interfaces.flatMap((one) => one.publicIp ?? []));
  const there = new Set(observed);
  const via = `via ${transit.router} dev ${hostLink}`;
  return [
    ...[...there].filter((address) => !wanted.has(address)).map((address) => `route del ${address}/32 ${via}`),
    ...[...wanted].filter((address) => !there.has(address)).map((address) => `route replace ${address}/32 ${via}`),
  ];
}

function routerAddresses(vpc: VpcState): string[] {
  const locals = vpc.interfaces.filter((one) => one.kind === 'local').map((one) => one.privateIp);
  return [...new Set([...vpc.gateways, ...(vpc.resolver === undefined ? [] : [vpc.resolver]), ...locals])];
}
