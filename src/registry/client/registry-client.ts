import { createHash } from 'node:crypto';
import { RuntimeError } from '../../kernel/errors.ts';
import { digestOf, parseDigest } from '../digest.ts';
import { MAX_MANIFEST_BYTES } from '../manifest.ts';
import { RegistryAuthorization } from './authorization.ts';
import type { RegistryCredentials } from './authorization.ts';
import { challengeIn } from './challenge.ts';
import { bytesOf, sendHttp } from './http.ts';
import type { HttpLine, HttpRequest, HttpResponse } from './http.ts';

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export interface RemoteManifest {
  readonly digest: string;
  readonly mediaType: string | undefined;
  readonly bytes: Buffer;
}

export interface RemoteBlob {
  readonly sizeBytes: number;
  /** Fails before its last bytes if they do not have the digest. */
  readonly body: AsyncGenerator<Uint8Array, void>;
}

/** A registry said no, and would say it again. */
export class RegistryRefusal extends RuntimeError {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string) {
    super('rejected', message);
    this.status = status;
  }
}

export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  /** From the origin, or a whole URL of the same origin. */
  readonly path: string;
  /** As tokens are asked for, e.g. `repository:library/nginx:pull,push`. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called again when the request must be sent again. */
  readonly body?: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly stallMs?: number;
}

export interface RegistryClientOptions extends HttpLine {
  /** A host, with or without a port, or the URL of one; see `registryOrigin`. */
  readonly url: string;
  readonly credentials?: RegistryCredentials;
}

/**
 * Speaks the OCI distribution specification to another registry. What it fetches is what its digest says.
 *
 * Every method throws RuntimeErrors: `temporary` if the registry does not answer or is overloaded, `rejected` if it
 * refuses or breaks the specification. What is not there is `undefined`.
 */
export class RegistryClient {
  readonly #origin: string;
  readonly #line: HttpLine;
  readonly #authorization: RegistryAuthorization;

  constructor({ url, credentials, clock, signal }: RegistryClientOptions) {
    const origin = registryOrigin(url);
    if (origin === undefined) throw new RuntimeError('rejected', `'${url}' is no registry's address.`);
    this.#origin = origin;
    this.#line = { clock, signal };
    this.#authorization = new RegistryAuthorization({ line: this.#line, origin, credentials });
  }

  /** Whether it is a registry that lets us in. */
  async ping(): Promise<void> {
    const response = await this.request({ method: 'GET', path: '/v2/', scope: '' });
    await response.discard();
    if (response.status !== 200) throw this.failure('/v2/', response.status);
  }

  /** The digest of a manifest without its bytes; undefined too if the registry does not tell. */
  async manifestDigest(repository: string, reference: string): Promise<string | undefined> {
    const path = `/v2/${repository}/manifests/${encodeURIComponent(reference)}`;
    const response = await this.#pull('HEAD', path, repository, { Accept: MANIFEST_TYPES });
    await response?.discard();
    const digest = response?.headers.get('docker-content-digest') ?? undefined;
    return digest !== undefined && parseDigest(digest) ? digest : undefined;
  }

  async manifest(repository: string, reference: string): Promise<RemoteManifest | undefined> {
    const path = `/v2/${repository}/manifests/${encodeURIComponent(reference)}`;
    const response = await this.#pull('GET', path, repository, { Accept: MANIFEST_TYPES });
    if (!response) return undefined;
    const bytes = await bytesOf(response.body, MAX_MANIFEST_BYTES);
    const said = parseDigest(reference) ? reference : response.headers.get('docker-content-digest');
    const digest = digestOf(bytes, parseDigest(said ?? '')?.algorithm);
    if (said !== null && said !== digest) throw wrongBytes(this.#origin, said, digest);
    const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim();
    return { digest, mediaType, bytes };
  }

  async blob(repository: string, digest: string): Promise<RemoteBlob | undefined> {
    const response = await this.#pull('GET', `/v2/${repository}/blobs/${digest}`, repository);
    if (!response) return undefined;
    const sizeBytes = lengthOf(response);
    if (sizeBytes === undefined) {
      await response.discard();
      throw new RuntimeError('rejected', `${this.#origin} does not say how long ${digest} is.`);
    }
    return { sizeBytes, body: verified(response.body, digest, this.#origin) };
  }

  async #pull(
    method: 'GET' | 'HEAD',
    path: string,
    repository: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpResponse | undefined> {
    const response = await this.request({ method, path, scope: `repository:${repository}:pull`, headers });
    if (response.status === 200) return response;
    await response.discard();
    if (response.status === 404) return undefined;
    throw this.failure(path, response.status);
  }

  /** Sends, and once more if the registry asks who we are. */
  async request({ method, path, scope, headers = {}, body, stallMs }: RegistryRequest): Promise<HttpResponse> {
    const url = new URL(path, this.#origin);
    if (url.origin !== this.#origin) throw new RuntimeError('rejected', `${this.#origin} sends us to ${url.origin}.`);
    const send = (authorization: string | undefined) =>
      sendHttp(
        {
          method,
          url,
          headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
          ...(body && { body: body() }),
          stallMs,
        },
        this.#line,
      );
    const response = await send(this.#authorization.held(scope));
    if (response.status !== 401) return response;
    const challenge = challengeIn(response.headers.get('www-authenticate'));
    const answer = challenge && (await this.#authorization.answer(challenge, scope));
    if (answer === undefined) return response;
    await response.discard();
    return send(answer);
  }

  /** What a status is that says neither yes nor that there is nothing. */
  failure(path: string, status: number): RuntimeError {
    if (status >= 500 || status === 429) {
      return new RuntimeError('temporary', `${this.#origin} answered ${status} to ${path}.`);
    }
    const why = status === 401 || status === 403 ? ': it asks for credentials, or refuses those it has' : '';
    return new RegistryRefusal(status, `${this.#origin} answered ${status} to ${path}${why}.`);
  }
}

/**
 * The origin of a registry: a URL's own, and HTTPS for a host without a scheme unless it is this machine, as docker
 * does. Undefined for what is neither a host nor the URL of one.
 */
export function registryOrigin(text: string): string | undefined {
  const hasScheme = /^https?:\/\//.test(text);
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  if (!url || url.pathname !== '/' || url.search || url.hash || url.username || url.password) return undefined;
  if (!/^[A-Za-z0-9.-]+$|^\[[0-9a-f:]+\]$/i.test(url.hostname) || /[/\s?#@]$/.test(text)) return undefined;
  return hasScheme || !isLoopback(url.hostname) ? url.origin : `http://${url.host}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || /^127(\.\d+){3}$/.test(hostname) || hostname === '[::1]';
}

function lengthOf({ headers }: HttpResponse): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Holds one piece back until it is known that the whole is right. */
async function* verified(
  body: AsyncGenerator<Uint8Array, void>,
  digest: string,
  origin: string,
): AsyncGenerator<Uint8Array, void> {
  const algorithm = parseDigest(digest)?.algorithm ?? 'sha256';
  const hash = createHash(algorithm);
  let held: Uint8Array | undefined;
  for await (const chunk of body) {
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  const actual = `${algorithm}:${hash.digest('hex')}`;
  if (actual !== digest) throw wrongBytes(origin, digest, actual);
  if (held) yield held;
}

function wrongBytes(origin: string, expected: string, actual: string): RuntimeError {
  return new RuntimeError('rejected', `${origin} answered bytes of ${actual} for ${expected}.`);
}
