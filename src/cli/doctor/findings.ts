import type { MachineFacts, PortFact, Probe } from './facts.ts';

export interface Finding {
  readonly name: string;
  /** broken: Longshore does not work without. */
  readonly level: 'good' | 'warning' | 'broken';
  readonly found: string;
  readonly mend?: string;
}

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const GIB = 2 ** 30;
const LOW_BYTES = 5 * GIB;
const TOO_LOW_BYTES = 1 * GIB;
const OLDEST_DOCKER = [20, 10];
const OLDEST_HAPROXY = [2, 4];
const SETUP = 'run: scripts/setup';

/** Judges what the probes saw; the order is the order of display. */
export function findingsOf(facts: MachineFacts): readonly Finding[] {
  return [
    system(facts),
    rights(facts),
    docker(facts),
    tool('Docker client', facts.dockerClient, 'warning', 'needed to push images; run: scripts/setup'),
    haproxy(facts.haproxy),
    tool('nftables', facts.nft, 'broken', SETUP),
    tool('iproute2', facts.ip, 'broken', SETUP),
    tool('nsenter', facts.nsenter, 'broken', SETUP),
    busybox(facts.busybox),
    namespace(facts),
    ...facts.ports.map(port),
    disk('Disk for data', facts.home.path, facts.home.freeBytes),
    ...(facts.docker.ok ? [disk('Disk for Docker', facts.docker.found.rootFolder, facts.docker.found.freeBytes)] : []),
    forwarding(facts),
    localhostName(facts.localhostName),
  ];
}

function system(facts: MachineFacts): Finding {
  const found = `${facts.platform} on ${facts.processor}`;
  const fits = facts.platform === 'linux' && ['x64', 'arm64'].includes(facts.processor);
  return finding('System', fits ? 'good' : 'broken', found, 'use Linux on x86_64 or arm64, e.g. in a virtual machine');
}

function rights(facts: MachineFacts): Finding {
  const mend = 'run as root; in a container: --cap-add ALL, or at least NET_ADMIN and SYS_ADMIN';
  if (facts.userId !== 0) return finding('Rights', 'broken', `user ${facts.userId}, not root`, mend);
  const held = facts.capabilities ?? 0n;
  const missing = Object.entries({ CAP_NET_ADMIN, CAP_SYS_ADMIN }).filter(([, bit]) => ((held >> bit) & 1n) === 0n);
  return missing.length === 0
    ? finding('Rights', 'good', 'root, with CAP_NET_ADMIN and CAP_SYS_ADMIN')
    : finding('Rights', 'broken', `root without ${missing.map(([name]) => name).join(' and ')}`, mend);
}

function docker({ docker: probe }: MachineFacts): Finding {
  if (!probe.ok)
    return finding('Docker Engine', 'broken', probe.error, 'start it: systemctl start docker, or scripts/setup');
  return isAtLeast(probe.found.version, OLDEST_DOCKER)
    ? finding('Docker Engine', 'good', probe.found.version)
    : finding('Docker Engine', 'broken', probe.found.version, 'use Docker Engine 20.10 or newer');
}

function haproxy(probe: Probe<string>): Finding {
  if (!probe.ok) return finding('HAProxy', 'broken', probe.error, SETUP);
  return isAtLeast(probe.found, OLDEST_HAPROXY)
    ? finding('HAProxy', 'good', probe.found)
    : finding('HAProxy', 'broken', probe.found, 'use HAProxy 2.4 or newer; 2.6 is what Debian 12 has');
}

function busybox(probe: Probe<{ version: string; isStatic: boolean }>): Finding {
  const mend = 'EC2 instances boot with it, and the tests make images of a static one; run: scripts/setup --for-tests';
  if (!probe.ok) return finding('busybox', 'warning', probe.error, mend);
  return probe.found.isStatic
    ? finding('busybox', 'good', probe.found.version)
    : finding('busybox', 'warning', `${probe.found.version}, not static`, mend);
}

function namespace(facts: MachineFacts): Finding {
  const mend =
    'the kernel needs network namespaces, veth and nf_tables with NAT: modprobe -a veth nf_tables nft_chain_nat';
  return facts.namespace.ok
    ? finding('Network namespaces', 'good', facts.namespace.found)
    : finding('Network namespaces', 'broken', facts.namespace.error, mend);
}

function port(fact: PortFact): Finding {
  const name = `Port ${fact.port}`;
  if (fact.state === 'free') return finding(name, 'good', 'free');
  if (fact.state === 'ours') return finding(name, 'good', 'used by this server');
  const found =
    fact.state === 'EADDRINUSE' ? `used by another program (ss -ltnp 'sport = :${fact.port}' tells)` : fact.state;
  return fact.use === 'endpoint'
    ? finding(name, 'warning', found, 'free it, or start with another: longshore up --port 4567')
    : finding(
        name,
        'warning',
        found,
        `web pages come on another port; choose it: longshore up --${fact.use}-port 8${fact.port}`,
      );
}

function disk(name: string, path: string, freeBytes: number | undefined): Finding {
  if (freeBytes === undefined) return finding(name, 'warning', `${path}: unknown`, 'check it with df -h');
  const found = `${(freeBytes / GIB).toFixed(1)} GiB free at ${path}`;
  const mend = 'make room, e.g. docker system prune';
  if (freeBytes < TOO_LOW_BYTES) return finding(name, 'broken', found, mend);
  return freeBytes < LOW_BYTES ? finding(name, 'warning', found, mend) : finding(name, 'good', found);
}

function forwarding(facts: MachineFacts): Finding {
  return facts.forwardsPackets
    ? finding('IP forwarding', 'good', 'on')
    : finding('IP forwarding', 'warning', 'off: tasks cannot reach the world', 'sysctl -w net.ipv4.ip_forward=1');
}

function localhostName(probe: Probe<string>): Finding {
  const name = 'Names below .localhost';
  if (probe.ok && ['127.0.0.1', '::1'].includes(probe.found)) return finding(name, 'good', `resolve to ${probe.found}`);
  return finding(
    name,
    'warning',
    probe.ok ? `resolve to ${probe.found}` : 'are not resolved by this system',
    'browsers and curl know them all the same; for other programs add a line such as "127.0.0.1 ecs-fargate.localhost" to /etc/hosts',
  );
}

function tool(name: string, probe: Probe<string>, level: Finding['level'], mend: string): Finding {
  return probe.ok ? finding(name, 'good', probe.found) : finding(name, level, probe.error, mend);
}

function finding(name: string, level: Finding['level'], found: string, mend?: string): Finding {
  return { name, level, found, ...(level !== 'good' && mend !== undefined && { mend }) };
}

/** Compares the first number with dots in `text`. */
function isAtLeast(text: string, oldest: readonly number[]): boolean {
  const parts = (/\d+(\.\d+)+/.exec(text)?.[0] ?? '0').split('.').map(Number);
  for (const [index, wanted] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
