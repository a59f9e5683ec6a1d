import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';

const TOKEN = 'a-token-of-the-upstream';

/** Somebody else's registry on loopback, as Docker Hub is one: whoever asks gets a token to pull with. */
export interface OtherRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** `METHOD path` of every request, in order. */
  readonly requests: string[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param folder an image as `skopeo copy docker-daemon:IMAGE dir:FOLDER` writes it
 * @param login who alone gets a token; left out, everybody does
 */
export async function serveImage(
  folder: string,
  repository: string,
  tag: string,
  login?: { readonly username: string; readonly password: string },
): Promise<OtherRegistry> {
  const [port = 0] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const requests: string[] = [];
  const manifest = await readFile(join(folder, 'manifest.json'));
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  const { mediaType } = JSON.parse(manifest.toString());
  const basic = login && `Basic ${btoa(`${login.username}:${login.password}`)}`;
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    answer(req, res).catch(() => res.destroy());
  });
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname } = new URL(req.url ?? '', `http://${host}`);
    if (pathname === '/token' && basic !== undefined && req.headers.authorization !== basic) {
      res.writeHead(401).end();
      return;
    }
    if (pathname === '/token') {
      res.writeHead(200).end(JSON.stringify({ token: TOKEN, expires_in: 300 }));
      return;
    }
    if (req.headers.authorization !== `Bearer ${TOKEN}`) {
      const scope = `repository:${repository}:pull`;
      const challenge = `Bearer realm="http://${host}/token",service="${host}",scope="${scope}"`;
      res.writeHead(401, { 'WWW-Authenticate': challenge }).end();
      return;
    }
    const references = [tag, digest].map((reference) => `/v2/${repository}/manifests/${reference}`);
    const layer = /\/blobs\/sha256:([0-9a-f]{64})$/.exec(pathname)?.[1];
    if (pathname === '/v2/') {
      res.writeHead(200).end('{}');
    } else if (references.includes(decodeURIComponent(pathname))) {
      const length = { 'Content-Length': manifest.length };
      res.writeHead(200, { 'Content-Type': mediaType, 'Docker-Content-Digest': digest, ...length }).end(manifest);
    } else if (layer !== undefined && pathname.startsWith(`/v2/${repository}/`)) {
      const bytes = await readFile(join(folder, layer));
      res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length }).end(bytes);
    } else {
      res.writeHead(404).end();
    }
  }
  return {
    host,
    requests,
    start: () => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
