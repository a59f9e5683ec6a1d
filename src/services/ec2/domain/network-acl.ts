import type { NetworkAclState } from '../../../network/network.ts';
import {
  aclEntryExists,
  aclEntryLimitExceeded,
  aclEntryNotFound,
  invalidParameterValue,
  missingParameter,
  unsupportedParameter,
  unsupportedValue,
} from '../errors.ts';
import type { NetworkAclEntry, NetworkAclRow } from '../tables.ts';
import { cidrOf, formatCidr, parseCidr } from './cidr.ts';

/** Network ACLs: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html */

interface EntryRequest {
  readonly RuleNumber?: number | undefined;
  readonly Egress?: boolean | undefined;
  readonly RuleAction?: string | undefined;
  readonly Protocol?: string | undefined;
  readonly CidrBlock?: string | undefined;
  readonly Ipv6CidrBlock?: string | undefined;
  readonly PortRange?: { readonly From?: number | undefined; readonly To?: number | undefined } | undefined;
  readonly IcmpTypeCode?: { readonly Type?: number | undefined; readonly Code?: number | undefined } | undefined;
}

const LAST_RULE = 32_767;
/** The quota that AWS begins with. */
const MAX_ENTRIES_EACH_WAY = 20;
const MAX_PORT = 65_535;
const MAX_ICMP = 255;
const ALL = '-1';
const EVERYWHERE = '0.0.0.0/0';
const NUMBERS: Readonly<Record<string, string>> = { all: ALL, icmp: '1', tcp: '6', udp: '17' };
const NAMES: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp' };
const ICMPV6 = ['58', 'icmpv6'];

/** Throws what EC2 says of an entry that cannot be. Members that its protocol does not have are left out. */
export function entryOf(request: EntryRequest): NetworkAclEntry {
  const { RuleNumber: ruleNumber, Egress: egress, RuleAction: action, CidrBlock: cidr } = request;
  if (request.Ipv6CidrBlock) throw unsupportedParameter('Ipv6CidrBlock');
  if (ruleNumber === undefined) throw missingParameter('ruleNumber');
  if (egress === undefined) throw missingParameter('egress');
  if (ruleNumber < 1 || ruleNumber >= LAST_RULE) {
    throw invalidParameterValue(
      `Value (${ruleNumber}) for parameter ruleNumber is invalid. Rule numbers are from 1 to ${LAST_RULE - 1}.`,
    );
  }
  if (action !== 'allow' && action !== 'deny') {
    throw invalidParameterValue(`Value (${action}) for parameter ruleAction is invalid. Use allow or deny.`);
  }
  if (!cidr) throw missingParameter('cidrBlock');
  const parsed = parseCidr(cidr);
  if (!parsed) throw invalidParameterValue(`Value (${cidr}) for parameter cidrBlock is invalid.`);
  const protocol = protocolOf(request.Protocol);
  return { ruleNumber, egress, action, protocol, cidrBlock: formatCidr(parsed), ...detailsOf(protocol, request) };
}

/** With a new entry in its place. */
export function withEntry(acl: NetworkAclRow, entry: NetworkAclEntry): NetworkAclRow {
  if (findEntry(acl, entry)) throw aclEntryExists(entry.ruleNumber);
  const others = acl.entries.filter((one) => one.egress === entry.egress && one.ruleNumber !== LAST_RULE);
  if (others.length >= MAX_ENTRIES_EACH_WAY) throw aclEntryLimitExceeded();
  return { ...acl, entries: inOrder([...acl.entries, entry]) };
}

/** @throws InvalidNetworkAclEntry.NotFound where there is none with the number */
export function withoutEntry(acl: NetworkAclRow, entry: Pick<NetworkAclEntry, 'ruleNumber' | 'egress'>): NetworkAclRow {
  const found = findEntry(acl, entry);
  if (!found || entry.ruleNumber === LAST_RULE) throw aclEntryNotFound(entry.ruleNumber);
  return { ...acl, entries: acl.entries.filter((one) => one !== found) };
}

/** What denies all that no other entry decides: every ACL has one each way. */
export function lastEntries(): readonly NetworkAclEntry[] {
  return [true, false].map((egress) => ({
    ruleNumber: LAST_RULE,
    egress,
    action: 'deny',
    protocol: ALL,
    cidrBlock: EVERYWHERE,
  }));
}

/** As the data plane gets it; undefined where everything passes, or where it binds no subnet. */
export function networkAclState(
  acl: NetworkAclRow,
  subnetCidrs: ReadonlyMap<string, string>,
): NetworkAclState | undefined {
  const cidrs = acl.associations.flatMap(({ subnetId }) => subnetCidrs.get(subnetId) ?? []);
  const directions = [false, true].map((egress) => inOrder(acl.entries.filter((entry) => entry.egress === egress)));
  if (cidrs.length === 0 || directions.every(([first]) => first !== undefined && allowsAll(first))) return undefined;
  const [ingress = [], egress = []] = directions.map((entries) =>
    entries.map((entry) => ({
      allows: entry.action === 'allow',
      cidr: entry.cidrBlock,
      protocol: NAMES[entry.protocol] ?? entry.protocol,
      ...(entry.ports && { fromPort: entry.ports.from, toPort: entry.ports.to }),
      ...(entry.icmp && { fromPort: entry.icmp.type, toPort: entry.icmp.code }),
    })),
  );
  return { subnetCidrs: cidrs, ingress, egress };
}

function allowsAll({ action, protocol, cidrBlock }: NetworkAclEntry): boolean {
  return action === 'allow' && protocol === ALL && cidrOf(cidrBlock).prefix === 0;
}

function inOrder(entries: readonly NetworkAclEntry[]): readonly NetworkAclEntry[] {
  return entries.toSorted((a, b) => Number(b.egress) - Number(a.egress) || a.ruleNumber - b.ruleNumber);
}

function findEntry(
  acl: NetworkAclRow,
  { ruleNumber, egress }: Pick<NetworkAclEntry, 'ruleNumber' | 'egress'>,
): NetworkAclEntry | undefined {
  return acl.entries.find((one) => one.ruleNumber === ruleNumber && one.egress === egress);
}

function protocolOf(text: string | undefined): string {
  if (!text) throw missingParameter('protocol');
  const name = text.toLowerCase();
  if (ICMPV6.includes(name)) throw unsupportedValue(text, 'Protocol', 'There is no IPv6 here.');
  const number = (Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined) ?? name;
  if (number === ALL || (/^\d{1,3}$/.test(number) && Number(number) <= 255)) return String(Number(number));
  throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`);
}

function detailsOf(protocol: string, request: EntryRequest): Pick<NetworkAclEntry, 'ports' | 'icmp'> {
  const name = NAMES[protocol];
  if (name === undefined) return {};
  if (name === 'icmp') {
    const { Type: type, Code: code } = request.IcmpTypeCode ?? {};
    if (type === undefined || code === undefined) throw missingParameter('icmpTypeCode');
    if (type < -1 || type > MAX_ICMP) throw invalidParameterValue(`Invalid ICMP type (${type})`);
    if (code < -1 || code > MAX_ICMP) throw invalidParameterValue(`Invalid ICMP code (${code})`);
    return { icmp: { type, code } };
  }
  const { From: from, To: to } = request.PortRange ?? {};
  if (from === undefined || to === undefined) throw missingParameter('portRange');
  if (from < 0 || to > MAX_PORT || from > to) {
    throw invalidParameterValue(`Invalid ${name.toUpperCase()} port range (${from}-${to})`);
  }
  return { ports: { from, to } };
}
