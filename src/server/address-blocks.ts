import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { InstanceNames } from '../network/linux/link-names.ts';
import { blockHolds, parseAddress, parseBlock } from '../network/ipv4.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config.ts';
import { writeWhole } from './home.ts';
import { CLAIMS, hasHome, readClaim, withClaims, writeClaim } from './host-claims.ts';
import type { Claim } from './host-claims.ts';

/**
 * Addresses that exist on this host only. RFC 2544 gives 198.18.0.0/15 to benchmarks of network devices: nothing on the
 * internet or in a data centre has it.
 */
export interface Addresses {
  /** One /30 for each VPC. */
  readonly transitCidr: string;
  /** Stand for public addresses. */
  readonly publicCidr: string;
}

const BLOCKS: readonly Addresses[] = [0, 64, 128, 192].map((third) => ({
  transitCidr: `198.19.${third}.0/18`,
  publicCidr: `198.18.${third}.0/18`,
}));

/** Stands for the addresses of a server that never had any. */
export const FIRST_BLOCK: Addresses = { transitCidr: '198.19.0.0/18', publicCidr: '198.18.0.0/18' };

/** An IPv4 address of this host, and the interface that has it. */
export interface HostAddress {
  readonly interface: string;
  readonly address: string;
}

/**
 * The addresses of a server: those that it was told, else the block that it has had before, else the first that no other
 * server of this host has. A block is kept until the server is reset, because rows hold addresses of it. One in which an
 * interface of somebody else lies is refused: answers to its tasks would go to that one.
 * @throws ConfigError when there is none
 */
export async function takeAddresses(
  config: Pick<Config, 'home' | 'transitCidr' | 'publicCidr'>,
  instanceId: string,
  claims: string = CLAIMS,
  onHost: () => readonly HostAddress[] = hostAddresses,
): Promise<Addresses> {
  const { home, transitCidr, publicCidr } = config;
  const strangers = onHost().filter((one) => !one.interface.startsWith(new InstanceNames(instanceId).linkPrefix));
  if (transitCidr && publicCidr) {
    refuseStrangers({ transitCidr, publicCidr }, strangers);
    return { transitCidr, publicCidr };
  }
  if (transitCidr || publicCidr) throw new ConfigError('--transit-cidr and --public-cidr go together.');
  const kept = await keptAddresses(home);
  if (kept) refuseStrangers(kept, strangers);
  const wanted = kept ? BLOCKS.filter((block) => block.publicCidr === kept.publicCidr) : BLOCKS;
  const free = wanted.filter((block) => !strangerIn(block, strangers));
  const taken = await withClaims(claims, () => claimFirst(free, claims, { home, instanceId }));
  if (taken) {
    await writeWhole(join(home, 'addresses.json'), `${JSON.stringify(taken)}\n`);
    return taken;
  }
  throw new ConfigError(
    kept
      ? `Another Longshore of this host has taken ${kept.publicCidr}, which this one had: stop or reset that one first.`
      : 'Four Longshore servers have all the addresses of this host: give this one others with --transit-cidr and --public-cidr.',
  );
}

function hostAddresses(): readonly HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ family, address }) => (family === 'IPv4' ? [{ interface: name, address }] : [])),
  );
}

function strangerIn(block: Addresses, strangers: readonly HostAddress[]): HostAddress | undefined {
  const ranges = [block.transitCidr, block.publicCidr].flatMap((cidr) => parseBlock(cidr) ?? []);
  return strangers.find((one) => ranges.some((range) => blockHolds(range, parseAddress(one.address) ?? -1)));
}

function refuseStrangers(block: Addresses, strangers: readonly HostAddress[]): void {
  const stranger = strangerIn(block, strangers);
  if (!stranger) return;
  throw new ConfigError(
    `The interface ${stranger.interface} of this host has ${stranger.address}, of ${block.transitCidr} or ${block.publicCidr}: ` +
      'remove it (ip link del), or give this server other addresses with --transit-cidr and --public-cidr.',
  );
}

/** What a server that is not running has; the first block where it never had any. */
export async function keptAddresses(home: string): Promise<Addresses | undefined> {
  const text = await readFile(join(home, 'addresses.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** A claim whose home is gone, or that was cut short, is nobody's. */
async function claimFirst(blocks: readonly Addresses[], claims: string, ours: Claim): Promise<Addresses | undefined> {
  for (const block of blocks) {
    const path = join(claims, block.publicCidr.replace('/', '-'));
    const holder = await readClaim(path);
    if (holder && holder.instanceId !== ours.instanceId && (await hasHome(holder))) continue;
    await writeClaim(path, ours);
    return block;
  }
  return undefined;
}
