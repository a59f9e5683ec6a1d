import type { SecurityGroupState, SecurityRule } from '../network.ts';
import { renderRule } from './render-rule.ts';

/** Bits of a connection's mark: this side's groups must still allow it, packet by packet. */
export const UNTRACKED_EGRESS = 0x1;
export const UNTRACKED_INGRESS = 0x2;

const ALL_PORTS = 65_536;
const EVERYWHERE = '0.0.0.0/0';

/**
 * The rules of some groups in one direction, as lines of an nft chain; the end drops.
 *
 * A TCP or UDP flow is not tracked where it is allowed from (or to) everywhere and so is every answer. Such flows are
 * marked: they break at once when their rule goes, while tracked ones go on, which is what AWS does.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
export function groupRules(
  groups: readonly SecurityGroupState[],
  direction: 'ingress' | 'egress',
  verdict: string,
): readonly string[] {
  const rules = groups.flatMap((group) => group[direction]);
  const answers = groups.flatMap((group) => group[direction === 'ingress' ? 'egress' : 'ingress']);
  const bit = direction === 'ingress' ? UNTRACKED_INGRESS : UNTRACKED_EGRESS;
  const marking = `ct mark set ct mark or 0x${bit} ${verdict}`;
  const untracked = rules
    .flatMap((rule) => untrackedPart(rule, answers))
    .map((rule) => renderRule(rule, direction, marking));
  const others = rules.map((rule) => renderRule(rule, direction, verdict));
  return [...new Set([...untracked, ...others]), 'drop'];
}

/** What of a rule allows flows that are not tracked. ICMP always is. */
function untrackedPart(rule: SecurityRule, answers: readonly SecurityRule[]): readonly SecurityRule[] {
  if (!isEverywhere(rule)) return [];
  return (['tcp', 'udp'] as const)
    .filter((protocol) => rule.protocol === protocol || rule.protocol === '-1')
    .filter((protocol) => answers.some((answer) => isEverywhere(answer) && allowsAll(answer, protocol)))
    .map((protocol) => Object.assign({}, rule, { protocol }));
}

function allowsAll(rule: SecurityRule, protocol: string): boolean {
  if (rule.protocol === '-1') return true;
  if (rule.protocol !== protocol) return false;
  const from = rule.fromPort ?? -1;
  return from < 0 || (rule.toPort ?? from) - from + 1 === ALL_PORTS;
}

function isEverywhere({ peer }: SecurityRule): boolean {
  return 'cidr' in peer && peer.cidr === EVERYWHERE;
}
