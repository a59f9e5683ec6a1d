import { pipeline } from 'node:stream/promises';
import type { PullThroughCache } from '../pull-through/pull-through-cache.ts';
import { PullRefused } from '../pull-through/upstream.ts';
import type { Pull } from '../pull-through/upstream.ts';
import { ProtocolError } from './errors.ts';
import { answerText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './route.ts';

export type UpstreamPort = Pick<PullThroughCache, 'manifest' | 'blob'>;

/** Answers a pull of what is in another registry and not here yet; false leaves it to the registry. */
export async function servedFromUpstream(
  exchange: Exchange,
  route: Route,
  cache: UpstreamPort,
  refusalOf: (action: string, name: string) => Promise<string | undefined>,
): Promise<boolean> {
  const { method } = exchange.req;
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (route.kind !== 'manifest' && route.kind !== 'blob') return false;
  const { name } = route;
  const pull: Pull = { ...exchange.scope, name, refusal: (action) => refusalOf(action, name) };
  try {
    if (route.kind === 'manifest') return await serveManifest(exchange, pull, route.reference, cache);
    // With HEAD a push asks what it need not send: that is what is here, and nothing else.
    if (method === 'GET') return await serveBlob(exchange, pull, route.digest, cache);
  } catch (error) {
    if (!(error instanceof PullRefused)) throw error;
    if (method === 'GET') throw new ProtocolError(403, 'DENIED', error.message);
  }
  return false;
}

async function serveManifest({ res }: Exchange, pull: Pull, reference: string, cache: UpstreamPort): Promise<boolean> {
  const found = await cache.manifest(pull, reference);
  if (!found) return false;
  answerText(res, 200, found.mediaType, found.body, headersOf(found.digest));
  return true;
}

async function serveBlob({ res }: Exchange, pull: Pull, digest: string, cache: UpstreamPort): Promise<boolean> {
  const found = await cache.blob(pull, digest);
  if (!found) return false;
  const type = 'application/octet-stream';
  res.writeHead(200, { ...headersOf(digest), 'Content-Type': type, 'Content-Length': found.sizeBytes });
  await pipeline(found.body, res);
  return true;
}

function headersOf(digest: string) {
  return { 'Docker-Content-Digest': digest, ETag: `"${digest}"` };
}
