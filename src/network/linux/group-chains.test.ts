import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecurityGroupState, SecurityRule } from '../network.ts';
import { groupRules } from './group-chains.ts';

const EVERYWHERE = { cidr: '0.0.0.0/0' };
const ALL: SecurityRule = { protocol: '-1', peer: EVERYWHERE };
const http: SecurityRule = { protocol: 'tcp', fromPort: 80, toPort: 80, peer: EVERYWHERE };

const group = (ingress: readonly SecurityRule[], egress: readonly SecurityRule[]): SecurityGroupState => ({
  groupId: 'sg-a',
  ingress,
  egress,
});
const ingress = (...groups: SecurityGroupState[]) => groupRules(groups, 'ingress', 'accept');

describe('rules of groups', () => {
  it('mark a flow that is open to everyone, when every answer is let out', () => {
    const marked = 'tcp dport 80 ct mark set ct mark or 0x2 accept';
    assert.deepEqual(ingress(group([http], [ALL])), [marked, 'tcp dport 80 accept', 'drop']);
    const tcp = { protocol: 'tcp', fromPort: 0, toPort: 65_535, peer: EVERYWHERE };
    assert.ok(ingress(group([http], [tcp])).includes(marked));
    assert.ok(ingress(group([http], []), group([], [ALL])).includes(marked));
  });

  it('track a flow whose answers are not all let out, or that is not open to everyone', () => {
    const narrow = { ...http, peer: { cidr: '10.0.0.0/8' } };
    for (const [rule, answer] of [
      [http, undefined],
      [http, { ...http, toPort: 90 }],
      [http, { ...ALL, protocol: 'udp' }],
      [http, { ...ALL, peer: { groupId: 'sg-b' } }],
      [narrow, ALL],
      [{ protocol: 'icmp', fromPort: -1, toPort: -1, peer: EVERYWHERE }, ALL],
      [{ protocol: '50', peer: EVERYWHERE }, ALL],
    ] as const) {
      const lines = ingress(group([rule], answer ? [answer] : []));
      assert.doesNotMatch(lines.join('\n'), /ct mark/);
    }
  });

  it('mark TCP and UDP of a rule for all protocols, and let the rest pass unmarked', () => {
    assert.deepEqual(groupRules([group([ALL], [ALL])], 'egress', 'return'), [
      'tcp dport 0-65535 ct mark set ct mark or 0x1 return',
      'udp dport 0-65535 ct mark set ct mark or 0x1 return',
      'return',
      'drop',
    ]);
  });
});
