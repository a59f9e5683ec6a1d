import type { SecurityRule } from '../network.ts';

const ALL_PORTS = { from: 0, to: 65_535 };

/** One rule of a security group as an nft rule; the peer is the source of ingress and the destination of egress. */
export function renderRule(rule: SecurityRule, direction: 'ingress' | 'egress', verdict: string): string {
  return [peerMatch(rule, direction === 'ingress' ? 'saddr' : 'daddr'), protocolMatch(rule), verdict]
    .filter((part) => part !== '')
    .join(' ');
}

function peerMatch({ peer }: SecurityRule, side: 'saddr' | 'daddr'): string {
  if ('groupId' in peer) return `ip ${side} @members_${peer.groupId}`;
  return peer.cidr === '0.0.0.0/0' ? '' : `ip ${side} ${peer.cidr}`;
}

function protocolMatch(rule: SecurityRule): string {
  if (rule.protocol === '-1') return '';
  if (rule.protocol === 'icmp') {
    return ['ip protocol icmp', icmpMatch('type', rule.fromPort), icmpMatch('code', rule.toPort)]
      .filter((part) => part !== '')
      .join(' ');
  }
  if (rule.protocol !== 'tcp' && rule.protocol !== 'udp') return `ip protocol ${rule.protocol}`;
  const from = rule.fromPort ?? -1;
  const to = rule.toPort ?? from;
  const ports = from < 0 ? ALL_PORTS : { from, to };
  return `${rule.protocol} dport ${ports.from === ports.to ? ports.from : `${ports.from}-${ports.to}`}`;
}

function icmpMatch(field: 'type' | 'code', value = -1): string {
  return value < 0 ? '' : `icmp ${field} ${value}`;
}
