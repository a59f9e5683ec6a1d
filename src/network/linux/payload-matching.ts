import { RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { ask } from './command.ts';

const ruleset = (rule: string) => `table inet longshore_probe { chain probe { ${rule}; }; }`;
const PAYLOAD = ruleset('@ih,0,8 != 0 accept');
const PLAIN = ruleset('accept');

/** Whether nft would load a ruleset: `--check` asks the kernel, and loads nothing. */
async function isLoadable(text: string): Promise<boolean> {
  return (await ask('nft', ['--check', '--file', '-'], text)) !== undefined;
}

/**
 * Whether rules can look at what TCP carries (`@ih`): from Linux 5.16 and nftables 1.0.1 on. Without it a VPC has all of
 * its rules but those of the instance metadata service's hop limit.
 * @throws RuntimeError temporary where nft takes no rule at all: that says nothing of this kernel
 */
export async function matchesPayload(log: Log, loadable: typeof isLoadable = isLoadable): Promise<boolean> {
  if (await loadable(PAYLOAD)) return true;
  if (!(await loadable(PLAIN))) throw new RuntimeError('temporary', 'nft does not check rules');
  log.warn('HttpPutResponseHopLimit of instances has no effect: it takes Linux 5.16 and nftables 1.0.1');
  return false;
}
