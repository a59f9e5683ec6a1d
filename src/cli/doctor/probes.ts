import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../kernel/errors.ts';
import { run, tryRun } from '../command-line.ts';
import type { Home } from '../home.ts';
import { engineUrl } from '../server-process.ts';
import { probePort } from '../ports.ts';
import { runningServer } from '../server-process.ts';
import type { MachineFacts, PortFact, Probe } from './facts.ts';

const PROBE_TIMEOUT_MS = 10_000;
const ENDPOINT_PORT = 4566;

/** Made and gone with its namespace: what the data plane needs of the kernel. */
const NAMESPACE_SCRIPT = `
ip link add longshore0 type veth peer name longshore1
nft -f - <<'END'
table inet longshore_doctor {
  map public { type ipv4_addr : ipv4_addr; elements = { 198.51.100.1 : 10.0.0.1 }; }
  set members { type ipv4_addr; flags interval; elements = { 10.0.0.0/16 }; }
  chain incoming { type nat hook prerouting priority dstnat; dnat ip to ip daddr map @public; }
  chain passing { type filter hook forward priority filter; policy drop; ct state established accept; ip saddr @members accept; }
}
END`;

export async function probeMachine(home: Home): Promise<MachineFacts> {
  const [docker, dockerClient, haproxy, nft, ip, nsenter, busybox, namespace, ports, localhostName, freeBytes] =
    await Promise.all([
      probeDocker(engineUrl(home, process.env)),
      firstLine('docker', ['--version']),
      firstLine('haproxy', ['-v']),
      firstLine('nft', ['--version']),
      firstLine('ip', ['-V']),
      firstLine('nsenter', ['--version']),
      probeBusybox(),
      probe(() => run('unshare', ['--net', 'sh', '-ec', NAMESPACE_SCRIPT], { timeoutMs: PROBE_TIMEOUT_MS })),
      probePorts(home),
      probe(async () => (await lookup('longshore-doctor.localhost')).address),
      freeBytesAt(home.path),
    ]);
  return {
    platform: process.platform,
    processor: process.arch,
    userId: process.geteuid?.() ?? -1,
    capabilities: capabilities(),
    docker,
    dockerClient,
    haproxy,
    nft,
    ip,
    nsenter,
    busybox,
    namespace: namespace.ok ? { ok: true, found: 'veth and nftables with NAT work' } : namespace,
    ports,
    home: { path: home.path, freeBytes },
    forwardsPackets: readText('/proc/sys/net/ipv4/ip_forward')?.trim() === '1',
    localhostName,
  };
}

async function probe<T>(look: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { ok: true, found: await look() };
  } catch (error) {
    return { ok: false, error: messageOf(error).split('\n').slice(0, 3).join(' ') };
  }
}

function firstLine(program: string, args: readonly string[]): Promise<Probe<string>> {
  return probe(async () => (await run(program, args, { timeoutMs: PROBE_TIMEOUT_MS })).split('\n')[0] ?? '');
}

/** Of the engine that the server uses, which need not be the one of the client's context. */
async function probeDocker(engine: string): Promise<MachineFacts['docker']> {
  const format = '{{.ServerVersion}}\n{{.DockerRootDir}}';
  const args = ['--host', engine, 'info', '--format', format];
  const info = await probe(() => run('docker', args, { timeoutMs: PROBE_TIMEOUT_MS }));
  if (!info.ok) return info;
  const [version, rootFolder] = info.found.split('\n');
  if (!version || !rootFolder) return { ok: false, error: 'no engine answers' };
  return { ok: true, found: { version, rootFolder, freeBytes: await freeBytesAt(rootFolder) } };
}

function probeBusybox(): Promise<MachineFacts['busybox']> {
  return probe(async () => {
    const path = (await run('sh', ['-c', 'command -v busybox || { echo "busybox is not installed"; exit 1; }'])).trim();
    const version = (await run(path, ['--help'])).split('\n')[0]?.split(' (')[0] ?? '';
    // ldd fails on a program without a loader.
    const { code } = await tryRun('ldd', [path]);
    return { version, isStatic: code !== 0 };
  });
}

/** The endpoint's port and the edge's; those that this home's server listens on are its own. */
async function probePorts(home: Home): Promise<readonly PortFact[]> {
  const server = runningServer(home);
  const ours = server ? [Number(new URL(server.endpoint).port), server.edge.httpPort, server.edge.httpsPort] : [];
  const uses = [
    { port: ENDPOINT_PORT, use: 'endpoint' },
    { port: 80, use: 'http' },
    { port: 443, use: 'https' },
  ] as const;
  return Promise.all(
    uses.map(async ({ port, use }) => ({
      port,
      use,
      state: ours.includes(port) ? 'ours' : await probePort(port, '127.0.0.1'),
    })),
  );
}

/** Of the nearest folder that exists. */
async function freeBytesAt(path: string): Promise<number | undefined> {
  let folder = path;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const stats = await probe(() => statfs(folder));
  return stats.ok ? stats.found.bavail * stats.found.bsize : undefined;
}

function capabilities(): bigint | undefined {
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status') ?? '')?.[1];
  return mask === undefined ? undefined : BigInt(`0x${mask}`);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
