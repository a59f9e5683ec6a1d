import { EngineClient } from '../../runtime/docker/engine-client.ts';
import { DockerRuntime } from '../../runtime/docker/docker-runtime.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { ContainerRuntime, ContainerSpec, ContainerState } from '../../runtime/runtime.ts';
import type { InstanceDriver, InstanceSeen, InstanceSpec } from '../instance-driver.ts';
import { hostCapabilities } from './capabilities.ts';
import { consoleSince, diskFile, removeOtherTags, updateLimits } from './engine-calls.ts';
import { HostProcesses } from './host-process.ts';
import type { InitProcess } from './host-process.ts';
import { LABEL, ROLE } from './labels.ts';
import { MachineImages } from './machine-image.ts';
import { RegistryDoors } from './registry-doors.ts';
import type { InstanceRegistry } from './registry-doors.ts';
import { InstanceFolder, stateOf } from './seed.ts';

/** Paths of unix sockets have at most 107 characters, and `/i-0123456789abcdef0/state/docker.sock` has 38 of them. */
const LONGEST_FOLDER = 65;
const CPU_UNITS = 1024;
const RUN_BYTES = 64 * 1024 * 1024;
const REBOOT_TIMEOUT_MS = 30_000;
/** More than init.sh takes to end in order: one that its host kills instead looks as if it ended by itself. */
const HOST_SHUTDOWN_MS = 75_000;
const PING_MS = 2000;
/** Of an init that was killed, and of one that powered off: init.sh. */
const ENDED_BY_ITSELF: readonly (number | undefined)[] = [137, 10];

export interface ContainerInstancesOptions {
  /** 8 hexadecimal digits: whose instances they are. */
  readonly serverId: string;
  /** Of the host's engine. */
  readonly socketPath: string;
  /** Of this server alone; up to 65 characters, since sockets are in it. It may be lost when the host boots. */
  readonly folder: string;
  readonly log: Log;
  readonly registry?: InstanceRegistry;
}

/** What is kept for an instance while this process runs. */
interface Nested {
  readonly runtime: DockerRuntime;
  readonly engine: EngineClient;
}

/**
 * Instances as containers of this host's Docker Engine, each with an init and an engine of its own.
 *
 * - Disk: the container's own layer, and a volume without a name for the engine's images and containers; both go with the
 *   container, and so does a `longshore reset`.
 * - Network: a namespace with nothing but loopback, new at each boot: whoever sees another `bootId` plugs its interface
 *   in again. User data waits for a default route, up to two minutes.
 * - No boundary: root inside has nearly every capability, as an engine needs. Not for code of strangers.
 */
export class ContainerInstances implements InstanceDriver {
  readonly #options: ContainerInstancesOptions;
  readonly #runtime: DockerRuntime;
  readonly #engine: EngineClient;
  readonly #images: MachineImages;
  readonly #processes = new HostProcesses();
  readonly #nested = new Map<string, Nested>();
  readonly #inits = new Map<string, InitProcess>();
  readonly #stopping = new Set<string>();
  readonly #doors: RegistryDoors | undefined;

  constructor(options: ContainerInstancesOptions) {
    if (Buffer.byteLength(options.folder) > LONGEST_FOLDER) {
      throw new RuntimeError('rejected', `The folder of instances is longer than ${LONGEST_FOLDER}: ${options.folder}`);
    }
    this.#options = options;
    this.#runtime = new DockerRuntime({ socketPath: options.socketPath });
    this.#engine = new EngineClient(options.socketPath);
    this.#images = new MachineImages(this.#runtime, (reference) => removeOtherTags(this.#engine, reference));
    this.#doors = options.registry && new RegistryDoors(options.registry, options.log);
  }

  async start(spec: InstanceSpec): Promise<void> {
    const { instanceId } = spec;
    const name = this.#name(instanceId);
    const state = await this.#runtime.inspect(name);
    if (state?.status !== 'running') {
      await this.#folder(instanceId).writeSeed(spec);
      if (state) await updateLimits(this.#engine, name, spec, (await this.#runtime.info()).cpus);
      await this.#runtime.start(state?.id ?? (await this.#runtime.create(await this.#containerSpec(spec))));
    }
    await this.#openDoor(instanceId);
  }

  async stop(instanceId: string, timeoutMs: number): Promise<void> {
    this.#stopping.add(instanceId);
    try {
      await this.#runtime.stop(await this.#containerId(instanceId), timeoutMs);
    } finally {
      this.#stopping.delete(instanceId);
    }
    this.#doors?.shut(instanceId);
  }

  async terminate(instanceId: string): Promise<void> {
    this.#doors?.shut(instanceId);
    await this.#runtime.remove(await this.#containerId(instanceId));
    await this.#folder(instanceId).remove();
    const init = this.#inits.get(instanceId);
    if (init) this.#processes.forget(init.containerId);
    this.#inits.delete(instanceId);
    this.#nested.delete(instanceId);
  }

  async reboot(instanceId: string): Promise<void> {
    const id = await this.#containerId(instanceId);
    await this.#runtime.stop(id, REBOOT_TIMEOUT_MS);
    await this.#runtime.start(id);
    await this.#openDoor(instanceId);
  }

  async inspect(instanceId: string): Promise<InstanceSeen | undefined> {
    const state = await this.#runtime.inspect(this.#name(instanceId));
    return state && this.#seen(state);
  }

  async list(): Promise<readonly InstanceSeen[]> {
    const states = await this.#runtime.list(this.#labels());
    return Promise.all(states.map((state) => this.#seen(state)));
  }

  async *events(signal: AbortSignal): AsyncGenerator<{ readonly instanceId: string }> {
    for await (const { labels } of this.#runtime.events(this.#labels(), signal)) {
      const instanceId = labels[LABEL.instance];
      if (instanceId !== undefined) yield { instanceId };
    }
  }

  async consoleOutput(instanceId: string): Promise<string> {
    const state = await this.#runtime.inspect(this.#name(instanceId));
    if (!state) throw new RuntimeError('gone', `There is no instance ${instanceId}`);
    return state.startedAtMs === undefined ? '' : consoleSince(this.#engine, state.id, state.startedAtMs);
  }

  readFile(instanceId: string, path: string): Promise<Buffer | undefined> {
    return diskFile(this.#engine, this.#name(instanceId), path);
  }

  /** Its processes' ids are this host's: an interface is plugged into a `pid` that it answers as it is. */
  runtimeOf(instanceId: string): ContainerRuntime {
    return this.#nestedOf(instanceId).runtime;
  }

  async hostPid(instanceId: string, pid: number): Promise<number | undefined> {
    const init = await this.#initOf(instanceId);
    return init && this.#processes.find(init, pid);
  }

  /** Takes no more connections to the registry; instances go on. */
  close(): void {
    this.#doors?.close();
  }

  async #seen(state: ContainerState): Promise<InstanceSeen> {
    const instanceId = state.labels[LABEL.instance] ?? '';
    const { pid, startedAtMs = 0 } = state;
    const hasEngine = state.labels[LABEL.image] === 'ecs-optimized';
    if (pid !== undefined) {
      this.#inits.set(instanceId, { pid, containerId: state.id });
      void this.#doors?.ensure(instanceId, pid);
    }
    const isInterrupted = state.status === 'exited' && !ENDED_BY_ITSELF.includes(state.exitCode);
    const told = (await this.#folder(instanceId).userDataState()) ?? (await this.#keptState(state));
    return {
      instanceId,
      state: pid === undefined ? 'stopped' : 'running',
      ...(pid === undefined ? {} : { pid }),
      bootId: startedAtMs === 0 ? '' : String(startedAtMs),
      // Shut down in the middle: it is not run again.
      userData: pid === undefined && told === 'running' ? 'failed' : told,
      engineReady: pid !== undefined && hasEngine && (await this.#answers(instanceId)),
      ...(pid !== undefined && this.#stopping.has(instanceId) ? { isStopping: true } : {}),
      ...(isInterrupted ? { isInterrupted: true } : {}),
    };
  }

  /** What its disk says, where the folder was lost with the host's memory. */
  async #keptState({ id, pid }: ContainerState): Promise<InstanceSeen['userData']> {
    if (pid !== undefined) return 'pending';
    const result = await diskFile(this.#engine, id, '/var/lib/cloud/instance/result');
    return (result && stateOf(result.toString('latin1'))) ?? 'pending';
  }

  /** An engine that hangs does not answer. */
  async #answers(instanceId: string): Promise<boolean> {
    if (!(await this.#folder(instanceId).hasSocket())) return false;
    const signal = AbortSignal.timeout(PING_MS);
    const hangs = new Promise<boolean>((resolve) => {
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
    const answer = this.#nestedOf(instanceId).engine.call({ path: '/_ping', signal });
    return Promise.race([hangs, answer.then(() => true).catch(() => false)]);
  }

  #nestedOf(instanceId: string): Nested {
    const known = this.#nested.get(instanceId);
    if (known) return known;
    const socketPath = this.#folder(instanceId).socket;
    const hostPid = (pid: number) => this.hostPid(instanceId, pid);
    const made = { runtime: new DockerRuntime({ socketPath, hostPid }), engine: new EngineClient(socketPath) };
    this.#nested.set(instanceId, made);
    return made;
  }

  async #initOf(instanceId: string): Promise<InitProcess | undefined> {
    const known = this.#inits.get(instanceId);
    if (known && (await this.#processes.isOf(known))) return known;
    const state = await this.#runtime.inspect(this.#name(instanceId));
    const init = state?.pid === undefined ? undefined : { pid: state.pid, containerId: state.id };
    if (init) this.#inits.set(instanceId, init);
    else this.#inits.delete(instanceId);
    return init;
  }

  /** Not waited for: the registry is asked once user data or a task runs. */
  async #openDoor(instanceId: string): Promise<void> {
    const init = await this.#initOf(instanceId);
    if (init) void this.#doors?.ensure(instanceId, init.pid);
  }

  async #containerSpec(spec: InstanceSpec): Promise<ContainerSpec> {
    const { instanceId, image, cpus, memoryBytes } = spec;
    const { seed, state } = this.#folder(instanceId);
    return {
      name: this.#name(instanceId),
      image: await this.#images.ensure(image),
      labels: { ...this.#labels(), [LABEL.instance]: instanceId, [LABEL.image]: image },
      network: 'bare',
      cpuLimit: cpus * CPU_UNITS,
      memoryLimitBytes: memoryBytes,
      capabilities: hostCapabilities(),
      securityOptions: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      nestedEngine: true,
      stopSignal: 'SIGTERM',
      stopTimeoutMs: HOST_SHUTDOWN_MS,
      mounts: [
        { kind: 'tmpfs', target: '/run', sizeBytes: RUN_BYTES, options: ['mode=755', 'exec'] },
        { kind: 'bind', source: seed, target: '/run/longshore/seed', readOnly: true },
        { kind: 'bind', source: state, target: '/run/longshore/state', readOnly: false },
        ...(image === 'minimal'
          ? []
          : [{ kind: 'volume', source: '', target: '/var/lib/docker', readOnly: false } as const]),
      ],
    };
  }

  /** What the runtime keeps of a container goes by the engine's id. The name, which the engine takes too, where it is gone. */
  async #containerId(instanceId: string): Promise<string> {
    const name = this.#name(instanceId);
    return (await this.#runtime.inspect(name))?.id ?? name;
  }

  #labels(): Readonly<Record<string, string>> {
    return { [LABEL.server]: this.#options.serverId, [LABEL.role]: ROLE };
  }

  #name(instanceId: string): string {
    if (!/^i-[0-9a-z]+$/.test(instanceId)) throw new RuntimeError('rejected', `${instanceId} is no id of an instance`);
    return `ls-${this.#options.serverId}-${instanceId}`;
  }

  #folder(instanceId: string): InstanceFolder {
    return new InstanceFolder(this.#options.folder, instanceId);
  }
}
