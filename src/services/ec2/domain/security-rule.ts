import type { Ids } from '../../../kernel/ids.ts';
import { duplicatePermission, invalidParameterValue, rulesPerGroupLimitExceeded, unsupportedValue } from '../errors.ts';
import type { RulePeer, RuleSpec, SecurityGroupRule } from '../tables.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import { formatCidr6 } from './cidr6.ts';
import { newId } from './resource-kind.ts';

/** Security group rules: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html */

const MAX_RULES_EACH_WAY = 1000;
const PROTOCOLS: Readonly<Record<string, string>> = {
  '-1': '-1',
  all: '-1',
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  icmp: 'icmp',
  '1': 'icmp',
};
const ICMPV6 = ['icmpv6', '58'];
const TEXT = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;
const TEXT_RULE = 'strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';

/** Protocol and ports as a request gives them. */
interface PortSpec {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
}

/** Throws EC2's words for a protocol that does not exist and for ports that do not go with it. */
export function portsOf(spec: PortSpec): Pick<RuleSpec, 'protocol' | 'fromPort' | 'toPort'> {
  const protocol = protocolOf(spec.IpProtocol ?? '');
  // Of other protocols EC2 takes no ports: whatever is given, all of the protocol is meant.
  if (!['tcp', 'udp', 'icmp'].includes(protocol)) return { protocol, fromPort: -1, toPort: -1 };
  if (protocol === 'icmp') return { protocol, ...icmpOf(spec.FromPort ?? -1, spec.ToPort ?? -1) };
  if (spec.FromPort === undefined || spec.ToPort === undefined) {
    throw invalidParameterValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  }
  const name = protocol.toUpperCase();
  for (const [end, port] of [
    ['from', spec.FromPort],
    ['to', spec.ToPort],
  ] as const) {
    if (port < 0 || port > 65_535) throw invalidParameterValue(`Invalid ${name} '${end}' port (${port})`);
  }
  if (spec.FromPort > spec.ToPort) {
    throw invalidParameterValue(`Invalid ${name} port range (${spec.FromPort}-${spec.ToPort})`);
  }
  return { protocol, fromPort: spec.FromPort, toPort: spec.ToPort };
}

/** The block with its host bits cleared. */
export function cidrPeer(cidr: string): RulePeer {
  const parsed = parseCidr(cidr);
  if (!parsed) throw invalidParameterValue(`CIDR block ${cidr} is malformed`);
  return { cidr: formatCidr(parsed) };
}

export function cidr6Peer(cidr: string): RulePeer {
  const cidrIpv6 = formatCidr6(cidr);
  if (cidrIpv6 === undefined) throw invalidParameterValue(`CIDR block ${cidr} is malformed`);
  return { cidrIpv6 };
}

export function checkRuleDescription(description: string | undefined): void {
  if (description !== undefined && !TEXT.test(description)) {
    throw invalidParameterValue(`Invalid rule description. Valid descriptions are ${TEXT_RULE}`);
  }
}

export function checkGroupName(name: string): void {
  if (name === '' || !TEXT.test(name)) {
    throw invalidParameterValue(
      `Value (${name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
    );
  }
  if (name.startsWith('sg-')) {
    throw invalidParameterValue(
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
    );
  }
  if (name === 'default') throw invalidParameterValue('Cannot use reserved security group name: default');
}

export function checkGroupDescription(description: string): void {
  if (!TEXT.test(description)) {
    throw invalidParameterValue(`Invalid security group description. Valid descriptions are ${TEXT_RULE}`);
  }
}

/** Outbound, every protocol: the rule every new group has, to 0.0.0.0/0. */
export function allowAllTo(peer: RulePeer): RuleSpec {
  return { egress: true, protocol: '-1', fromPort: -1, toPort: -1, peer };
}

export function newRule(spec: RuleSpec, ids: Ids): SecurityGroupRule {
  return { ...spec, ruleId: newId('sgr', ids), tags: {} };
}

/** Whether both allow the same; descriptions do not count. */
export function sameRule(a: RuleSpec, b: RuleSpec): boolean {
  return ruleKey(a) === ruleKey(b);
}

/**
 * Throws InvalidPermission.Duplicate and the limit; `existing` are the rules that stay.
 * @param listSizes the most entries that each prefix list can have: a rule for it counts as so many
 */
export function checkAdded(
  existing: readonly RuleSpec[],
  added: readonly RuleSpec[],
  listSizes: ReadonlyMap<string, number> = new Map(),
): void {
  const there = new Set(existing.map(ruleKey));
  const seen = new Set<string>();
  for (const spec of added) {
    const key = ruleKey(spec);
    if (there.has(key)) throw duplicatePermission(describeRule(spec));
    if (seen.has(key)) throw invalidParameterValue('The same permission must not appear multiple times');
    seen.add(key);
  }
  for (const egress of [true, false]) {
    const rules = [...existing, ...added].filter((rule) => rule.egress === egress);
    if (countOf(rules, listSizes) > MAX_RULES_EACH_WAY) throw rulesPerGroupLimitExceeded();
  }
}

function countOf(rules: readonly RuleSpec[], listSizes: ReadonlyMap<string, number>): number {
  const counts = rules.map(({ peer }) => ('prefixListId' in peer ? (listSizes.get(peer.prefixListId) ?? 1) : 1));
  return counts.reduce((sum, count) => sum + count, 0);
}

function ruleKey(rule: RuleSpec): string {
  return [rule.egress, rule.protocol, rule.fromPort, rule.toPort, peerName(rule)].join(' ');
}

function peerName({ peer }: RuleSpec): string {
  if ('cidr' in peer) return peer.cidr;
  if ('cidrIpv6' in peer) return peer.cidrIpv6;
  return 'groupId' in peer ? peer.groupId : peer.prefixListId;
}

/** e.g. `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW` */
function describeRule(rule: RuleSpec): string {
  const peer = peerName(rule);
  if (rule.protocol === '-1') return `peer: ${peer}, ALL, ALLOW`;
  const [from, to] = rule.protocol === 'icmp' ? ['type', 'code'] : ['from port', 'to port'];
  return `peer: ${peer}, ${rule.protocol.toUpperCase()}, ${from}: ${rule.fromPort}, ${to}: ${rule.toPort}, ALLOW`;
}

function protocolOf(text: string): string {
  const name = text.toLowerCase();
  const protocol = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  if (protocol) return protocol;
  if (ICMPV6.includes(name)) throw unsupportedValue(text, 'IpProtocol', 'There is no IPv6 here.');
  if (/^\d{1,3}$/.test(name) && Number(name) <= 255) return String(Number(name));
  throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`);
}

function icmpOf(type: number, code: number): { fromPort: number; toPort: number } {
  if (type < -1 || type > 255) throw invalidParameterValue(`Invalid ICMP type (${type})`);
  if (code < -1 || code > 255) throw invalidParameterValue(`Invalid ICMP code (${code})`);
  if (type === -1 && code !== -1) {
    throw invalidParameterValue('ICMP code must be -1 when the ICMP type is -1 (all types).');
  }
  return { fromPort: type, toPort: code };
}
