import { RuntimeError } from '../kernel/errors.ts';
import { parseAddress, parseBlock } from './ipv4.ts';
import type { ConnectEndpoint, InterfaceState, RouteState, SecurityRule, VpcState } from './network.ts';

/**
 * Looks at every word of a state before any of it becomes part of a command or a ruleset.
 * @throws RuntimeError rejected, naming what is wrong
 */
export function checkVpcState(vpc: VpcState): void {
  vpc.cidrs.forEach((cidr) => need(parseBlock(cidr), `CIDR ${cidr}`));
  [...vpc.gateways, ...(vpc.resolver === undefined ? [] : [vpc.resolver])].forEach(checkAddress);
  vpc.interfaces.forEach(checkInterface);
  for (const group of vpc.securityGroups) {
    checkId('sg', group.groupId);
    [...group.ingress, ...group.egress].forEach(checkRule);
  }
  for (const acl of vpc.networkAcls) {
    acl.subnetCidrs.forEach((cidr) => need(parseBlock(cidr), `CIDR ${cidr}`));
    [...acl.ingress, ...acl.egress].forEach(({ cidr, ...entry }) => checkRule({ ...entry, peer: { cidr } }));
  }
  const taken = new Set<string>();
  for (const word of vpc.interfaces.flatMap((one) => [one.interfaceId, one.privateIp, one.publicIp ?? []].flat())) {
    need(!taken.has(word), `interface or address ${word} twice`);
    taken.add(word);
  }
}

/** @throws RuntimeError rejected, naming what is wrong */
export function checkEndpoints(endpoints: readonly ConnectEndpoint[]): void {
  const taken = new Set<string>();
  for (const { address, port, targets } of endpoints) {
    checkAddress(address);
    const inRange = /^169\.254\.(17[6-9]|18\d|19[01])\./.test(address);
    need(inRange, `endpoint ${address} outside 169.254.176.0/20`);
    need(!taken.has(`${address}:${port}`), `endpoint ${address}:${port} twice`);
    taken.add(`${address}:${port}`);
    targets.forEach((target) => checkAddress(target.privateIp));
    for (const number of [port, ...targets.map((target) => target.port)]) {
      need(Number.isInteger(number) && number > 0 && number <= 65_535, `port ${number}`);
    }
  }
}

function checkInterface(one: InterfaceState): void {
  checkId('eni', one.interfaceId);
  checkAddress(one.privateIp);
  if (one.publicIp !== undefined) checkAddress(one.publicIp);
  need(parseBlock(one.subnetCidr), `CIDR ${one.subnetCidr}`);
  need(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(one.macAddress), `MAC address ${one.macAddress}`);
  one.securityGroupIds.forEach((id) => checkId('sg', id));
  const port = one.metadataPort ?? 1;
  need(Number.isInteger(port) && port > 0 && port <= 65_535, `port ${port}`);
  const hops = one.metadataHopLimit ?? 1;
  need(Number.isInteger(hops) && hops > 0 && hops <= 64, `hop limit ${hops}`);
  one.routes.forEach(checkRoute);
}

function checkRoute({ cidr, via }: RouteState): void {
  need(parseBlock(cidr), `CIDR ${cidr}`);
  if (typeof via === 'object') checkAddress(via.natAddress);
}

function checkRule(rule: SecurityRule): void {
  for (const number of [rule.fromPort, rule.toPort]) {
    need(number === undefined || (Number.isInteger(number) && number >= -1 && number <= 65_535), `port ${number}`);
  }
  need(/^(tcp|udp|icmp|-1|\d{1,3})$/.test(rule.protocol), `protocol ${rule.protocol}`);
  if ('cidr' in rule.peer) need(parseBlock(rule.peer.cidr), `CIDR ${rule.peer.cidr}`);
  else checkId('sg', rule.peer.groupId);
}

function checkAddress(address: string): void {
  need(parseAddress(address) !== undefined, `address ${address}`);
}

function checkId(prefix: string, id: string): void {
  need(new RegExp(`^${prefix}-[0-9a-z]{1,32}$`).test(id), `id ${id}`);
}

function need(right: unknown, what: string): void {
  if (!right) throw new RuntimeError('rejected', `the network cannot make a VPC with the ${what}`);
}
