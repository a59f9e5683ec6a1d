import type { ConnectEndpoint } from '../network.ts';
import { TASK_LINK_PREFIX } from './link-names.ts';

/** Carried by packets of a task that reaches itself through an endpoint: security groups do not part it from itself. */
export const OWN_PACKET_MARK = '0x5c00';

const TABLE = 'inet longshore_connect';
/** All addresses of endpoints, in every VPC. */
export const ENDPOINTS_CIDR = '169.254.176.0/20';
/** What such a task sees as the caller, since it would not answer itself. The last address of the range. */
const OWN_SOURCE = '169.254.191.254';

/**
 * Service Connect's endpoints as one nft transaction, beside the VPC's own ruleset: each new connection of a task to
 * an endpoint is led to the next of its targets, with the task's own address as its source, so that security groups
 * hold between the two. Without a target it reaches the VPC's own ruleset, which refuses it. Connections under way stay
 * where they are.
 */
export function renderConnectRuleset(endpoints: readonly ConnectEndpoint[]): string {
  const head = [`add table ${TABLE}`, `delete table ${TABLE}`];
  if (endpoints.length === 0) return [...head, ''].join('\n');
  const live = endpoints.filter(({ targets }) => targets.length > 0);
  const own = [...new Set(live.flatMap(({ targets }) => targets.map((target) => target.privateIp)))];
  const fromTask = `iifname "${TASK_LINK_PREFIX}*"`;
  const toItself = 'ip saddr . ip daddr @own ct status dnat';
  return [
    ...head,
    '',
    `table ${TABLE} {`,
    ...elements(
      'set own',
      'ipv4_addr . ipv4_addr',
      own.map((address) => `${address} . ${address}`),
    ),
    ...live.flatMap(({ targets }, index) => [
      `  chain endpoint_${index + 1} {`,
      `    meta l4proto tcp dnat ip addr . port to numgen inc mod ${targets.length} map { ${targets
        .map((target, turn) => `${turn} : ${target.privateIp} . ${target.port}`)
        .join(', ')} }`,
      '  }',
    ]),
    ...elements(
      'map endpoints',
      'ipv4_addr . inet_service : verdict',
      live.map(({ address, port }, index) => `${address} . ${port} : goto endpoint_${index + 1}`),
    ),
    '  chain prerouting {',
    '    type nat hook prerouting priority dstnat - 1; policy accept;',
    `    ${fromTask} ip daddr . tcp dport vmap @endpoints`,
    '  }',
    '  chain forward {',
    '    type filter hook forward priority filter - 1; policy accept;',
    `    ${toItself} meta mark set ${OWN_PACKET_MARK}`,
    '  }',
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat - 1; policy accept;',
    `    ${toItself} snat ip to ${OWN_SOURCE}`,
    '  }',
    '}',
    '',
  ].join('\n');
}

function elements(kind: string, type: string, all: readonly string[]): string[] {
  const listed = all.length > 0 ? [`    elements = { ${all.join(', ')} }`] : [];
  return [`  ${kind} {`, `    type ${type}`, ...listed, '  }'];
}
