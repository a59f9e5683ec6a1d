import { rm } from 'node:fs/promises';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { HaproxyPlane } from '../loadbalancer/haproxy/haproxy-plane.ts';
import { LinuxNetwork } from '../network/linux/linux-network.ts';
import { HostCgroups } from '../runtime/cgroups/host-cgroups.ts';
import { SystemdSlices } from '../runtime/cgroups/systemd-slices.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { FIRST_BLOCK, keptAddresses } from './address-blocks.ts';
import type { Config } from './config.ts';
import { haproxyFolder, instancesFolder } from './folders.ts';
import { releaseClaims } from './host-claims.ts';

/** Removes from the host everything that carries this instance's name. The server's loops must have stopped. */
export async function clearHost(config: Config, instanceId: string, clock: Clock, log: Log): Promise<void> {
  const folder = haproxyFolder(config.home, instanceId);
  await new HaproxyPlane({ folder, instanceId, clock, log }).stop();
  const kept = (await keptAddresses(config.home)) ?? FIRST_BLOCK;
  const runtime = new DockerRuntime({ socketPath: config.dockerSocket });
  const labels = { 'longshore.instance': instanceId };
  const containers = await runtime.list(labels);
  await Promise.all(containers.map((container) => runtime.remove(container.id)));
  for (const name of await runtime.listVolumes(labels)) await runtime.removeVolume(name);
  const slices = new SystemdSlices({ instanceId });
  const cgroups = new HostCgroups({ instanceId, runtime, clock, log, slices });
  for (const taskId of await cgroups.list()) await cgroups.remove(taskId);
  const network = new LinuxNetwork({
    instanceId,
    transitCidr: config.transitCidr ?? kept.transitCidr,
    publicCidr: config.publicCidr ?? kept.publicCidr,
    dnsPort: 53,
    metadataPort: 80,
    log,
  });
  await network.removeAll();
  network.close();
  await rm(folder, { recursive: true, force: true });
  await rm(instancesFolder(instanceId), { recursive: true, force: true });
  await releaseClaims(instanceId);
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
  'docker-socket',
]);
