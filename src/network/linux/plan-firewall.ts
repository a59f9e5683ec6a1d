import type { InstanceNames } from './link-names.ts';

/**
 * Which rules to insert so that the host's own firewall lets our links through; what they may reach is decided by our
 * own table. Docker sets the policy of FORWARD to DROP and leaves DOCKER-USER to others; without Docker, chains whose
 * policy is not ACCEPT (ufw and the like) are opened.
 * @param saved the filter table as `iptables -S` writes it
 * @returns arguments of `iptables`, one list for each command
 */
export function planFirewall(saved: string, names: InstanceNames): string[][] {
  const lines = new Set(saved.split('\n').map((line) => line.trim()));
  const closed = (chain: string) => lines.has(`-P ${chain} DROP`);
  const forward = lines.has('-N DOCKER-USER') ? ['DOCKER-USER'] : closed('FORWARD') ? ['FORWARD'] : [];
  const wanted = [
    ...forward.flatMap((chain) => [rule(chain, '-i', names), rule(chain, '-o', names)]),
    ...(closed('INPUT') ? [rule('INPUT', '-i', names)] : []),
  ];
  return wanted.filter((words) => !lines.has(`-A ${words.join(' ')}`)).map((words) => ['-I'].concat(words));
}

/** Arguments of `iptables` that remove every rule with the instance's comment. */
export function planFirewallRemoval(saved: string, names: InstanceNames): string[][] {
  return saved
    .split('\n')
    .filter((line) => line.startsWith('-A ') && line.includes(`--comment ${names.comment} `))
    .map((line) => line.trim().replace(/^-A/, '-D').split(' '));
}

/** In the words and order that `iptables -S` answers. */
function rule(chain: string, side: '-i' | '-o', names: InstanceNames): string[] {
  return [chain, side, `${names.linkPrefix}+`, '-m', 'comment', '--comment', names.comment, '-j', 'ACCEPT'];
}
