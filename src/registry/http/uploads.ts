import type { UploadName } from '../uploads.ts';
import { isRepositoryName } from '../names.ts';
import { ProtocolError } from './errors.ts';
import { answerEmpty, bodyOf } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { partStartOf } from './range.ts';
import { digestOf } from './route.ts';

/** A client that names no source has so many tried for it. */
const MOST_SOURCES = 10;

/** POST: mounts a blob of another repository, takes one in whole, or begins an upload. */
export async function startUpload(exchange: Exchange, name: string): Promise<void> {
  const { query, registry, scope, res } = exchange;
  const mount = query.get('mount');
  if (mount !== null && (await tryMount(exchange, name, digestOf(mount)))) {
    answerCreated(exchange, name, digestOf(mount));
    return;
  }
  const given = query.get('digest');
  if (given !== null) {
    const digest = digestOf(given);
    await registry.uploads.whole(scope, name, digest, bodyOf(exchange.req));
    answerCreated(exchange, name, digest);
    return;
  }
  const id = await registry.uploads.start(scope, name);
  answerEmpty(res, 202, progressHeaders(name, id, 0));
}

export async function getUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const size = await exchange.registry.uploads.size(uploadOf(exchange, name, id));
  answerEmpty(exchange.res, 204, progressHeaders(name, id, size));
}

export async function patchUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const size = await exchange.registry.uploads.append(uploadOf(exchange, name, id), partOf(exchange));
  answerEmpty(exchange.res, 202, progressHeaders(name, id, size));
}

/** PUT: the last part, if there is one, and the digest of the whole. */
export async function completeUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const given = exchange.query.get('digest');
  if (given === null) throw new ProtocolError(400, 'DIGEST_INVALID', 'The query parameter digest is missing');
  const digest = digestOf(given);
  const hasBody = exchange.req.headers['content-length'] !== '0';
  const upload = uploadOf(exchange, name, id);
  await exchange.registry.uploads.complete(upload, digest, hasBody ? partOf(exchange) : undefined);
  answerCreated(exchange, name, digest);
}

export async function cancelUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  await exchange.registry.uploads.cancel(uploadOf(exchange, name, id));
  answerEmpty(exchange.res, 204);
}

/** Where an upload stands, for a client whose part did not fit. */
export function progressHeaders(name: string, id: string, size: number) {
  return {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

/**
 * From the repository `from`, or, if the client names none, from any. Where the caller may not pull it, the client
 * pushes the blob itself.
 */
async function tryMount(exchange: Exchange, name: string, digest: string): Promise<boolean> {
  const from = exchange.query.get('from');
  const { links } = exchange.registry;
  const sources = from === null ? await links.holders(exchange.scope, digest, MOST_SOURCES) : [from];
  for (const source of sources.filter(isRepositoryName)) {
    if (!(await exchange.may('ecr:GetDownloadUrlForLayer', source))) continue;
    if (await links.mount(exchange.scope, name, source, digest)) return true;
  }
  return false;
}

function answerCreated(exchange: Exchange, name: string, digest: string): void {
  const headers = { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest };
  answerEmpty(exchange.res, 201, headers);
}

function uploadOf(exchange: Exchange, repository: string, id: string): UploadName {
  return { scope: exchange.scope, repository, id };
}

function partOf({ req }: Exchange) {
  return { body: bodyOf(req), start: partStartOf(req.headers['content-range'], req.headers['content-length']) };
}
