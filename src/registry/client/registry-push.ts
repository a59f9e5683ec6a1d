import { RuntimeError } from '../../kernel/errors.ts';
import type { HttpResponse } from './http.ts';
import type { RegistryClient } from './registry-client.ts';

/** Some registries read a blob again before they answer. */
const COMMIT_MS = 10 * 60 * 1000;

export interface BlobToPush {
  readonly digest: string;
  readonly sizeBytes: number;
  /** From the first byte, each time. */
  open(): AsyncIterable<Uint8Array>;
}

export interface ManifestToPush {
  readonly digest: string;
  readonly mediaType: string;
  readonly body: string;
}

/**
 * The half of the distribution specification that brings things in: one repository of another registry, pushed to.
 * Bytes are streamed. Every method throws RuntimeErrors, as the client's do.
 */
export class RegistryPush {
  readonly #client: RegistryClient;
  readonly #repository: string;

  constructor(client: RegistryClient, repository: string) {
    this.#client = client;
    this.#repository = repository;
  }

  /** Whether the repository has exactly this manifest. */
  async hasManifest({ digest, mediaType }: Pick<ManifestToPush, 'digest' | 'mediaType'>): Promise<boolean> {
    const path = this.#path(`manifests/${digest}`);
    const response = await this.#send({ method: 'HEAD', path, headers: { Accept: mediaType } }, [200, 404]);
    return response.status === 200;
  }

  /** Does nothing where the repository has it; asks the registry to mount it from another of its repositories. */
  async blob(blob: BlobToPush): Promise<void> {
    const { digest, sizeBytes } = blob;
    const head = await this.#send({ method: 'HEAD', path: this.#path(`blobs/${digest}`) }, [200, 404]);
    if (head.status === 200) return;
    const begun = await this.#send({ method: 'POST', path: this.#path(`blobs/uploads/?mount=${digest}`) }, [201, 202]);
    if (begun.status === 201) return this.#isAs(begun, digest);
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(sizeBytes) };
    const body = () => blob.open();
    // As docker does, in one piece: what every registry is tried with.
    const sent = await this.#send({ method: 'PATCH', path: locationOf(begun), headers, body }, [202, 204]);
    const last = locationOf(sent);
    const path = `${last}${last.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
    const put = await this.#send(
      { method: 'PUT', path, headers: { 'Content-Length': '0' }, stallMs: COMMIT_MS },
      [201],
    );
    this.#isAs(put, digest);
  }

  /** Under its digest, or a tag. Answers whether the registry lists it among the referrers of its subject. */
  async manifest({ digest, mediaType, body }: ManifestToPush, tag?: string): Promise<boolean> {
    const bytes = Buffer.from(body);
    const headers = { 'Content-Type': mediaType, 'Content-Length': String(bytes.length) };
    const path = this.#path(`manifests/${tag ?? digest}`);
    const put = await this.#send({ method: 'PUT', path, headers, body: () => once(bytes) }, [201]);
    this.#isAs(put, digest);
    return put.headers.has('oci-subject');
  }

  /** The answer, read to its end. */
  async #send(
    request: Omit<Parameters<RegistryClient['request']>[0], 'scope'>,
    expected: readonly number[],
  ): Promise<HttpResponse> {
    const response = await this.#client.request({ ...request, scope: `repository:${this.#repository}:pull,push` });
    await response.discard();
    if (expected.includes(response.status)) return response;
    throw this.#client.failure(`${request.method} ${request.path.split('?')[0]}`, response.status);
  }

  #isAs({ headers }: HttpResponse, digest: string): void {
    const said = headers.get('docker-content-digest');
    if (said === null || said === digest) return;
    throw new RuntimeError('rejected', `The other registry has ${said} where ${digest} was pushed.`);
  }

  #path(rest: string): string {
    return `/v2/${this.#repository}/${rest}`;
  }
}

function locationOf({ headers, url }: HttpResponse): string {
  const target = URL.parse(headers.get('location') ?? '', url.href);
  if (!target || headers.get('location') === null) {
    throw new RuntimeError('rejected', `${url.host} does not say where its upload is.`);
  }
  // A registry behind a proxy may think that it is spoken to over HTTP.
  return `${target.host === url.host ? '' : target.origin}${target.pathname}${target.search}`;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
