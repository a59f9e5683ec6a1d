import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import { familiarRepository, parseImageReference } from '../image-reference.ts';
import type {
  ContainerEvent,
  ContainerRuntime,
  ContainerSpec,
  ContainerState,
  ImageInfo,
  LogLine,
  RegistryAuth,
  RuntimeInfo,
} from '../runtime.ts';
import { containerBody } from './container-body.ts';
import { containerState, type InspectedContainer } from './container-state.ts';
import { EngineClient, type EngineRequest, isPassing } from './engine-client.ts';
import { jsonLines } from './json-lines.ts';
import { logLines } from './log-stream.ts';

/** What changes a container's state; the noise of `exec`, which every health check makes, is left out. */
const EVENTS = ['create', 'start', 'die', 'oom', 'destroy', 'health_status', 'pause', 'unpause'];

/** Docker Engine over its unix socket: `https://docs.docker.com/reference/api/engine/`. */
export class DockerRuntime implements ContainerRuntime {
  readonly #engine: EngineClient;
  #cpus: number | undefined;

  constructor(options: { readonly socketPath: string }) {
    this.#engine = new EngineClient(options.socketPath);
  }

  async info(): Promise<RuntimeInfo> {
    const { body } = await this.#engine.call({ path: '/info' });
    const info = body as { ServerVersion: string; CgroupVersion?: string; NCPU: number; MemTotal: number };
    return {
      version: info.ServerVersion,
      cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
    };
  }

  async pull(reference: string, auth?: RegistryAuth): Promise<ImageInfo> {
    const { repository, tag, digest } = parseImageReference(reference);
    const pulled = await this.#progress({
      method: 'POST',
      path: '/images/create',
      // Without a tag the engine pulls them all.
      query: { fromImage: repository, tag: digest ?? tag },
      ...(auth ? { headers: { 'X-Registry-Auth': authHeader(auth) } } : {}),
    });
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
    await this.#engine.call({ method: 'POST', path: `${containerPath(id)}/start`, accept: [304] });
  }

  async stop(id: string, timeoutMs: number): Promise<void> {
    const query = { t: String(Math.ceil(timeoutMs / 1000)) };
    await this.#engine.call({ method: 'POST', path: `${containerPath(id)}/stop`, query, accept: [304, 404] });
  }

  async remove(id: string): Promise<void> {
    await this.#engine.call({
      method: 'DELETE',
      path: containerPath(id),
      query: { force: '1', v: '1' },
      accept: [404],
    });
  }

  async inspect(id: string): Promise<ContainerState | undefined> {
    const { status, body } = await this.#engine.call({ path: `${containerPath(id)}/json`, accept: [404] });
    return status === 404 ? undefined : containerState(body as InspectedContainer);
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
  async #progress(request: EngineRequest): Promise<string | undefined> {
    try {
      let digest: string | undefined;
      for await (const value of jsonLines(await this.#engine.open(request))) {
        const line = value as { status?: string; error?: string };
        if (line.error) throw new RuntimeError(isPassing(line.error) ? 'temporary' : 'rejected', line.error);
        digest = /^Digest: (\S+)/.exec(line.status ?? '')?.[1] ?? digest;
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
