import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import { systemClock } from '../../kernel/clock.ts';
import { familiarRepository, parseImageReference } from '../image-reference.ts';
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
  PullProgress,
  RegistryAuth,
  RuntimeInfo,
  VolumeSpec,
} from '../runtime.ts';
import { containerBody } from './container-body.ts';
import { containerState, type InspectedContainer, wasKilled } from './container-state.ts';
import { EngineClient, type EngineRequest, isPassing } from './engine-client.ts';
import { openExec } from './exec-session.ts';
import { jsonLines } from './json-lines.ts';
import { logLines } from './log-stream.ts';
import { oomKills } from './oom-kills.ts';
import { type PullLine, PullTally } from './pull-progress.ts';
import { StatsSampler } from './stats-sampler.ts';

/** What is read of `GET /info`. */
interface EngineInfo {
  readonly ServerVersion: string;
  readonly CgroupVersion?: string;
  readonly CgroupDriver?: string;
  readonly NCPU: number;
  readonly MemTotal: number;
}

/** What changes a container's state; the noise of `exec`, which every health check makes, is left out. */
const EVENTS = ['create', 'start', 'die', 'oom', 'destroy', 'health_status', 'pause', 'unpause'];

/** The id on this host of a process that the engine knows by another. */
export type HostPid = (pid: number) => Promise<number | undefined>;

/** Docker Engine over its unix socket: `https://docs.docker.com/reference/api/engine/`. */
export class DockerRuntime implements ContainerRuntime {
  readonly #engine: EngineClient;
  readonly #sampler = new StatsSampler();
  /** What ended, or is to end, because it was asked to. */
  readonly #stopped = new Set<string>();
  readonly #hostPid: HostPid | undefined;
  #cpus: number | undefined;

  /** @param options.hostPid for an engine in a PID namespace of its own; left out, its processes have this host's ids */
  constructor(options: { readonly socketPath: string; readonly hostPid?: HostPid }) {
    this.#engine = new EngineClient(options.socketPath);
    this.#hostPid = options.hostPid;
  }

  async info(): Promise<RuntimeInfo> {
    const { body } = await this.#engine.call({ path: '/info' });
    const info = body as EngineInfo;
    return {
      version: info.ServerVersion,
      cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
      cgroupDriver: info.CgroupDriver === 'cgroupfs' || info.CgroupDriver === 'systemd' ? info.CgroupDriver : 'none',
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
    };
  }

  async pull(
    reference: string,
    auth?: RegistryAuth,
    onProgress?: (progress: PullProgress) => void,
  ): Promise<ImageInfo> {
    const { repository, tag, digest } = parseImageReference(reference);
    const request: EngineRequest = {
      method: 'POST',
      path: '/images/create',
      // Without a tag the engine pulls them all.
      query: { fromImage: repository, tag: digest ?? tag },
      ...(auth ? { headers: { 'X-Registry-Auth': authHeader(auth) } } : {}),
    };
    const pulled = await this.#progress(request, onProgress);
    const image = await this.inspectImage(reference);
    if (!image) throw new RuntimeError('temporary', `The image ${reference} was pulled, and is gone again`);
    return { ...image, ...(pulled === undefined ? {} : { digest: pulled }) };
  }

  async inspectImage(reference: string): Promise<ImageInfo | undefined> {
    const path = `/images/${reference.split('/').map(encodeURIComponent).join('/')}/json`;
    const { status, body } = await this.#engine.call({ path, accept: [404] });
    if (status === 404) return undefined;
    const image = body as { Id: string; Size: number; RepoDigests?: readonly string[] | null };
    const prefix = `${familiarRepository(parseImageReference(reference).repository)}@`;
    const digest = image.RepoDigests?.find((name) => name.startsWith(prefix))?.slice(prefix.length);
    return { id: image.Id, sizeBytes: image.Size, ...(digest === undefined ? {} : { digest }) };
  }

  async importImage(tar: Buffer, reference: string, changes: readonly string[]): Promise<void> {
    const { repository, tag } = parseImageReference(reference);
    const query = { fromSrc: '-', repo: repository, tag: tag ?? 'latest', changes };
    await this.#progress({ method: 'POST', path: '/images/create', query, tar });
  }

  async create(spec: ContainerSpec): Promise<string> {
    const { status, body } = await this.#engine.call({
      method: 'POST',
      path: '/containers/create',
      query: { name: spec.name },
      body: containerBody(spec, await this.#hostCpus()),
      accept: [409],
    });
    if (status !== 409) return (body as { Id: string }).Id;
    const existing = await this.inspect(spec.name);
    if (existing && isDeepStrictEqual({ ...existing.labels, ...spec.labels }, existing.labels)) return existing.id;
    throw new RuntimeError(existing ? 'rejected' : 'temporary', (body as { message: string }).message);
  }

  async start(id: string): Promise<void> {
    const position = oomKills.position();
    const { status } = await this.#engine.call({ method: 'POST', path: `${containerPath(id)}/start`, accept: [304] });
    // It runs already.
    if (status === 304) return;
    this.#stopped.delete(id);
    oomKills.started(id, position);
  }

  async stop(id: string, timeoutMs: number): Promise<void> {
    const query = { t: String(Math.ceil(timeoutMs / 1000)) };
    const path = `${containerPath(id)}/stop`;
    this.#stopped.add(id);
    const { status } = await this.#engine.call({ method: 'POST', path, query, accept: [304, 404] });
    // It had ended by itself.
    if (status >= 300) this.#stopped.delete(id);
  }

  async remove(id: string): Promise<void> {
    this.#sampler.forget(id);
    this.#stopped.delete(id);
    oomKills.forget(id);
    await this.#engine.call({
      method: 'DELETE',
      path: containerPath(id),
      query: { force: '1', v: '1' },
      accept: [404],
    });
  }

  async inspect(id: string): Promise<ContainerState | undefined> {
    const { status, body } = await this.#engine.call({ path: `${containerPath(id)}/json`, accept: [404] });
    if (status === 404) return undefined;
    const inspected = body as InspectedContainer;
    const wasStopped = this.#stopped.has(inspected.Id);
    const isOomKilled = !wasStopped && wasKilled(inspected) && oomKills.has(inspected.Id, inspected.State.StartedAt);
    const state = containerState(inspected, { wasStopped, oomKilled: isOomKilled });
    if (!this.#hostPid || state.pid === undefined) return state;
    const { pid: inside, ...rest } = state;
    const pid = await this.#hostPid(inside);
    return { ...rest, ...(pid === undefined ? {} : { pid }) };
  }

  async list(labels: Readonly<Record<string, string>>): Promise<ContainerState[]> {
    const { body } = await this.#engine.call({
      path: '/containers/json',
      query: { all: '1', filters: JSON.stringify({ label: labelFilter(labels) }) },
    });
    // The listing has no exit code, process or error.
    const states = await Promise.all((body as readonly { Id: string }[]).map(({ Id }) => this.inspect(Id)));
    return states.filter((state) => state !== undefined);
  }

  async *logs(id: string, options: { sinceMs?: number; signal: AbortSignal }): AsyncGenerator<LogLine> {
    const { sinceMs, signal } = options;
    const query = {
      follow: '1',
      stdout: '1',
      stderr: '1',
      timestamps: '1',
      since: sinceMs === undefined ? undefined : (sinceMs / 1000).toFixed(3),
    };
    yield* this.#stream({ path: `${containerPath(id)}/logs`, query, signal }, signal, logLines);
  }

  async *events(labels: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    const filters = JSON.stringify({ type: ['container'], event: EVENTS, label: labelFilter(labels) });
    for await (const value of this.#stream({ path: '/events', query: { filters }, signal }, signal, jsonLines)) {
      const { Actor: actor } = value as { Actor?: { ID: string; Attributes: Record<string, string> } };
      if (actor) yield { containerId: actor.ID, labels: actor.Attributes };
    }
  }

  async createVolume(volume: VolumeSpec): Promise<void> {
    const { name, labels, driver = 'local', driverOptions = {} } = volume;
    const { body } = await this.#engine.call({
      method: 'POST',
      path: '/volumes/create',
      body: { Name: name, Driver: driver, DriverOpts: driverOptions, Labels: labels },
    });
    // One that is there already is answered as it is.
    const found = (body as { Labels?: Readonly<Record<string, string>> | null }).Labels ?? {};
    if (isDeepStrictEqual({ ...found, ...labels }, found)) return;
    throw new RuntimeError('rejected', `a volume with the name ${name} exists, with other labels`);
  }

  async removeVolume(name: string): Promise<void> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    const { status, body } = await this.#engine.call({ method: 'DELETE', path, accept: [404, 409] });
    if (status === 409) throw new RuntimeError('temporary', (body as { message: string }).message);
  }

  async listVolumes(labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const query = { filters: JSON.stringify({ label: labelFilter(labels) }) };
    const { body } = await this.#engine.call({ path: '/volumes', query });
    return ((body as { Volumes?: readonly { Name: string }[] | null }).Volumes ?? []).map(({ Name }) => Name);
  }

  exec(id: string, spec: ExecSpec): Promise<ExecSession> {
    return openExec(this.#engine, id, spec, this.#hostPid);
  }

  async stats(id: string): Promise<ContainerStats | undefined> {
    const state = await this.inspect(id);
    if (state?.pid === undefined) return undefined;
    const { name, pid } = state;
    return this.#sampler.sample({ id: state.id, name, pid }, new Date(systemClock.now()));
  }

  /** Ends when `signal` aborts; a broken connection is a temporary failure. */
  async *#stream<T>(
    request: EngineRequest,
    signal: AbortSignal,
    decode: (chunks: AsyncIterable<Buffer>) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    let response: IncomingMessage | undefined;
    try {
      response = await this.#engine.open(request);
      yield* decode(response);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RuntimeError) throw error;
      throw new RuntimeError('temporary', `The Docker engine's stream broke: ${messageOf(error)}`, error);
    } finally {
      response?.destroy();
    }
  }

  /** Reads a stream of progress to its end; answers the digest it names. An `error` line is the failure. */
  async #progress(request: EngineRequest, onProgress?: (progress: PullProgress) => void): Promise<string | undefined> {
    try {
      const tally = new PullTally();
      let digest: string | undefined;
      for await (const value of jsonLines(await this.#engine.open(request))) {
        const line = value as PullLine;
        if (line.error) throw new RuntimeError(isPassing(line.error) ? 'temporary' : 'rejected', line.error);
        digest = /^Digest: (\S+)/.exec(line.status ?? '')?.[1] ?? digest;
        const progress = tally.add(line);
        if (progress) onProgress?.(progress);
      }
      return digest;
    } catch (error) {
      if (!(error instanceof RuntimeError)) {
        throw new RuntimeError('temporary', `The Docker engine's stream broke: ${messageOf(error)}`, error);
      }
      // A 404 here is about the registry: no such repository or tag.
      throw error.kind === 'gone' ? new RuntimeError('rejected', error.message, error) : error;
    }
  }

  async #hostCpus(): Promise<number> {
    this.#cpus ??= (await this.info()).cpus;
    return this.#cpus;
  }
}

function containerPath(id: string): string {
  return `/containers/${encodeURIComponent(id)}`;
}

function labelFilter(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

/** URL-safe base64 with its padding, as the engine reads it. */
function authHeader(auth: RegistryAuth): string {
  const json = JSON.stringify({
    username: auth.username,
    password: auth.password,
    serveraddress: auth.serverAddress,
  });
  return Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
