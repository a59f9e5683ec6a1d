import { readFile, writeFile } from 'node:fs/promises';
import { RuntimeError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { run, runIp } from './command.ts';
import { planFirewall, planFirewallRemoval } from './plan-firewall.ts';
import { parseIpJson } from './observe.ts';
import type { IpRoute } from './observe.ts';
import { INSTANCE_METADATA_SET, renderHostRuleset } from './render-host-ruleset.ts';
import type { HostRulesetOptions } from './render-host-ruleset.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

/**
 * What all VPCs of one instance share on the host: a table of our own, rules in the firewall that is there, forwarding,
 * and routes that keep our ranges on this machine. Asked for again at each apply, since Docker and others flush rules.
 */
export class HostRules {
  readonly #options: HostRulesetOptions;
  readonly #log: Log;
  /** Of each VPC, the host's ports where its instances' metadata is. */
  readonly #metadataPorts = new Map<string, readonly number[]>();
  #openPorts = '';
  #loaded = false;

  constructor(options: HostRulesetOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** @param metadataPorts all that instances of the VPC may reach on the host besides the server's own ports */
  async ensure(vpcId: string, metadataPorts: readonly number[]): Promise<void> {
    this.#metadataPorts.set(vpcId, metadataPorts);
    await Promise.all([
      this.#ensureTable().then(() => this.#ensurePorts()),
      this.#ensureFirewall(),
      this.#ensureRoutes(),
      ensureForwarding(),
    ]);
  }

  /** For a VPC that is gone. */
  async forget(vpcId: string): Promise<void> {
    this.#metadataPorts.delete(vpcId);
    if (this.#loaded) await this.#ensurePorts();
  }

  /** Removes what carries the instance's name, whichever ranges it was made for. */
  async remove(): Promise<void> {
    const { hostTable } = this.#options.names;
    this.#loaded = false;
    this.#metadataPorts.clear();
    const tables = ['inet', 'ip'].flatMap((family) => {
      const table = `${family} ${hostTable}`;
      return [`add table ${table}`, `delete table ${table}`];
    });
    await run('nft', ['-f', '-'], `${tables.join('\n')}\n`);
    const saved = (await this.#savedFirewall()) ?? '';
    for (const args of planFirewallRemoval(saved, this.#options.names)) await run('iptables', ['-w', '5', ...args]);
    const routes = await this.#ownRoutes();
    await runIp(routes.map((cidr) => `route del unreachable ${cidr} metric ${this.#options.names.routeMetric}`));
  }

  async #ensureTable(): Promise<void> {
    const { hostTable } = this.#options.names;
    if (this.#loaded) {
      const there = new Set((await run('nft', ['list', 'tables'])).split('\n'));
      if (there.has(`table inet ${hostTable}`) && there.has(`table ip ${hostTable}`)) return;
      this.#log.warn('the host rules were flushed by somebody else; making them again', { table: hostTable });
    }
    await run('nft', ['-f', '-'], renderHostRuleset(this.#options));
    this.#openPorts = '';
    this.#loaded = true;
  }

  async #ensurePorts(): Promise<void> {
    const ports = [...this.#metadataPorts.values()]
      .flat()
      .toSorted((a, b) => a - b)
      .join(', ');
    if (ports === this.#openPorts) return;
    const set = `inet ${this.#options.names.hostTable} ${INSTANCE_METADATA_SET}`;
    const lines = [`flush set ${set}`, ...(ports === '' ? [] : [`add element ${set} { ${ports} }`])];
    await run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
    this.#openPorts = ports;
  }

  async #ensureFirewall(): Promise<void> {
    const saved = await this.#savedFirewall();
    if (saved === undefined) return;
    for (const args of planFirewall(saved, this.#options.names)) await run('iptables', ['-w', '5', ...args]);
  }

  async #ensureRoutes(): Promise<void> {
    const { transitCidr, publicCidr, names } = this.#options;
    const there = new Set(await this.#ownRoutes());
    const missing = [transitCidr, publicCidr].filter((cidr) => !there.has(cidr));
    await runIp(missing.map((cidr) => `route replace unreachable ${cidr} metric ${names.routeMetric}`));
  }

  /** The filter table as `iptables -S` writes it; undefined where there is no iptables, so nothing to open. */
  async #savedFirewall(): Promise<string | undefined> {
    try {
      return await run('iptables', ['-w', '5', '-S']);
    } catch (error) {
      const absent = error instanceof RuntimeError && error.kind === 'rejected';
      if (!absent)
        this.#log.warn('the host firewall cannot be read; nothing is opened in it', { error: messageOf(error) });
      return undefined;
    }
  }

  async #ownRoutes(): Promise<string[]> {
    const routes = parseIpJson<IpRoute>(await run('ip', ['-j', 'route', 'show', 'type', 'unreachable']));
    return routes.filter((route) => route.metric === this.#options.names.routeMetric).map((route) => route.dst);
  }
}

async function ensureForwarding(): Promise<void> {
  if ((await readFile(IP_FORWARD, 'utf8')).trim() !== '1') await writeFile(IP_FORWARD, '1');
}
