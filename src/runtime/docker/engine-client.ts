import { Agent, type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';

/** The versions of the Engine API that this client speaks: engines from 1.12, with 20.10 to 28 in mind. */
const OLDEST: ApiVersion = [1, 24];
const NEWEST: ApiVersion = [1, 47];

/** Longer answers are nobody's: an instance's engine is what the instance makes of it. */
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** The engine never closes an idle connection: after a hundred tasks at once hundreds would stay. */
const MAX_IDLE = 16;

type ApiVersion = readonly [major: number, minor: number];
type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EngineRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Without the version, e.g. `/containers/json`. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  readonly tar?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses of 300 and above that are answers, not errors. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Docker Engine's HTTP API on its unix socket. Failures are `RuntimeError`s with the engine's own words:
 * no connection is temporary, 404 is gone, the rest is rejected.
 */
export class EngineClient {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: MAX_IDLE });
  #version: Promise<string> | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The whole answer, parsed where it is JSON. */
  async call(call: EngineRequest): Promise<EngineAnswer> {
    const response = await this.open(call, this.#agent);
    const text = await this.#text(response);
    return { status: response.statusCode ?? 0, body: text === '' ? undefined : parseJson(text) };
  }

  /** The answer's stream, for what goes on: pull progress, logs, events. Destroyed when `signal` aborts. */
  async open(call: EngineRequest, agent: Agent | false = false): Promise<IncomingMessage> {
    const prefix = `/v${await this.#negotiate()}`;
    const response = await this.#send(call, prefix, agent);
    const status = response.statusCode ?? 0;
    if (status < 300 || call.accept?.includes(status)) return response;
    throw engineError(status, await this.#text(response));
  }

  /** The connection itself, once the engine has let go of HTTP on it: for what is read and written at once. */
  async upgrade(call: EngineRequest): Promise<Duplex> {
    const headers = { ...call.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
    const { options, payload } = this.#options({ ...call, headers }, `/v${await this.#negotiate()}`, false);
    const answer = await new Promise<IncomingMessage | Duplex>((resolve, reject) => {
      const outgoing = request(options, resolve);
      outgoing.on('upgrade', (_response, connection, head) => {
        if (head.length > 0) connection.unshift(head);
        resolve(connection);
      });
      outgoing.on('error', (error) => reject(this.#unreachable(error)));
      outgoing.end(payload);
    });
    if (!('statusCode' in answer)) return answer as Duplex;
    throw engineError(answer.statusCode ?? 0, await this.#text(answer));
  }

  #negotiate(): Promise<string> {
    this.#version ??= this.#ping();
    return this.#version;
  }

  async #ping(): Promise<string> {
    const response = await this.#send({ path: '/_ping' }, '', this.#agent);
    const text = await this.#text(response);
    const status = response.statusCode ?? 0;
    if (status >= 300) {
      this.#version = undefined;
      throw engineError(status, text);
    }
    return negotiateVersion(String(response.headers['api-version'] ?? ''));
  }

  #send(call: EngineRequest, prefix: string, agent: Agent | false): Promise<IncomingMessage> {
    const { options, payload } = this.#options(call, prefix, agent);
    return new Promise((resolve, reject) => {
      const outgoing = request(options, resolve);
      outgoing.on('error', (error) => reject(this.#unreachable(error)));
      outgoing.end(payload);
    });
  }

  #options(
    call: EngineRequest,
    prefix: string,
    agent: Agent | false,
  ): { options: RequestOptions; payload: Buffer | undefined } {
    const payload = call.tar ?? (call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body)));
    const options: RequestOptions = {
      socketPath: this.#socketPath,
      agent,
      method: call.method ?? 'GET',
      path: `${prefix}${call.path}${queryString(call.query)}`,
      headers: {
        Host: 'docker',
        ...(payload ? { 'Content-Length': payload.length } : {}),
        ...(payload ? { 'Content-Type': call.tar ? 'application/x-tar' : 'application/json' } : {}),
        ...call.headers,
      },
      ...(call.signal ? { signal: call.signal } : {}),
    };
    return { options, payload };
  }

  async #text(response: IncomingMessage): Promise<string> {
    try {
      const chunks: Buffer[] = [];
      let left = LONGEST_ANSWER_BYTES;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        left -= chunk.length;
        if (left < 0) throw new Error(`its answer is longer than ${LONGEST_ANSWER_BYTES} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): RuntimeError {
    // Another engine may answer next time.
    this.#version = undefined;
    return new RuntimeError(
      'temporary',
      `The Docker engine at ${this.#socketPath} does not answer: ${messageOf(error)}`,
      error,
    );
  }
}

/** The newest version that both sides speak. */
export function negotiateVersion(engineVersion: string): string {
  const match = /^(\d+)\.(\d+)$/.exec(engineVersion);
  const engine: ApiVersion = match ? [Number(match[1]), Number(match[2])] : OLDEST;
  if (isOlder(engine, OLDEST)) {
    throw new RuntimeError(
      'rejected',
      `The Docker engine speaks API version ${engineVersion}: ${OLDEST.join('.')} or newer is needed`,
    );
  }
  return (isOlder(engine, NEWEST) ? engine : NEWEST).join('.');
}

/** What a status of 300 or above means, with the `message` member of the engine's answer. */
export function engineError(status: number, text: string): RuntimeError {
  const body = parseJson(text);
  const message =
    typeof body === 'object' && body !== null && 'message' in body
      ? String(body.message)
      : text.trim() || `the Docker engine answered ${status}`;
  if (status === 404) return new RuntimeError('gone', message);
  const passes = status === 503 || isPassing(message) || /removal of container .* is already in progress/.test(message);
  return new RuntimeError(passes ? 'temporary' : 'rejected', message);
}

/** Words of Go's network stack, and of an engine that is going down, for what trying again may mend. */
export function isPassing(message: string): boolean {
  return /connection refused|connection reset|i\/o timeout|TLS handshake timeout|context canceled|deadline exceeded|unexpected EOF|: EOF$|no route to host|shutting down|502 Bad Gateway|503 Service Unavailable/i.test(
    message,
  );
}

function isOlder(a: ApiVersion, b: ApiVersion): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function queryString(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) search.append(name, one);
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
