import { BlockList, isIPv4 } from 'node:net';
import { invalid } from '../errors.ts';

export interface SubnetRange {
  readonly cidr: string;
  readonly zoneName: string;
}

/** The ranges that targets outside the VPC may be in: RFC 1918 and RFC 6598. */
const PRIVATE = blocksOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']);

/**
 * The Availability Zone of a target: that of its subnet; for an address outside the VPC the one that the client named.
 * @throws ValidationError for what cannot be a target of the VPC
 */
export function zoneOfTarget(ip: string, requested: string | undefined, subnets: readonly SubnetRange[]): string {
  if (!isIPv4(ip)) throw invalid(`The IP address '${ip}' is not a valid IPv4 address`);
  const subnet = subnets.find(({ cidr }) => blocksOf([cidr]).check(ip));
  if (subnet) {
    if (requested !== undefined && requested !== 'all' && requested !== subnet.zoneName) {
      throw invalid(`The IP address '${ip}' is in Availability Zone '${subnet.zoneName}', not in '${requested}'`);
    }
    return subnet.zoneName;
  }
  if (!PRIVATE.check(ip))
    throw invalid(`The IP address '${ip}' is not within any CIDR block of the VPC, nor a private address`);
  if (requested === undefined) {
    throw invalid(`You must specify an Availability Zone for IP address '${ip}', which is outside the VPC`);
  }
  return requested;
}

function blocksOf(cidrs: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', bits] = cidr.split('/');
    blocks.addSubnet(network, Number(bits), 'ipv4');
  }
  return blocks;
}
