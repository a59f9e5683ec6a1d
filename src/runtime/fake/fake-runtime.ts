import { isDeepStrictEqual } from 'node:util';
import { type Clock, sleep } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import { parseImageReference } from '../image-reference.ts';
import type {
  ContainerEvent,
  ContainerRuntime,
  ContainerSpec,
  ContainerState,
  ContainerStats,
  ExecSession,
  ExecSpec,
  ImageInfo,
  LogLine,
  PortBinding,
  PublishedPort,
  PullProgress,
  RegistryAuth,
  RuntimeInfo,
  VolumeSpec,
} from '../runtime.ts';
import { FakeContainer, type FakeProgram } from './fake-container.ts';
import { FakeExec, type FakeExecProgram } from './fake-exec.ts';
import { FakeVolumes } from './fake-volumes.ts';

/** The operations that can be made to fail or to wait. */
export type FakeOperation =
  | 'info'
  | 'pull'
  | 'import'
  | 'create'
  | 'start'
  | 'stop'
  | 'remove'
  | 'list'
  | 'logs'
  | 'createVolume'
  | 'removeVolume'
  | 'listVolumes'
  | 'exec'
  | 'stats';

interface FakeImage extends ImageInfo {
  readonly program: (spec: ContainerSpec) => FakeProgram;
}

interface Watcher {
  readonly labels: Readonly<Record<string, string>>;
  readonly queue: ContainerEvent[];
  wake: () => void;
}

/**
 * Containers in memory, moved on by a Clock. Tests put images into its registry (`addImage`) or on the host
 * (`addImage(.., { local: true })`), make operations fail (`fail`) or wait (`hold`), and act on containers by name.
 */
export class FakeRuntime implements ContainerRuntime {
  /** What was asked, in order: `create NAME`, `pull REFERENCE`, ... */
  readonly calls: string[] = [];
  /** What `exec` has started, in order. */
  readonly execs: FakeExec[] = [];
  /** What the programs do that `exec` starts: they end at once where nothing else is said. */
  execProgram: FakeExecProgram = (exec) => exec.exit(0);
  readonly #clock: Clock;
  readonly #volumes = new FakeVolumes();
  readonly #registry = new Map<string, FakeImage>();
  readonly #images = new Map<string, FakeImage>();
  readonly #containers = new Map<string, FakeContainer>();
  readonly #watchers = new Set<Watcher>();
  readonly #failures: { operation: FakeOperation; target: string; error: Error; times: number }[] = [];
  readonly #holds = new Map<string, Promise<void>>();
  #sequence = 0;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  addImage(
    reference: string,
    options: {
      readonly digest?: string;
      readonly local?: boolean;
      readonly program?: FakeProgram | ((spec: ContainerSpec) => FakeProgram);
    } = {},
  ): void {
    const { program = {}, digest } = options;
    const image = {
      id: `sha256:${this.#number().padStart(64, '0')}`,
      sizeBytes: 1024,
      ...(digest === undefined ? {} : { digest }),
      program: typeof program === 'function' ? program : () => program,
    };
    (options.local ? this.#images : this.#registry).set(reference, image);
  }

  /** The next `times` calls about `target` (a name, reference or '' for any) reject with `error`. */
  fail(operation: FakeOperation, target: string, error: Error, times = 1): void {
    this.#failures.push({ operation, target, error, times });
  }

  /** Calls of the operation wait until the answer is called. */
  hold(operation: FakeOperation): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#holds.set(operation, promise);
    return () => {
      this.#holds.delete(operation);
      resolve();
    };
  }

  /** The container of that name; throws where there is none. */
  container(name: string): FakeContainer {
    const found = [...this.#containers.values()].find((container) => container.spec.name === name);
    if (!found) throw new Error(`no container ${name}: ${this.names().join(', ')}`);
    return found;
  }

  names(): string[] {
    return [...this.#containers.values()].map((container) => container.spec.name).sort();
  }

  async info(): Promise<RuntimeInfo> {
    await this.#enter('info', '');
    return { version: 'fake', cgroupVersion: 2, cgroupDriver: 'cgroupfs', cpus: 4, memoryBytes: 8 * 1024 ** 3 };
  }

  async pull(
    reference: string,
    _auth?: RegistryAuth,
    onProgress?: (progress: PullProgress) => void,
  ): Promise<ImageInfo> {
    await this.#enter('pull', reference);
    const image = this.#registry.get(reference);
    if (!image) throw new RuntimeError('rejected', `manifest for ${reference} not found: manifest unknown`);
    this.#images.set(reference, image);
    onProgress?.({ totalBytes: image.sizeBytes, pulledBytes: image.sizeBytes });
    return imageInfo(image);
  }

  async inspectImage(reference: string): Promise<ImageInfo | undefined> {
    const image = this.#image(reference);
    return image && imageInfo(image);
  }

  async importImage(_tar: Buffer, reference: string, _changes: readonly string[]): Promise<void> {
    await this.#enter('import', reference);
    this.addImage(reference, { local: true });
  }

  async create(spec: ContainerSpec): Promise<string> {
    await this.#enter('create', spec.name);
    const existing = this.#find(spec.name);
    if (existing) {
      if (isDeepStrictEqual({ ...existing.spec.labels, ...spec.labels }, existing.spec.labels)) {
        return existing.state.id;
      }
      throw new RuntimeError('rejected', `The container name "/${spec.name}" is already in use`);
    }
    const image = this.#image(spec.image);
    if (!image) throw new RuntimeError('gone', `No such image: ${spec.image}`);
    const id = this.#number().padStart(64, 'c');
    for (const mount of spec.mounts ?? []) if (mount.kind === 'volume') this.#volumes.provide(mount.source);
    const notify = () => this.#notify(id, spec.labels);
    this.#containers.set(id, new FakeContainer(id, spec, image.id, image.program(spec), this.#clock, notify));
    notify();
    return id;
  }

  async start(id: string): Promise<void> {
    const container = this.#need(id);
    await this.#enter('start', container.spec.name);
    if (container.state.status === 'running') return;
    const ports = bindPorts(container.spec, this.#boundPorts());
    const error = this.#startError(container, ports);
    if (error !== undefined) {
      container.failStart(error);
      throw new RuntimeError('rejected', error);
    }
    container.start(++this.#sequence + 1000, ports);
  }

  #startError({ spec, program }: FakeContainer, ports: readonly PortBinding[]): string | undefined {
    const owner = spec.network.startsWith('container:') ? spec.network.slice(10) : undefined;
    if (owner !== undefined && this.#find(owner)?.state.status !== 'running') {
      return `cannot join network of a non running container: ${owner}`;
    }
    const missing = spec.links?.find(({ container }) => this.#find(container)?.state.status !== 'running');
    if (missing) return `Cannot link to a non running container: ${missing.container}`;
    const bound = this.#boundPorts();
    const taken = ports.find((port) => bound.has(portKey(port)));
    return taken ? `Bind for 0.0.0.0:${taken.hostPort} failed: port is already allocated` : program.startError;
  }

  #boundPorts(): ReadonlySet<string> {
    return new Set([...this.#containers.values()].flatMap(({ state }) => (state.ports ?? []).map(portKey)));
  }

  async stop(id: string, timeoutMs: number): Promise<void> {
    const container = this.#find(id);
    await this.#enter('stop', container?.spec.name ?? id);
    if (!container || container.state.status !== 'running') return;
    if (container.spec.stopSignal === 'SIGKILL') return container.exit(137);
    if (!container.program.ignoresTerm) return container.exit(container.program.termExitCode ?? 143);
    await sleep(this.#clock, timeoutMs);
    container.exit(137);
  }

  async remove(id: string): Promise<void> {
    const container = this.#find(id);
    await this.#enter('remove', container?.spec.name ?? id);
    if (!container) return;
    container.vanish();
    this.#containers.delete(container.state.id);
    this.#notify(container.state.id, container.spec.labels);
  }

  async inspect(id: string): Promise<ContainerState | undefined> {
    return this.#find(id)?.state;
  }

  async list(labels: Readonly<Record<string, string>>): Promise<ContainerState[]> {
    await this.#enter('list', '');
    return [...this.#containers.values()].map(({ state }) => state).filter((state) => carries(state.labels, labels));
  }

  async *logs(id: string, options: { sinceMs?: number; signal: AbortSignal }): AsyncGenerator<LogLine> {
    const container = this.#need(id);
    await this.#enter('logs', container.spec.name);
    for (let index = 0; !options.signal.aborted;) {
      const line = container.lines[index];
      if (line) {
        index += 1;
        if (line.timeMs >= (options.sinceMs ?? 0)) yield line;
        continue;
      }
      if (container.state.status !== 'running') return;
      await container.changed(options.signal);
    }
  }

  async *events(labels: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    const watcher: Watcher = { labels, queue: [], wake: () => {} };
    const wakeUp = () => watcher.wake();
    this.#watchers.add(watcher);
    signal.addEventListener('abort', wakeUp);
    try {
      while (!signal.aborted) {
        const event = watcher.queue.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (watcher.wake = resolve));
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener('abort', wakeUp);
    }
  }

  async createVolume(volume: VolumeSpec): Promise<void> {
    await this.#enter('createVolume', volume.name);
    this.#volumes.create(volume);
  }

  async removeVolume(name: string): Promise<void> {
    await this.#enter('removeVolume', name);
    const user = [...this.#containers.values()].find(({ spec }) =>
      spec.mounts?.some((mount) => mount.kind === 'volume' && mount.source === name),
    );
    this.#volumes.remove(name, user?.state.id);
  }

  async listVolumes(labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
    await this.#enter('listVolumes', '');
    return this.#volumes.list(labels);
  }

  async exec(id: string, spec: ExecSpec): Promise<ExecSession> {
    const container = this.#need(id);
    await this.#enter('exec', container.spec.name);
    if (container.state.status !== 'running') throw new RuntimeError('rejected', `Container ${id} is not running`);
    const exec = new FakeExec(spec);
    this.execs.push(exec);
    this.execProgram(exec);
    return exec;
  }

  async stats(id: string): Promise<ContainerStats | undefined> {
    const container = this.#find(id);
    await this.#enter('stats', container?.spec.name ?? id);
    return container?.state.status === 'running' ? fakeStats(container, this.#clock.now()) : undefined;
  }

  async #enter(operation: FakeOperation, target: string): Promise<void> {
    this.calls.push(`${operation} ${target}`.trim());
    await this.#holds.get(operation);
    const failure = this.#failures.find(
      (one) => one.operation === operation && one.times > 0 && (one.target === '' || one.target === target),
    );
    if (!failure) return;
    failure.times -= 1;
    throw failure.error;
  }

  #notify(containerId: string, labels: Readonly<Record<string, string>>): void {
    for (const watcher of this.#watchers) {
      if (!carries(labels, watcher.labels)) continue;
      watcher.queue.push({ containerId, labels });
      watcher.wake();
    }
  }

  #find(idOrName: string): FakeContainer | undefined {
    return (
      this.#containers.get(idOrName) ??
      [...this.#containers.values()].find((container) => container.spec.name === idOrName)
    );
  }

  #need(id: string): FakeContainer {
    const container = this.#find(id);
    if (!container) throw new RuntimeError('gone', `No such container: ${id}`);
    return container;
  }

  #image(reference: string): FakeImage | undefined {
    const { repository, digest } = parseImageReference(reference);
    for (const [name, image] of this.#images) {
      const isNamed = name === reference || image.id === reference;
      const isDigest = digest !== undefined && image.digest === digest;
      if (isNamed || (isDigest && parseImageReference(name).repository === repository)) return image;
    }
    return undefined;
  }

  #number(): string {
    this.#sequence += 1;
    return this.#sequence.toString(16);
  }
}

/** Where an engine begins to look for a free port. */
const FIRST_DYNAMIC_PORT = 32_768;

function portKey({ hostPort, protocol }: PublishedPort): string {
  return `${hostPort}/${protocol}`;
}

function bindPorts({ ports = [] }: ContainerSpec, bound: ReadonlySet<string>): readonly PortBinding[] {
  const taken = new Set([...bound, ...ports.map(portKey)]);
  return ports.map((port) => {
    let { hostPort } = port;
    if (hostPort === 0) for (hostPort = FIRST_DYNAMIC_PORT; taken.has(portKey({ ...port, hostPort }));) hostPort += 1;
    taken.add(portKey({ ...port, hostPort }));
    return { ...port, hostPort, bindIp: '0.0.0.0' };
  });
}

/** A container that uses half a CPU since it was started, and 1 MiB. */
function fakeStats({ state, spec }: FakeContainer, nowMs: number): ContainerStats {
  const at = (timeMs: number) => ({
    cpu_usage: { total_usage: Math.max(0, timeMs - (state.startedAtMs ?? timeMs)) * 500_000 },
    system_cpu_usage: timeMs * 4_000_000,
    online_cpus: 4,
  });
  return {
    id: state.id,
    name: `/${state.name}`,
    read: new Date(nowMs).toISOString(),
    preread: new Date(nowMs - 1000).toISOString(),
    cpu_stats: at(nowMs),
    precpu_stats: at(nowMs - 1000),
    memory_stats: { usage: 1024 ** 2, limit: spec.memoryLimitBytes ?? 8 * 1024 ** 3 },
  };
}

function carries(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function imageInfo({ program: _program, ...info }: FakeImage): ImageInfo {
  return info;
}
