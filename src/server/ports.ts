import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { writeWhole } from './home.ts';

/** Ports that outlive the server: rules of running namespaces and the edge's HAProxy point at them. */
export interface KeptPorts {
  readonly dnsPort: number;
  readonly metadataPort: number;
  readonly httpPort: number;
  readonly httpsPort: number;
}

const EDGE_PAIRS: readonly (readonly [http: number, https: number])[] = [
  [80, 443],
  [8080, 8443],
  [0, 0],
];

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
 * Where the edge listens: what was asked for, else the ports of last time, else the first pair that is free.
 * @param edgeRuns the edge outlives the server: then the ports that look taken are its own
 */
export async function chooseEdgePorts(
  config: Pick<Config, 'edgeAddress' | 'httpPort' | 'httpsPort'>,
  kept: Partial<KeptPorts>,
  edgeRuns: boolean,
): Promise<{ httpPort: number; httpsPort: number }> {
  const { edgeAddress } = config;
  if (kept.httpPort && kept.httpsPort && !config.httpPort && !config.httpsPort) {
    const free = (await bindable(edgeAddress, kept.httpPort)) && (await bindable(edgeAddress, kept.httpsPort));
    if (edgeRuns || free) return { httpPort: kept.httpPort, httpsPort: kept.httpsPort };
  }
  for (const [http, https] of EDGE_PAIRS) {
    const httpPort = config.httpPort || (await bindable(edgeAddress, http));
    const httpsPort = config.httpsPort || (await bindable(edgeAddress, https));
    if (httpPort && httpsPort) return { httpPort, httpsPort };
  }
  throw new Error(`No port is free on ${edgeAddress} for the edge: choose with --http-port and --https-port.`);
}

/** The port, or for 0 the one the kernel chose; undefined when it cannot be had. */
export function bindable(address: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, address, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : undefined));
    });
  });
}
