import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceNames } from './link-names.ts';
import { planFirewall, planFirewallRemoval } from './plan-firewall.ts';

const NAMES = new InstanceNames('0a1b2c3d');
const OURS = (chain: string, side: string) =>
  `${chain} ${side} ls0a1b2c3d-+ -m comment --comment longshore-0a1b2c3d -j ACCEPT`;

function plan(...saved: string[]): string[] {
  return planFirewall(saved.join('\n'), NAMES).map((args) => args.join(' '));
}

describe('plan of the host firewall', () => {
  it("opens Docker's chain for users", () => {
    const docker = ['-P INPUT ACCEPT', '-P FORWARD DROP', '-N DOCKER-USER', '-A DOCKER-USER -j RETURN'];
    assert.deepEqual(plan(...docker), [`-I ${OURS('DOCKER-USER', '-i')}`, `-I ${OURS('DOCKER-USER', '-o')}`]);
    const [one, other] = [`-A ${OURS('DOCKER-USER', '-i')}`, `-A ${OURS('DOCKER-USER', '-o')}`];
    assert.deepEqual(plan(...docker, one), [`-I ${OURS('DOCKER-USER', '-o')}`]);
    assert.deepEqual(plan(...docker, one, other), []);
  });

  it('opens chains that drop, and leaves an open firewall alone', () => {
    assert.deepEqual(plan('-P INPUT ACCEPT', '-P FORWARD ACCEPT'), []);
    assert.deepEqual(plan('-P INPUT DROP', '-P FORWARD DROP'), [
      `-I ${OURS('FORWARD', '-i')}`,
      `-I ${OURS('FORWARD', '-o')}`,
      `-I ${OURS('INPUT', '-i')}`,
    ]);
  });

  it("removes its own rules, not another instance's", () => {
    const theirs = OURS('FORWARD', '-i').replaceAll('0a1b2c3d', 'ffffffff');
    const saved = ['-P FORWARD DROP', `-A ${OURS('FORWARD', '-i')}`, `-A ${theirs}`].join('\n');
    assert.deepEqual(
      planFirewallRemoval(saved, NAMES).map((args) => args.join(' ')),
      [`-D ${OURS('FORWARD', '-i')}`],
    );
  });
});
