import { readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findMaster } from '../loadbalancer/haproxy/owned-process.ts';
import { ConfigError } from './config.ts';
import type { Config } from './config.ts';
import { haproxyFolder } from './folders.ts';
import { isHomeInUse, writeWhole } from './home.ts';
import { CLAIMS, hasHome, readClaim, withClaims, writeClaim } from './host-claims.ts';
import type { Claim } from './host-claims.ts';

/** Ports that outlive the server: rules of running namespaces and the edge's HAProxy point at them. */
export interface KeptPorts extends EdgePorts {
  readonly dnsPort: number;
  readonly metadataPort: number;
}

export interface EdgePorts {
  readonly httpPort: number;
  readonly httpsPort: number;
}

const EDGE_PAIRS: readonly (readonly [http: number, https: number])[] = [
  [80, 443],
  [8080, 8443],
  [0, 0],
];

/** The name of a claim: the address, percent-encoded, and the port. */
const EDGE_CLAIM = /^edge-(.+)-(\d+)$/;

export async function readKeptPorts(home: string): Promise<Partial<KeptPorts>> {
  try {
    return JSON.parse(await readFile(join(home, 'ports.json'), 'utf8'));
  } catch {
    return {};
  }
}

export async function keepPorts(home: string, ports: KeptPorts): Promise<void> {
  await writeWhole(join(home, 'ports.json'), `${JSON.stringify(ports)}\n`);
}

/**
 * Where the edge listens: what was asked for, else the ports of last time, else the first that are free. They are then this
 * server's on the host, while it or its edge runs: HAProxys share a port without complaint, and an edge without load
 * balancers does not listen at all.
 * @param edgeRuns the edge outlives the server: then the kept ports that look taken are its own
 * @throws ConfigError for a port that was asked for and is another server's, and where none is free
 */
export function takeEdgePorts(
  config: Pick<Config, 'home' | 'edgeAddress' | 'httpPort' | 'httpsPort'>,
  instanceId: string,
  kept: Partial<KeptPorts>,
  edgeRuns: boolean,
  claims: string = CLAIMS,
): Promise<EdgePorts> {
  const { home, edgeAddress } = config;
  return withClaims(claims, async () => {
    const others = await portsOfOthers(claims, edgeAddress, instanceId);
    refuseTaken(config, others);
    const { httpPort, httpsPort } = await chooseEdgePorts(config, others, kept, edgeRuns);
    const names = [httpPort, httpsPort].map((port) => `edge-${encodeURIComponent(edgeAddress)}-${port}`);
    for (const name of names) await writeClaim(join(claims, name), { home, instanceId });
    for (const name of await readdir(claims)) {
      const isOld = EDGE_CLAIM.test(name) && !names.includes(name);
      if (isOld && (await readClaim(join(claims, name)))?.instanceId === instanceId) await rm(join(claims, name));
    }
    return { httpPort, httpsPort };
  });
}

/** Whether the edge of this server runs, with or without the server. */
export async function edgeRunsOf({ home, instanceId }: Claim): Promise<boolean> {
  const folder = haproxyFolder(home, instanceId);
  return (await findMaster(join(folder, 'edge/haproxy.cfg'), join(folder, 'edge/haproxy.pid'))) !== undefined;
}

/** By port: who else has it, of those that run or whose edge does. */
async function portsOfOthers(
  claims: string,
  edgeAddress: string,
  instanceId: string,
): Promise<ReadonlyMap<number, Claim>> {
  const others = new Map<number, Claim>();
  for (const name of await readdir(claims)) {
    const [, address, port] = EDGE_CLAIM.exec(name) ?? [];
    if (address === undefined || !overlap(decodeURIComponent(address), edgeAddress)) continue;
    const holder = await readClaim(join(claims, name));
    if (holder && holder.instanceId !== instanceId && (await isServing(holder))) others.set(Number(port), holder);
  }
  return others;
}

async function isServing(holder: Claim): Promise<boolean> {
  return (await hasHome(holder)) && ((await isHomeInUse(holder.home)) || (await edgeRunsOf(holder)));
}

function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some((address) => address === '0.0.0.0' || address === '::');
}

function refuseTaken(
  { edgeAddress, httpPort, httpsPort }: Pick<Config, 'edgeAddress' | 'httpPort' | 'httpsPort'>,
  others: ReadonlyMap<number, Claim>,
): void {
  for (const [option, port] of Object.entries({ 'http-port': httpPort, 'https-port': httpsPort })) {
    const holder = port === undefined ? undefined : others.get(port);
    if (!holder) continue;
    throw new ConfigError(
      `${edgeAddress}:${port} is the edge's of the Longshore in ${holder.home}: choose another with --${option}, ` +
        'or reset that one first.',
    );
  }
}

async function chooseEdgePorts(
  config: Pick<Config, 'edgeAddress' | 'httpPort' | 'httpsPort'>,
  others: ReadonlyMap<number, Claim>,
  kept: Partial<KeptPorts>,
  edgeRuns: boolean,
): Promise<EdgePorts> {
  const { edgeAddress } = config;
  const { httpPort: keptHttp, httpsPort: keptHttps } = kept;
  const free = async (port: number): Promise<number | undefined> => {
    if (others.has(port)) return undefined;
    if (edgeRuns && (port === keptHttp || port === keptHttps)) return port;
    const bound = await bindable(edgeAddress, port);
    return bound === undefined || others.has(bound) ? undefined : bound;
  };
  const last: typeof EDGE_PAIRS = keptHttp && keptHttps ? [[keptHttp, keptHttps]] : [];
  for (const [http, https] of [...last, ...EDGE_PAIRS]) {
    const httpPort = config.httpPort || (await free(http));
    const httpsPort = config.httpsPort || (await free(https));
    if (httpPort && httpsPort && httpPort !== httpsPort) return { httpPort, httpsPort };
  }
  throw new ConfigError(
    `No two ports are free on ${edgeAddress} for the edge: choose with --http-port and --https-port.`,
  );
}

/** The port, or for 0 the one the kernel chose; undefined when it cannot be had. */
function bindable(address: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, address, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : undefined));
    });
  });
}
