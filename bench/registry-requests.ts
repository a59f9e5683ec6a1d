import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { requestsPerSecond } from './http-load.ts';
import { REPOSITORY } from './registries.ts';
import type { RegistryUnderTest } from './registries.ts';

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Speaks the distribution protocol with one registry, without reckoning digests: that is the registry's work here. */
export class RegistryRequests {
  readonly #registry: RegistryUnderTest;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(registry: RegistryUnderTest) {
    this.#registry = registry;
  }

  /** POST, PATCH with all of the bytes, PUT. */
  async push(digest: string, bytes: Buffer): Promise<void> {
    const begun = await this.#ask({ method: 'POST', path: `/v2/${REPOSITORY}/blobs/uploads/` }, 202);
    const headers = { 'Content-Type': 'application/octet-stream' };
    const sent = await this.#ask({ method: 'PATCH', path: locationOf(begun), headers, body: bytes }, 202);
    const last = new URL(locationOf(sent), 'http://127.0.0.1');
    last.searchParams.set('digest', digest);
    await this.#ask({ method: 'PUT', path: `${last.pathname}${last.search}` }, 201);
  }

  /** Reads all of a blob, and keeps none of it. */
  async pull(digest: string, sizeBytes: number): Promise<void> {
    const answer = await this.#ask({ method: 'GET', path: `/v2/${REPOSITORY}/blobs/${digest}` }, 200);
    if (answer.receivedBytes !== sizeBytes) throw new Error(`Of ${sizeBytes} bytes came ${answer.receivedBytes}.`);
  }

  /** Manifests a second. */
  manifestRate(reference: string, connections: number, forMs: number): Promise<number> {
    const { port, token } = this.#registry;
    const lines = [
      `GET /v2/${REPOSITORY}/manifests/${reference} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Accept: ${MANIFEST_TYPE}`,
      ...(token === undefined ? [] : [`Authorization: Basic ${token}`]),
    ];
    return requestsPerSecond({
      connect: () => connect({ port, host: '127.0.0.1' }),
      request: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`),
      connections,
      forMs,
    });
  }

  async manifestDigest(tag: string): Promise<string> {
    const path = `/v2/${REPOSITORY}/manifests/${tag}`;
    const { answer } = await this.#ask({ method: 'HEAD', path, headers: { Accept: MANIFEST_TYPE } }, 200);
    return String(answer.headers['docker-content-digest']);
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask({ method, path, headers, body }: Asked, status: number): Promise<Answer> {
    const { port, token } = this.#registry;
    const allHeaders = {
      ...headers,
      'Content-Length': body?.length ?? 0,
      ...(token !== undefined && { Authorization: `Basic ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, method, path, agent: this.#agent, headers: allHeaders };
      const asked = request(options, (answer) => {
        let receivedBytes = 0;
        answer.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
        answer.once('error', reject).once('end', () => {
          if (answer.statusCode === status) resolve({ answer, receivedBytes });
          else reject(new Error(`${method} ${path} was answered with ${answer.statusCode}.`));
        });
      });
      asked.once('error', reject).end(body);
    });
  }
}

interface Answer {
  readonly answer: IncomingMessage;
  readonly receivedBytes: number;
}

function locationOf({ answer }: Answer): string {
  const { pathname, search } = new URL(answer.headers.location ?? '', 'http://127.0.0.1');
  return `${pathname}${search}`;
}
