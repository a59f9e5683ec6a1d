import type { Call } from '../../../api/context.ts';
import { isLocalName } from './domain-names.ts';
import { hostedZonesOf } from './name-proof.ts';

/** Top-level domains that no public authority certifies (RFC 6761, RFC 8375, ICANN's `internal`). */
const PRIVATE_DOMAINS = ['localhost', 'local', 'internal', 'test', 'example', 'invalid', 'home.arpa', 'onion'];

/** The names among these that stand in the public DNS: not below localhost or its like, nor in a private zone. */
export async function publicNames(call: Call, names: readonly string[]): Promise<readonly string[]> {
  const open = names.filter((name) => !isLocalName(name) && !PRIVATE_DOMAINS.some((domain) => isBelow(name, domain)));
  if (open.length === 0) return [];
  const zones = (await hostedZonesOf(call)).filter((zone) => zone.isPrivate);
  return open.filter((name) => !zones.some((zone) => isBelow(name, zone.name.replace(/\.$/, ''))));
}

function isBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
