import type { IpPermission } from '@aws-sdk/client-ec2';
import type { EdgeRoute } from '../../../loadbalancer/load-balancer.ts';
import type { ListenerRow, LoadBalancerRow } from '../tables.ts';

/** A load balancer that the outside may reach, with its listeners. */
export interface PublicLoadBalancer {
  readonly loadBalancer: LoadBalancerRow;
  readonly listeners: readonly ListenerRow[];
}

/** The routes of one load balancer: each name leads to each of its listeners. */
export function edgeRoutes(
  { loadBalancer, listeners }: PublicLoadBalancer,
  aliases: readonly string[],
  ingress: readonly IpPermission[],
): readonly EdgeRoute[] {
  const doors = listeners.map((listener) => ({
    listenerId: listener.id,
    port: listener.port,
    protocol: listener.protocol,
    allowedCidrs: allowedCidrs(ingress, listener.port),
  }));
  return [loadBalancer.dnsName, ...aliases].map((hostname) => ({
    hostname,
    vpcId: loadBalancer.vpcId,
    loadBalancerId: loadBalancer.id,
    listeners: doors,
  }));
}

/** Who may come in on a TCP port by these ingress rules. Members of other groups never come through the edge. */
export function allowedCidrs(ingress: readonly IpPermission[], port: number): readonly string[] {
  const cidrs = ingress
    .filter(
      ({ IpProtocol: protocol, FromPort: from, ToPort: to }) =>
        protocol === '-1' || (protocol === 'tcp' && (from === -1 || ((from ?? 0) <= port && port <= (to ?? 65_535)))),
    )
    .flatMap(({ IpRanges = [], Ipv6Ranges = [] }) => [
      ...IpRanges.map((range) => range.CidrIp ?? ''),
      ...Ipv6Ranges.map((range) => range.CidrIpv6 ?? ''),
    ]);
  return [...new Set(cidrs.filter((cidr) => cidr !== ''))].toSorted();
}

/** A record's name as a host name: no final dot, and `*` where Route 53 writes `\052`. */
export function hostnameOf(recordName: string): string {
  return recordName
    .replace(/\.$/, '')
    .replaceAll(String.raw`\052`, '*')
    .toLowerCase();
}

/** The load balancer's name that an alias means. */
export function aliasTarget(dnsName: string): string {
  return dnsName
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');
}
