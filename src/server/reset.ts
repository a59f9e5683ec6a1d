import { rm } from 'node:fs/promises';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { HaproxyPlane } from '../loadbalancer/haproxy/haproxy-plane.ts';
import { LinuxNetwork } from '../network/linux/linux-network.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { FIRST_BLOCK, giveAddressesBack, keptAddresses } from './address-blocks.ts';
import type { Config } from './config.ts';
import { haproxyFolder } from './folders.ts';

/** Removes from the host everything that carries this instance's name. The server's loops must have stopped. */
export async function clearHost(config: Config, instanceId: string, clock: Clock, log: Log): Promise<void> {
  const folder = haproxyFolder(config.home, instanceId);
  await new HaproxyPlane({ folder, instanceId, clock, log }).stop();
  const kept = (await keptAddresses(config.home)) ?? FIRST_BLOCK;
  const runtime = new DockerRuntime({ socketPath: config.dockerSocket });
  const containers = await runtime.list({ 'longshore.instance': instanceId });
  await Promise.all(containers.map((container) => runtime.remove(container.id)));
  await new LinuxNetwork({
    instanceId,
    transitCidr: config.transitCidr ?? kept.transitCidr,
    publicCidr: config.publicCidr ?? kept.publicCidr,
    dnsPort: 53,
    metadataPort: 80,
    log,
  }).removeAll();
  await rm(folder, { recursive: true, force: true });
  await giveAddressesBack(instanceId);
}

/** Files that a reset of a running server keeps: who it is, and what its clients trust. */
export const KEPT_FILES: ReadonlySet<string> = new Set([
  'instance',
  'credentials.json',
  'master.key',
  'ca.pem',
  'ca.key',
  'lock',
  'server.json',
  'server.log',
  'addresses.json',
]);
