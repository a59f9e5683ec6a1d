import { join } from 'node:path';
import { HttpServer, plain } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { HaproxyPlane } from '../loadbalancer/haproxy/haproxy-plane.ts';
import { DnsServer } from '../network/dns/dns-server.ts';
import { NameTable } from '../network/dns/name-table.ts';
import { hostUpstreams } from '../network/dns/upstreams.ts';
import { LinuxNetwork } from '../network/linux/linux-network.ts';
import { ChallengeListener } from '../pki/acme/challenge-listener.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { systemIds } from '../kernel/ids.ts';
import { clientPlaces } from '../services/route53/index.ts';
import { readClientLocations } from './client-locations.ts';
import { takeAddresses } from './address-blocks.ts';
import type { Addresses } from './address-blocks.ts';
import type { Config } from './config.ts';
import { haproxyFolder } from './folders.ts';
import type { Home } from './home.ts';
import { edgeRunsOf, keepPorts, readKeptPorts, takeEdgePorts } from './ports.ts';

/** Everything below the services on this host: containers, networks, names, load balancers. */
export interface HostPlane {
  readonly runtime: DockerRuntime;
  readonly network: LinuxNetwork;
  readonly names: NameTable;
  readonly plane: HaproxyPlane;
  readonly addresses: Addresses;
  readonly edge: {
    readonly bindAddress: string;
    readonly httpPort: number;
    readonly httpsPort: number;
    readonly challengeSocket?: string;
  };
  /** Answers ACME challenges that come in by the edge; where an ACME directory is configured. */
  readonly challenges?: ChallengeListener;
  /** What tasks reach at 169.254.170.2. */
  serveTasks(routes: HttpRoutes): void;
  /** Stops what answers for the server; containers, namespaces and HAProxy go on. */
  close(): Promise<void>;
}

export async function openHostPlane(config: Config, home: Home, clock: Clock, log: Log): Promise<HostPlane> {
  const folder = haproxyFolder(home.path, home.instanceId);
  const addresses = await takeAddresses(config, home.instanceId);
  const kept = await readKeptPorts(home.path);
  const { instanceId } = home;
  const edgeRuns = await edgeRunsOf({ home: home.path, instanceId });
  const edgePorts = await takeEdgePorts(config, instanceId, kept, edgeRuns);
  const { region, clientLocations } = config;
  const locations = clientLocations === undefined ? [] : await readClientLocations(clientLocations);
  const names = new NameTable(systemIds, clientPlaces(region, locations));
  // The servers need the network to know who asks, and the network needs their ports: hence the late binding.
  const late: { network?: LinuxNetwork; routes?: HttpRoutes } = {};
  const vpcOf = (address: string) => late.network?.vpcOfTransit(address);
  const dns = new DnsServer({ names, upstreams: hostUpstreams(), log, vpcOf, clock });
  // Where the rest fails, nothing listens on.
  await using opened = new AsyncDisposableStack();
  const dnsPort = await listenDns(dns, kept.dnsPort ?? 0);
  opened.defer(() => dns.close());
  const metadata = new HttpServer(
    () => late.routes ?? STARTING,
    log,
    (address) => vpcOf(address) !== undefined,
  );
  const listen = (port: number) => metadata.listen(port, '0.0.0.0');
  const metadataPort = await listen(kept.metadataPort ?? 0).catch(() => listen(0));
  opened.defer(() => metadata.close());
  await keepPorts(home.path, { dnsPort, metadataPort, ...edgePorts });
  const network = new LinuxNetwork({
    instanceId: home.instanceId,
    ...addresses,
    dnsPort,
    metadataPort,
    log,
  });
  late.network = network;
  const challengeSocket = join(folder, 'acme.sock');
  const challenges = config.acmeDirectory === undefined ? undefined : new ChallengeListener();
  await challenges?.listen(challengeSocket);
  const plane = new HaproxyPlane({
    folder,
    logFolder: join(home.path, 'haproxy-logs'),
    instanceId: home.instanceId,
    clock,
    log,
  });
  opened.move();
  return {
    runtime: new DockerRuntime({ socketPath: config.dockerSocket }),
    network,
    names,
    plane,
    addresses,
    edge: { bindAddress: config.edgeAddress, ...edgePorts, ...(challenges && { challengeSocket }) },
    ...(challenges && { challenges }),
    serveTasks(routes) {
      late.routes = routes;
    },
    async close() {
      plane.detach();
      await Promise.all([dns.close(), metadata.close(), challenges?.close()]);
      network.close();
    },
  };
}

/** Until the services are there. */
const STARTING: HttpRoutes = {
  api: async () => plain(503, 'Longshore is starting.\n'),
  stream: () => undefined,
  own: async () => undefined,
};

async function listenDns(dns: DnsServer, wanted: number): Promise<number> {
  const listen = async (port: number) => (await dns.listen({ address: '0.0.0.0', port })).port;
  return listen(wanted).catch(() => listen(0));
}
