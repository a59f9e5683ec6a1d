import type { InterfaceState, VpcState } from '../network.ts';
import { ENDPOINTS_CIDR, OWN_PACKET_MARK } from './connect-ruleset.ts';
import { groupRules, UNTRACKED_EGRESS, UNTRACKED_INGRESS } from './group-chains.ts';
import { networkAclChains } from './network-acl-chains.ts';
import { TASK_LINK_PREFIX, TRANSIT, taskLink } from './link-names.ts';
import { hopLimitRules } from './hop-limits.ts';
import { exitRules, hasNat, routesKey, translationRules } from './route-chains.ts';

export interface RulesetOptions {
  /** The host's address on the VPC's transit link. */
  readonly transitHost: string;
  readonly transitCidr: string;
  /** Where the server answers on `transitHost`. */
  readonly dnsPort: number;
  readonly metadataPort: number;
  /** This kernel's rules can look at what TCP carries. */
  readonly matchesPayload: boolean;
}

/** Answered in every VPC whatever its CIDR: Amazon's DNS server and the ECS credentials endpoint. */
const LINK_LOCAL_RESOLVER = '169.254.169.253';
const METADATA = '169.254.170.2';
/** Of instances: the instance metadata service. */
const INSTANCE_METADATA = '169.254.169.254';

/** What an internet gateway does not carry: private, link-local, loopback, multicast and reserved ranges. */
const NOT_INTERNET = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
];

/**
 * The whole ruleset of a VPC's namespace as one nft transaction. Network ACLs, where they limit anything, look at every
 * packet before; the way of a new connection through it:
 *
 *   from a task    sources (its own address only) ─ egress of its groups ─┐
 *   from outside   public address becomes private ────────────────────────┼─ inbound ─ ingress of the target's groups
 *   from a local   egress of its groups ──────────────────────────────────┘      └─ or out, where its routes lead
 *
 * What goes out passes `exits` packet by packet: routes hold for connections under way too, unlike groups.
 * Each set of groups that some interface has is one chain: a rule that matches returns (egress) or accepts (ingress),
 * and the end drops. Chains are not nested in each other, since the kernel walks every path when it loads them.
 */
export function renderRuleset(whole: VpcState, options: RulesetOptions): string {
  const vpc = { ...whole, interfaces: whole.interfaces.filter((one) => one.kind !== 'nat') };
  const groupSets = [...new Set(vpc.interfaces.map(groupSetOf))].toSorted();
  const exits = new Map(vpc.interfaces.map((one) => [routesKey(one), one.routes]));
  const exitKeys = [...exits.keys()].toSorted();
  return [
    ...['inet longshore', 'ip longshore_nat'].flatMap((table) => [`add table ${table}`, `delete table ${table}`]),
    '',
    'table inet longshore {',
    ...indent([
      ...filterSets(vpc, options, groupSets, exitKeys),
      ...filterHooks(options),
      ...hopLimits(vpc, options),
      ...inbound(),
      ...groupSets.flatMap((groups, index) => groupChains(vpc, groups, index + 1)),
      ...exitKeys.flatMap((key, index) => chain(`exit_${index + 1}`, exitRules(exits.get(key) ?? []))),
      ...networkAclChains(whole, options.transitHost).flatMap(({ kind, name, lines }) =>
        kind === 'map' ? map(name, 'ipv4_addr : verdict', lines) : chain(name, lines),
      ),
    ]),
    '}',
    '',
    'table ip longshore_nat {',
    ...indent([
      ...exitKeys.flatMap((key, index) => chain(`translate_${index + 1}`, translationRules(exits.get(key) ?? []))),
      ...addressTranslation(vpc, options, exitKeys),
    ]),
    '}',
    '',
  ].join('\n');
}

function filterSets(
  vpc: VpcState,
  options: RulesetOptions,
  groupSets: readonly string[],
  exitKeys: readonly string[],
): string[] {
  const tasks = vpc.interfaces.filter((one) => one.kind === 'task');
  const verdicts = (how: string) =>
    vpc.interfaces.map((one) => `${one.privateIp} : ${how}_${groupSets.indexOf(groupSetOf(one)) + 1}`);
  const members = referencedGroups(vpc).flatMap((groupId) =>
    set(
      `members_${groupId}`,
      'ipv4_addr',
      vpc.interfaces.filter((one) => one.securityGroupIds.includes(groupId)).map((one) => one.privateIp),
    ),
  );
  return [
    ...set(
      'sources',
      'ifname . ipv4_addr',
      tasks.map((one) => `"${taskLink(one.interfaceId)}" . ${one.privateIp}`),
    ),
    ...set(
      'interfaces',
      'ipv4_addr',
      vpc.interfaces.map((one) => one.privateIp),
    ),
    ...set(
      'with_public_address',
      'ipv4_addr',
      withPublicAddress(vpc).map((one) => one.privateIp),
    ),
    ...set('not_internet', 'ipv4_addr; flags interval; auto-merge', [
      ...NOT_INTERNET,
      ...vpc.cidrs,
      options.transitCidr,
    ]),
    ...set(
      'metadata_of',
      'ipv4_addr . inet_service',
      vpc.interfaces.flatMap((one) =>
        one.metadataPort === undefined ? [] : [`${one.privateIp} . ${one.metadataPort}`],
      ),
    ),
    ...members,
    ...map('egress', 'ipv4_addr : verdict', verdicts('jump egress')),
    ...map('ingress', 'ipv4_addr : verdict', verdicts('goto ingress')),
    ...map(
      'exits',
      'ipv4_addr : verdict',
      vpc.interfaces.map((one) => `${one.privateIp} : jump exit_${exitKeys.indexOf(routesKey(one)) + 1}`),
    ),
  ];
}

function filterHooks({ transitHost, dnsPort, metadataPort }: RulesetOptions): string[] {
  const fromTask = `iifname "${TASK_LINK_PREFIX}*"`;
  const toHost = `${fromTask} oifname "${TRANSIT}" ip daddr ${transitHost}`;
  const established = ['ct state established,related accept', 'ct state invalid drop'];
  const exits = `oifname "${TRANSIT}" ip saddr vmap @exits`;
  const newConnections = [
    `iifname "${TRANSIT}" ct status dnat goto inbound`,
    `${fromTask} ip saddr vmap @egress`,
    `${fromTask} goto inbound`,
  ];
  return [
    ...chain('anti_spoofing', [
      'type filter hook prerouting priority raw; policy accept;',
      `${fromTask} meta nfproto != ipv4 drop`,
      `${fromTask} iifname . ip saddr != @sources drop`,
    ]),
    ...chain('forward', [
      'type filter hook forward priority filter; policy drop;',
      // A connection of before goes on to its old port, which may be another instance's since the server started anew.
      `${toHost} ct direction original tcp dport != { ${[...new Set([dnsPort, metadataPort])].join(', ')} } ip saddr . tcp dport != @metadata_of drop`,
      // The resolver and the credentials endpoint: neither routes nor security groups apply to them.
      `${toHost} ct direction original ct status dnat accept`,
      // An endpoint of Service Connect that nothing answers at: the caller hears of it at once.
      `${fromTask} ip daddr ${ENDPOINTS_CIDR} meta l4proto tcp reject with tcp reset`,
      exits,
      'ct state established ct direction original ct mark != 0 goto untracked',
      ...established,
      // A task that is a client of its own Service Connect endpoint.
      `${fromTask} meta mark ${OWN_PACKET_MARK} accept`,
      ...newConnections,
    ]),
    ...chain('input', [
      'type filter hook input priority filter; policy drop;',
      ...established,
      'iifname "lo" accept',
      ...newConnections,
    ]),
    ...chain('output', [
      'type filter hook output priority filter; policy accept;',
      exits,
      ...established,
      // The router itself.
      'ip saddr != @interfaces accept',
      'ip saddr vmap @egress',
      'goto inbound',
    ]),
    ...chain('untracked', [
      `ct mark and 0x${UNTRACKED_EGRESS} != 0 ip saddr vmap @egress`,
      `ct mark and 0x${UNTRACKED_INGRESS} != 0 goto inbound`,
      'accept',
    ]),
  ];
}

/** None for a VPC without instances. */
function hopLimits(vpc: VpcState, { transitHost, matchesPayload }: RulesetOptions): string[] {
  const rules = matchesPayload ? hopLimitRules(vpc.interfaces, transitHost) : [];
  return rules.length === 0 ? [] : chain('hop_limits', rules);
}

function inbound(): string[] {
  return chain('inbound', [
    'ip daddr vmap @ingress',
    `oifname "${TRANSIT}" ip saddr @interfaces ip daddr != @not_internet accept`,
    'drop',
  ]);
}

function groupChains(vpc: VpcState, groups: string, number: number): string[] {
  const ids = new Set(groups.split(' '));
  const chosen = vpc.securityGroups.filter((group) => ids.has(group.groupId));
  const comment = groups ? [`comment "${groups.slice(0, 120)}"`] : [];
  return [
    ...chain(`egress_${number}`, [...comment, ...groupRules(chosen, 'egress', 'return')]),
    ...chain(`ingress_${number}`, [...comment, ...groupRules(chosen, 'ingress', 'accept')]),
  ];
}

function addressTranslation(vpc: VpcState, options: RulesetOptions, exitKeys: readonly string[]): string[] {
  const open = withPublicAddress(vpc);
  const fromTask = `iifname "${TASK_LINK_PREFIX}*"`;
  const toHost = `oifname "${TRANSIT}" ip daddr ${options.transitHost}`;
  const resolvers = `{ ${vpc.resolver}, ${LINK_LOCAL_RESOLVER} }`;
  const dns = (protocol: 'udp' | 'tcp') =>
    `${fromTask} ip daddr ${resolvers} ${protocol} dport 53 dnat to ${options.transitHost}:${options.dnsPort}`;
  return [
    ...map(
      'translation',
      'ipv4_addr : verdict',
      vpc.interfaces
        .filter(hasNat)
        .map((one) => `${one.privateIp} : jump translate_${exitKeys.indexOf(routesKey(one)) + 1}`),
    ),
    ...map(
      'private_of',
      'ipv4_addr : ipv4_addr',
      open.map((one) => `${one.publicIp} : ${one.privateIp}`),
    ),
    ...map(
      'public_of',
      'ipv4_addr : ipv4_addr',
      open.map((one) => `${one.privateIp} : ${one.publicIp}`),
    ),
    ...map(
      'instance_metadata',
      'ipv4_addr : inet_service',
      vpc.interfaces.flatMap((one) =>
        one.metadataPort === undefined ? [] : [`${one.privateIp} : ${one.metadataPort}`],
      ),
    ),
    ...chain('prerouting', [
      'type nat hook prerouting priority dstnat; policy accept;',
      `iifname "${TRANSIT}" dnat to ip daddr map @private_of`,
      ...(vpc.resolver === undefined ? [] : [dns('udp'), dns('tcp')]),
      `${fromTask} ip daddr ${METADATA} tcp dport 80 dnat to ${options.transitHost}:${options.metadataPort}`,
      // An interface without a port of its own gets no answer: a task is no instance.
      `${fromTask} ip daddr ${INSTANCE_METADATA} tcp dport 80 dnat to ${options.transitHost}:ip saddr map @instance_metadata`,
    ]),
    ...chain('postrouting', [
      'type nat hook postrouting priority srcnat; policy accept;',
      // The server tells VPCs apart by the transit address, so this comes before public addresses.
      `${toHost} masquerade`,
      `oifname "${TRANSIT}" ip saddr vmap @translation`,
      `oifname "${TRANSIT}" snat to ip saddr map @public_of`,
      `oifname "${TRANSIT}" masquerade`,
    ]),
  ];
}

function groupSetOf(one: InterfaceState): string {
  return [...new Set(one.securityGroupIds)].toSorted().join(' ');
}

function referencedGroups(vpc: VpcState): string[] {
  const peers = vpc.securityGroups.flatMap((group) => [...group.ingress, ...group.egress].map((rule) => rule.peer));
  return [...new Set(peers.flatMap((peer) => ('groupId' in peer ? [peer.groupId] : [])))].toSorted();
}

function withPublicAddress(vpc: VpcState): InterfaceState[] {
  return vpc.interfaces.filter((one) => one.publicIp !== undefined);
}

function set(name: string, type: string, elements: readonly string[]): string[] {
  return declaration('set', name, type, elements);
}

function map(name: string, type: string, elements: readonly string[]): string[] {
  return declaration('map', name, type, elements);
}

function declaration(kind: 'set' | 'map', name: string, type: string, elements: readonly string[]): string[] {
  const listed = elements.length > 0 ? ['elements = {', ...indent(elements.map((one) => `${one},`)), '}'] : [];
  return [`${kind} ${name} {`, ...indent([`type ${type}`, ...listed]), '}'];
}

function chain(name: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, ...indent(rules), '}'];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
