import { readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { checkEndpoints, checkVpcState } from '../check-vpc-state.ts';
import type { ConnectEndpoint, InterfaceState, Network, VpcState } from '../network.ts';
import { ask, closeShells, run, runInside, runIp } from './command.ts';
import { renderConnectRuleset } from './connect-ruleset.ts';
import { HostRules } from './host-rules.ts';
import { InstanceNames, NAMESPACE_FOLDER, TRANSIT } from './link-names.ts';
import { isNamespace, listNamespaces, observeHost, observeRouter, parseIpJson } from './observe.ts';
import type { IpLink } from './observe.ts';
import { matchesPayload } from './payload-matching.ts';
import { planLinks } from './plan-links.ts';
import { hasTaskSide, plugInterface, unplugAll, unplugInterface } from './plug.ts';
import { renderRuleset } from './render-ruleset.ts';
import { TransitRange } from './transit.ts';
import { Turns } from './turns.ts';

export interface LinuxNetworkOptions {
  /** 8 hexadecimal digits: everything made carries it in its name. */
  readonly instanceId: string;
  /** Cut into one /30 for each VPC, e.g. `198.19.0.0/16`. */
  readonly transitCidr: string;
  /** All public addresses lie in it, e.g. `198.18.0.0/16`. */
  readonly publicCidr: string;
  /** The server's DNS, UDP and TCP, on every transit address of the host. */
  readonly dnsPort: number;
  /** The server's credentials and metadata endpoint, as above. */
  readonly metadataPort: number;
  readonly log: Log;
}

/** A VPC as it was applied last. */
interface Applied {
  readonly vpc: VpcState;
  /** Of its namespace; left out where that was lost, and has none yet. */
  readonly ruleset?: string;
  /** Its namespace has had all its rules and links. */
  readonly isWhole: boolean;
}

const HOST = 'host';

/** Of a new VPC namespace; its later links take over the defaults. Paths below /proc/sys/net. */
const ROUTER_SETTINGS = {
  'ipv4/ip_forward': 1,
  'ipv4/conf/default/proxy_arp': 1,
  'ipv4/conf/default/rp_filter': 1,
  'ipv6/conf/default/disable_ipv6': 1,
};
const WRITE_SETTINGS = `
  cd /proc/sys/net
  while [ $# -gt 0 ]; do [ ! -e "$1" ] || echo "$2" > "$1"; shift 2; done`;

/**
 * VPCs as network namespaces of this host that route (no bridge). The kernel is the truth: what exists is read before
 * anything is changed, so a new object after a crash adopts what runs. Needs root, `ip`, `nft` and `nsenter`;
 * `iptables` only where the host's own firewall uses it.
 */
export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions;
  readonly #names: InstanceNames;
  readonly #transit: TransitRange;
  readonly #hostRules: HostRules;
  readonly #turns = new Turns();
  /** As this kernel answered the first time. */
  #matchesPayload: boolean | undefined;
  readonly #applied = new Map<string, Applied>();
  /** The ruleset of each VPC's endpoints, and whether its namespace has it. */
  readonly #connected = new Map<string, { readonly ruleset: string; readonly isThere: boolean }>();

  constructor(options: LinuxNetworkOptions) {
    this.#options = options;
    this.#names = new InstanceNames(options.instanceId);
    this.#transit = new TransitRange(options.transitCidr);
    this.#hostRules = new HostRules({ ...options, names: this.#names }, options.log);
  }

  async apply(vpc: VpcState): Promise<void> {
    checkVpcState(vpc);
    await this.#turns.take(vpc.vpcId, () => this.#apply(vpc));
  }

  async connect(vpcId: string, endpoints: readonly ConnectEndpoint[]): Promise<void> {
    checkEndpoints(endpoints);
    await this.#turns.take(vpcId, async () => {
      const ruleset = renderConnectRuleset(endpoints);
      const before = this.#connected.get(vpcId);
      if (before?.isThere && before.ruleset === ruleset) return;
      this.#connected.set(vpcId, { ruleset, isThere: false });
      if (await isNamespace(this.#names.namespace(vpcId))) await this.#connect(vpcId);
    });
  }

  async remove(vpcId: string): Promise<void> {
    await this.#turns.take(vpcId, () => this.#remove(vpcId));
  }

  async plug(vpcId: string, interfaceId: string, pid: number): Promise<void> {
    await this.#turns.take(vpcId, async () => {
      const namespace = this.#names.namespace(vpcId);
      const described = this.#describedInterface(vpcId, interfaceId);
      // Somebody has deleted it: its tasks run on, and are plugged anew.
      const applied = this.#applied.get(vpcId);
      if (applied && !(applied.isWhole && (await isNamespace(namespace)))) await this.#apply(applied.vpc);
      await plugInterface(namespace, described, pid);
    });
  }

  async isPlugged(_vpcId: string, _interfaceId: string, pid: number): Promise<boolean> {
    return hasTaskSide(pid);
  }

  async unplug(vpcId: string, interfaceId: string): Promise<void> {
    await this.#turns.take(vpcId, async () => {
      const namespace = this.#names.namespace(vpcId);
      if (await isNamespace(namespace)) await unplugInterface(namespace, interfaceId);
    });
  }

  async list(): Promise<readonly string[]> {
    const namespaces = await listNamespaces(this.#names.namespacePrefix);
    return namespaces.flatMap((namespace) => this.#names.vpcOf(namespace) ?? []).toSorted();
  }

  namespacePath(vpcId: string): string {
    return this.#names.namespacePath(vpcId);
  }

  /**
   * Which VPC a packet to the host came from: `address` is its source, a router's end of a transit link. The link
   * itself carries the answer, so it is right from the first moment after a restart.
   */
  vpcOfTransit(address: string): string | undefined {
    const index = this.#transit.indexOfRouter(address);
    return index === undefined ? undefined : vpcOfLink(this.#names.transitLink(index));
  }

  /** Ends the processes that wait for commands. What is set up stays; another call starts them again. */
  close(): void {
    closeShells();
  }

  /** Removes everything on this host that carries the instance's name: for `longshore reset`. */
  async removeAll(): Promise<void> {
    for (const vpcId of await this.list()) await this.remove(vpcId);
    const links = parseIpJson<IpLink>(await run('ip', ['-j', 'link', 'show', 'type', 'veth']));
    const ours = links.map((link) => link.ifname).filter((name) => name.startsWith(this.#names.linkPrefix));
    await runIp(ours.map((name) => `link del ${name}`));
    await this.#turns.take(HOST, () => this.#hostRules.remove());
  }

  async #apply(vpc: VpcState): Promise<void> {
    const namespace = this.#names.namespace(vpc.vpcId);
    const hostLink = this.#names.transitLink(vpc.transitIndex);
    const transit = this.#transit.addresses(vpc.transitIndex);
    const holder = vpcOfLink(hostLink);
    if (holder !== undefined && holder !== vpc.vpcId) {
      throw new RuntimeError('rejected', `transit index ${vpc.transitIndex} is ${holder}'s, not ${vpc.vpcId}'s`);
    }
    await this.#turns.take(HOST, async () => {
      await this.#ensureNamespace(vpc.vpcId, hostLink);
      await this.#hostRules.ensure(vpc.vpcId, metadataPorts(vpc));
    });
    const before = this.#applied.get(vpc.vpcId);
    if (before?.ruleset === undefined) await this.#writeSettings(vpc.vpcId);
    this.#matchesPayload ??= await matchesPayload(this.#options.log);
    const ruleset = renderRuleset(vpc, {
      ...this.#options,
      transitHost: transit.host,
      matchesPayload: this.#matchesPayload,
    });
    // Rules come before links: nothing is connected that the ruleset does not know.
    if (before?.ruleset !== ruleset) await runInside(this.namespacePath(vpc.vpcId), 'nft', ['-f', '-'], ruleset);
    this.#applied.set(vpc.vpcId, { vpc, ruleset, isWhole: before?.isWhole ?? false });
    const [host, router] = await Promise.all([observeHost(hostLink), observeRouter(namespace)]);
    for (const step of planLinks({ vpc, namespace, hostLink, transit }, host, router)) {
      this.#options.log.debug('changing links', { vpcId: vpc.vpcId, where: step.where, lines: step.lines });
      await runIp(step.lines, step.where === 'router' ? namespace : undefined);
    }
    this.#applied.set(vpc.vpcId, { vpc, ruleset, isWhole: true });
    // Last: endpoints that are refused keep a VPC from nothing else.
    await this.#connect(vpc.vpcId);
  }

  async #connect(vpcId: string): Promise<void> {
    const known = this.#connected.get(vpcId);
    if (known === undefined || known.isThere) return;
    await runInside(this.namespacePath(vpcId), 'nft', ['-f', '-'], known.ruleset);
    this.#connected.set(vpcId, { ...known, isThere: true });
  }

  /** A file that a crash left without a namespace is made anew. What a namespace before it had is forgotten. */
  async #ensureNamespace(vpcId: string, hostLink: string): Promise<void> {
    const namespace = this.#names.namespace(vpcId);
    if (await isNamespace(namespace)) return;
    const applied = this.#applied.get(vpcId);
    if (applied) this.#applied.set(vpcId, { vpc: applied.vpc, isWhole: false });
    const connected = this.#connected.get(vpcId);
    if (connected) this.#connected.set(vpcId, { ...connected, isThere: false });
    await unlink(`${NAMESPACE_FOLDER}/${namespace}`).catch(() => {});
    // The kernel takes the link to a lost one away at a time of its own: none is seen that goes before the next step.
    await ask('ip', ['link', 'del', hostLink]);
    await run('ip', ['netns', 'add', namespace]);
  }

  async #writeSettings(vpcId: string): Promise<void> {
    const pairs = Object.entries(ROUTER_SETTINGS).flatMap(([path, value]) => [path, String(value)]);
    await runInside(this.namespacePath(vpcId), 'sh', ['-e', '-c', WRITE_SETTINGS, 'settings', ...pairs]);
  }

  #describedInterface(vpcId: string, interfaceId: string): InterfaceState {
    const one = this.#applied.get(vpcId)?.vpc.interfaces.find((each) => each.interfaceId === interfaceId);
    if (!one) throw new RuntimeError('temporary', `${interfaceId} is not applied to ${vpcId} yet`);
    if (one.kind !== 'task') throw new RuntimeError('rejected', `${interfaceId} is an address of the router itself`);
    return one;
  }

  async #remove(vpcId: string): Promise<void> {
    const namespace = this.#names.namespace(vpcId);
    this.#applied.delete(vpcId);
    this.#connected.delete(vpcId);
    if (await isNamespace(namespace)) {
      const router = await observeRouter(namespace);
      await unplugAll(namespace, [...router.taskLinks, ...(router.transit ? [TRANSIT] : [])]);
      await run('ip', ['netns', 'delete', namespace]);
    }
    await this.#turns.take(HOST, async () => {
      const left = await listNamespaces(this.#names.namespacePrefix);
      await (left.length === 0 ? this.#hostRules.remove() : this.#hostRules.forget(vpcId));
    });
  }
}

function metadataPorts(vpc: VpcState): readonly number[] {
  return vpc.interfaces.flatMap((one) => one.metadataPort ?? []);
}

/** The VPC that a transit link of the host leads to; undefined when there is no such link. */
function vpcOfLink(hostLink: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${hostLink}/ifalias`, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
