import { availableParallelism, totalmem } from 'node:os';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import { HttpServer, plain } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { SessionTokens } from '../identity/session-credentials.ts';
import { ContainerInstances } from '../instances/container/container-instances.ts';
import type { Scope } from '../kernel/arn.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { metadataOfInstance, metadataOfInterface, nudgeInstance, watchInstances } from '../services/ec2/index.ts';
import type { InstanceHost } from '../services/ec2/index.ts';
import { agentReports } from '../services/ecs/index.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { AgentConsole, withAgentLines } from './agent-console.ts';
import type { Environment } from './environment.ts';
import { instancesFolder } from './folders.ts';
import { InstanceAgents } from './instance-agents.ts';
import { instanceMetadata } from './instance-metadata.ts';
import { instanceRole } from './instance-role.ts';
import { MetadataListeners } from './metadata-listeners.ts';

const MIB = 1024 * 1024;
const EVENTS_AGAIN_MS = 1000;

/** Once all else is there: what instances reach, and whom they act as. */
export interface InstanceServing {
  readonly store: Store;
  readonly sessions: SessionTokens;
  readonly access: Pick<Access, 'assume'>;
  readonly callIn: (scope: Scope, as?: CallAs) => Call;
  /** The registry's, with URLs of layers. */
  readonly registry: HttpRoutes['stream'];
}

/** EC2's instances on this host: where they run, their metadata service, and their door to the registry. */
export interface InstancePlane {
  readonly host: Omit<InstanceHost, 'passRole'>;
  serve(serving: InstanceServing): void;
  /** Instances go on. */
  close(): Promise<void>;
}

/** @param vpcOf the VPC behind a caller's address */
export function openInstancePlane(env: Environment, vpcOf: (address: string) => string | undefined): InstancePlane {
  const { config, home, log, clock, ids, registryHost } = env;
  const late: { registry?: HttpRoutes['stream'] } = {};
  const door = new HttpServer(() => doorRoutes(late.registry), log);
  const driver = new ContainerInstances({
    serverId: home.instanceId,
    socketPath: config.dockerSocket,
    folder: instancesFolder(home.instanceId),
    log,
    registry: { host: registryHost, accept: (socket) => door.accept(socket) },
  });
  const metadata = new MetadataListeners(vpcOf, log);
  const closing = new AbortController();
  const console = new AgentConsole();
  let agents: InstanceAgents | undefined;
  return {
    host: {
      driver: withAgentLines(driver, console),
      metadata,
      architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      vcpus: availableParallelism() * config.cpuOvercommit,
      memoryMiB: Math.floor(totalmem() / MIB) * config.memoryOvercommit,
      registry: registryHost,
    },
    serve({ store, sessions, access, callIn, registry }) {
      late.registry = registry;
      const roleOf = instanceRole({ callIn, sessions, assume: access.assume, clock });
      const box = new SealedBox(home.masterKey, 'instance-metadata-tokens', ids);
      metadata.serve(instanceMetadata({ box, clock, roleOf, find: metadataOfInterface(store) }));
      void watch(env, driver, store, closing.signal);
      const reports = agentReports(store, clock);
      const find = metadataOfInstance(store);
      agents = new InstanceAgents({ driver, reports, console, find, callIn, clock, log });
      agents.start();
      // A Spot interruption is noticed at once.
      const unwatch = watchInstances(store, () => agents?.nudge());
      closing.signal.addEventListener('abort', unwatch, { once: true });
    },
    async close() {
      closing.abort();
      await agents?.close();
      driver.close();
      await metadata.close();
    },
  };
}

function doorRoutes(registry: HttpRoutes['stream'] | undefined): HttpRoutes {
  const nothing = plain(registry ? 404 : 503, registry ? 'There is nothing here.\n' : 'Longshore is starting.\n');
  return { api: async () => nothing, stream: (path) => registry?.(path), own: async () => nothing };
}

/**
 * An instance that ended is looked at at once, and all of them when an engine that was away is back: it has ended what it
 * ran. What is missed here the resync finds.
 */
async function watch(
  { clock, log }: Environment,
  driver: ContainerInstances,
  store: Store,
  signal: AbortSignal,
): Promise<void> {
  const nudge = nudgeInstance(store);
  for (let isBack = false; !signal.aborted; isBack = true) {
    try {
      for (const { instanceId } of isBack ? await driver.list() : []) {
        if (signal.aborted) return;
        await nudge(instanceId);
      }
      for await (const { instanceId } of driver.events(signal)) await nudge(instanceId);
    } catch (error) {
      if (!signal.aborted) log.warn('the events of instances cannot be heard', { error: messageOf(error) });
    }
    await sleep(clock, EVENTS_AGAIN_MS, signal);
  }
}
