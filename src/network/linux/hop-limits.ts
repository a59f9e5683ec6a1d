import type { InterfaceState } from '../network.ts';
import { TASK_LINK_PREFIX, TRANSIT } from './link-names.ts';

/** Bits of a connection's mark, besides those of groups (group-chains.ts): what its first bytes ask the instance metadata service for. */
const ASKS_FOR_TOKEN = 0x4;
const ASKS_FOR_DATA = 0x8;

const GET = 0x47455420;
const HEAD = 0x48454144;

/**
 * Lines of a chain that keep answers to requests for a token near: they leave with the interface's hop limit as their
 * TTL, so that one of 1 is not passed on to containers behind the instance. What a connection begins with decides for
 * all of it, whatever follows (the service answers one request for each), and what is not seen to be a GET counts as a
 * request for a token: nobody gets one by cutting the request into pieces. Packets without content, as of the
 * handshake, go anywhere.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
 */
export function hopLimitRules(interfaces: readonly InterfaceState[], transitHost: string): readonly string[] {
  const byLimit = new Map<number, string[]>();
  for (const { metadataPort, metadataHopLimit: limit, privateIp } of interfaces) {
    if (metadataPort !== undefined && limit !== undefined) {
      byLimit.set(limit, [...(byLimit.get(limit) ?? []), privateIp]);
    }
  }
  if (byLimit.size === 0) return [];
  const asks = `oifname "${TRANSIT}" ip daddr ${transitHost} ip saddr . tcp dport @metadata_of ct mark and ${hex(ASKS_FOR_TOKEN | ASKS_FOR_DATA)} == 0`;
  const answers = `iifname "${TRANSIT}" oifname "${TASK_LINK_PREFIX}*" ct direction reply ct mark and ${hex(ASKS_FOR_TOKEN)} != 0`;
  return [
    'type filter hook forward priority mangle; policy accept;',
    ...[GET, HEAD].map((word) => `${asks} @ih,0,32 ${hex(word)} ct mark set ct mark or ${hex(ASKS_FOR_DATA)}`),
    `${asks} ${SOME_TEXT} ct mark set ct mark or ${hex(ASKS_FOR_TOKEN)}`,
    ...[...byLimit]
      .toSorted(([a], [b]) => a - b)
      .map(([limit, of]) => `${answers} ${SOME_TEXT} ip daddr { ${of.join(', ')} } ip ttl set ${limit}`),
  ];
}

/** HTTP has no zero byte; a packet without content matches neither. */
const SOME_TEXT = '@ih,0,8 != 0';

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
