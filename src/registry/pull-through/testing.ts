import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { silentLog } from '../../kernel/log.ts';
import { digestOf } from '../digest.ts';
import { IMAGE, imageOf, testRepository } from '../testing.ts';
import type { TestRegistry } from '../testing.ts';
import { PullThroughCache } from './pull-through-cache.ts';

/** Repositories `hub/...` come from `library/...` of the other registry. */
export function openTestCache(
  { registry, clock, repositories }: Pick<TestRegistry, 'registry' | 'clock' | 'repositories'>,
  upstream: FakeUpstream,
): PullThroughCache {
  return new PullThroughCache({
    registry,
    clock,
    log: silentLog,
    upstreams: {
      find: async (_tx, _scope, name) =>
        name.startsWith('hub/') ? { url: upstream.host, repository: `library/${name.slice(4)}` } : undefined,
      openRepository: async (_tx, _scope, name) => {
        const repository = repositories.get(name) ?? testRepository(name);
        repositories.set(name, repository);
        return repository;
      },
    },
  });
}

/** Another registry, as little of one as pulls need, on loopback. */
export interface FakeUpstream {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** By `repository:tag` and `repository@digest`. */
  readonly manifests: Map<string, { mediaType: string; body: string }>;
  readonly blobs: Map<string, string>;
  /** `METHOD path` of every request, in order. */
  readonly requests: string[];
  readonly headers: IncomingMessage['headers'][];
  /** Answers before anything else does, if it answers true. */
  intercept: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** An image whose config and layers have these contents; answers its digest. */
  add(repository: string, tag: string, content: { config: string; layers: readonly string[] }): string;
  put(repository: string, tag: string | undefined, mediaType: string, body: string): string;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<FakeUpstream> {
  const server = createServer((req, res) => {
    upstream.requests.push(`${req.method} ${req.url}`);
    upstream.headers.push(req.headers);
    if (!upstream.intercept(req, res)) answer(upstream, req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const upstream: FakeUpstream = {
    host: `127.0.0.1:${port}`,
    manifests: new Map(),
    blobs: new Map(),
    requests: [],
    headers: [],
    intercept: () => false,
    add(repository, tag, { config, layers }) {
      for (const content of [config, ...layers]) upstream.blobs.set(digestOf(content), content);
      return upstream.put(repository, tag, IMAGE, imageOf(config, layers));
    },
    put(repository, tag, mediaType, body) {
      const digest = digestOf(body);
      upstream.manifests.set(`${repository}@${digest}`, { mediaType, body });
      if (tag !== undefined) upstream.manifests.set(`${repository}:${tag}`, { mediaType, body });
      return digest;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return upstream;
}

function answer({ manifests, blobs }: FakeUpstream, req: IncomingMessage, res: ServerResponse): void {
  const [, repository = '', kind, reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(decodeURIComponent(req.url ?? '')) ?? [];
  if (kind === undefined) {
    res.writeHead(req.url === '/v2/' ? 200 : 404).end();
    return;
  }
  const manifest = manifests.get(`${repository}${reference.includes(':') ? '@' : ':'}${reference}`);
  const body = kind === 'blobs' ? blobs.get(reference) : manifest?.body;
  if (body === undefined) {
    res.writeHead(404).end();
    return;
  }
  const type = kind === 'blobs' ? 'application/octet-stream' : (manifest?.mediaType ?? '');
  res.writeHead(200, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Docker-Content-Digest': digestOf(body),
  });
  res.end(body);
}
