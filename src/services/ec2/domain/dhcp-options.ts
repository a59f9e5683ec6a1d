import { invalidParameterValue, missingParameter, unsupportedValue } from '../errors.ts';
import type { DhcpOptionsRow, VpcRow } from '../tables.ts';
import { cidrOf, formatAddress, parseAddress } from './cidr.ts';
import { internalDomain } from './dns-name.ts';

/** DHCP option sets: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html */

interface Configuration {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** In place of a set's id: the VPC has none. */
export const NO_OPTIONS = 'default';
const AMAZON_DNS = 'AmazonProvidedDNS';
const MAX_SERVERS = 4;
const NODE_TYPES = ['1', '2', '4', '8'];
const DOMAIN = /^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*\.?$/;
const SERVER_LISTS = ['domain-name-servers', 'ntp-servers', 'netbios-name-servers'];

/** The options of a request, by their names. Throws what EC2 says of one that cannot be. */
export function optionsOf(configurations: readonly Configuration[] | undefined): DhcpOptionsRow['options'] {
  if (!configurations?.length) throw missingParameter('dhcpConfigurations');
  const options = new Map<string, readonly string[]>();
  for (const { Key: key = '', Values: given = [] } of configurations) {
    if (options.has(key)) throw invalidParameterValue(`The DHCP option ${key} must not appear multiple times.`);
    const values = SERVER_LISTS.includes(key) ? given.flatMap((value) => value.split(',')).map(trimmed) : given;
    if (values.length === 0) throw missingParameter(`value for DHCP option ${key}`);
    checkOption(key, values);
    options.set(key, values);
  }
  return Object.fromEntries(options);
}

/** What a VPC's options make of resolv.conf. Without any there are Amazon's, as nobody could work without a resolver. */
export function resolverOptions(
  vpc: VpcRow,
  row: DhcpOptionsRow | undefined,
): { readonly dnsServers: readonly string[]; readonly dnsSearch: readonly string[] } {
  const [block] = vpc.cidrBlocks;
  const amazon = vpc.enableDnsSupport && block ? [formatAddress(cidrOf(block.cidrBlock).base + 2)] : [];
  const options = row?.options ?? {};
  const servers = options['domain-name-servers'] ?? [AMAZON_DNS];
  const domains = options['domain-name'] ?? (row ? [] : [internalDomain(vpc.region)]);
  return {
    dnsServers: servers.flatMap((server) => (server === AMAZON_DNS ? amazon : [server])),
    dnsSearch: domains.flatMap((domain) => domain.split(' ').filter((one) => one !== '')),
  };
}

function checkOption(key: string, values: readonly string[]): void {
  if (SERVER_LISTS.includes(key)) return checkServers(key, values);
  if (key === 'netbios-node-type') {
    if (values.length > 1 || !NODE_TYPES.includes(values[0] ?? '')) throw invalidValue(key, values);
    return;
  }
  if (key === 'domain-name') {
    const names = values.flatMap((value) => value.split(' ')).filter((one) => one !== '');
    if (names.length === 0 || names.some((name) => name.length > 253 || !DOMAIN.test(name))) {
      throw invalidValue(key, values);
    }
    return;
  }
  if (key === 'ipv6-address-preferred-lease-time') throw unsupportedValue(key, 'Key', 'There is no IPv6 here.');
  throw invalidParameterValue(`Value (${key}) for parameter key is invalid. Unknown DHCP option`);
}

function checkServers(key: string, values: readonly string[]): void {
  const isServer = (value: string) =>
    parseAddress(value) !== undefined || (key === 'domain-name-servers' && value === AMAZON_DNS);
  if (values.length > MAX_SERVERS || values.some((value) => !isServer(value))) throw invalidValue(key, values);
}

function invalidValue(key: string, values: readonly string[]): Error {
  return invalidParameterValue(
    `Value (${values.join(', ')}) for parameter value is invalid. Invalid DHCP option ${key}`,
  );
}

function trimmed(value: string): string {
  return value.trim();
}
