import type { Log } from '../../kernel/log.ts';
import { ask } from './command.ts';

/** Loaded by nobody: `nft --check` asks the kernel whether it would. */
const PROBE = 'table inet longshore_probe { chain probe { @ih,0,8 != 0 accept; }; }';

/**
 * Whether rules can look at what TCP carries (`@ih`): from Linux 5.16 and nftables 1.0.1 on. Without it a VPC has all of
 * its rules but those of the instance metadata service's hop limit.
 */
export async function matchesPayload(log: Log): Promise<boolean> {
  if ((await ask('nft', ['--check', '--file', '-'], PROBE)) !== undefined) return true;
  log.warn('HttpPutResponseHopLimit of instances has no effect: it takes Linux 5.16 and nftables 1.0.1');
  return false;
}
