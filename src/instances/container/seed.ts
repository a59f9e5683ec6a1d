import { constants } from 'node:fs';
import { lstat, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceSeen, InstanceSpec } from '../instance-driver.ts';
import { planUserData } from '../user-data/user-data.ts';

const USER_DATA_STATES: readonly InstanceSeen['userData'][] = ['pending', 'running', 'done', 'failed'];

/** An instance's own name is the resolver's business, as on Amazon Linux. */
const HOSTS = '127.0.0.1\tlocalhost localhost.localdomain\n::1\tlocalhost6 localhost6.localdomain6\n';

/**
 * The folder that this server and an instance share:
 *
 *   seed/   what it boots with; it sees it read only
 *   state/  what it tells: `user-data`, and the socket of its engine
 */
export class InstanceFolder {
  readonly path: string;
  readonly seed: string;
  readonly state: string;
  readonly socket: string;

  constructor(parent: string, instanceId: string) {
    this.path = join(parent, instanceId);
    this.seed = join(this.path, 'seed');
    this.state = join(this.path, 'state');
    this.socket = join(this.state, 'docker.sock');
  }

  /** Not while it runs: a running init reads from it. */
  async writeSeed(spec: InstanceSpec): Promise<void> {
    // User data is a place for secrets.
    for (const folder of [this.path, this.seed, this.state]) await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(join(this.seed, 'parts'), { recursive: true, force: true });
    await mkdir(join(this.seed, 'parts'));
    const { firstBoot, everyBoot, parts } = planUserData(spec.userData ?? Buffer.alloc(0));
    const files: Readonly<Record<string, string>> = {
      hostname: `${spec.hostname}\n`,
      hosts: HOSTS,
      'resolv.conf': resolverFile(spec),
      authorized_keys: spec.publicKeys.map((key) => `${key.trim()}\n`).join(''),
      engine: isLoopback(spec.registry) ? '' : `--insecure-registry=${spec.registry}\n`,
      'first-boot.sh': firstBoot.map((line) => `${line}\n`).join(''),
      'every-boot.sh': everyBoot.map((line) => `${line}\n`).join(''),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.seed, name), text, { mode: 0o600 });
    for (const { name, bytes } of parts) await writeFile(join(this.seed, 'parts', name), bytes, { mode: 0o600 });
  }

  /** What the instance's init has told last; undefined where it has told nothing yet, or its folder is lost. */
  async userDataState(): Promise<InstanceSeen['userData'] | undefined> {
    // Whoever is root inside may put anything there: no link is followed, and nothing read but a file.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(this.state, 'user-data'), flags).catch(() => undefined);
    if (!file) return undefined;
    try {
      if (!(await file.stat()).isFile()) return undefined;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16);
      return stateOf(buffer.toString('latin1', 0, bytesRead));
    } finally {
      await file.close();
    }
  }

  /** Whether its engine's socket is one: a link in its place might lead to this host's own. */
  async hasSocket(): Promise<boolean> {
    return lstat(this.socket).then(
      (found) => found.isSocket(),
      () => false,
    );
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export function stateOf(text: string): InstanceSeen['userData'] | undefined {
  return USER_DATA_STATES.find((state) => state === text.trim());
}

function resolverFile({ dnsServers, dnsSearch }: InstanceSpec): string {
  const search = dnsSearch.length === 0 ? '' : `search ${dnsSearch.join(' ')}\n`;
  return `${search}${dnsServers.map((server) => `nameserver ${server}\n`).join('')}`;
}

/** Engines take these as insecure registries by themselves. */
function isLoopback(registry: string): boolean {
  return registry === '' || /^(localhost|127(\.\d+){3})(:\d+)?$/.test(registry);
}
