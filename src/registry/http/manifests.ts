import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../kernel/errors.ts';
import { isDigest, parseDigest } from '../digest.ts';
import { MAX_MANIFEST_BYTES, parseManifest } from '../manifest.ts';
import type { ManifestRow } from '../tables.ts';
import { ProtocolError } from './errors.ts';
import { answerEmpty, answerText, bodyOf } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** GET and HEAD. The manifest goes out as it came in, whatever types the client says it accepts. */
export async function getManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, res } = exchange;
  const { row, body } = await registry.store.read(async (tx) => {
    const repository = await registry.repository(tx, scope, name);
    const row = await registry.images.find(tx, repository, reference);
    if (!row) throw unknownManifest();
    return { row, body: await registry.images.bodyOf(tx, row) };
  });
  answerText(res, 200, row.mediaType, body, headersOf(row));
}

export async function putManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, now, req, res } = exchange;
  // Says so before it reads: a client should learn of a missing repository, not of its body.
  await registry.store.read((tx) => registry.repository(tx, scope, name));
  const digest = isDigest(reference) ? reference : undefined;
  const type = req.headers['content-type']?.split(';')[0]?.trim();
  const manifest = parseManifest(await bytesOf(req), type, parseDigest(reference)?.algorithm);
  if (digest !== undefined && digest !== manifest.digest) {
    throw new ServiceError(
      'ImageDigestDoesNotMatchException',
      `The image with digest '${digest}' in repository '${name}' and registry ID '${scope.account}' does not match the image digest that Amazon ECR has calculated.`,
    );
  }
  const tag = digest === undefined ? reference : undefined;
  const put = await registry.store.write(async (tx) =>
    registry.images.put(tx, await registry.repository(tx, scope, name), manifest, { tag, now }),
  );
  answerEmpty(res, 201, {
    Location: `/v2/${name}/manifests/${put.manifest.digest}`,
    'Docker-Content-Digest': put.manifest.digest,
  });
}

/** By digest, the image with all its tags; by tag, the tag only. */
export async function deleteManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, res } = exchange;
  await registry.store.write(async (tx) => {
    const repository = await registry.repository(tx, scope, name);
    const row = await registry.images.find(tx, repository, reference);
    if (!row) throw unknownManifest();
    if (isDigest(reference)) await registry.images.remove(tx, row);
    else await registry.images.untag(tx, repository, reference);
  });
  answerEmpty(res, 202);
}

function headersOf(row: ManifestRow) {
  return { 'Docker-Content-Digest': row.digest, ETag: `"${row.digest}"` };
}

function unknownManifest(): ServiceError {
  return new ServiceError('ImageNotFoundException', 'Requested image not found');
}

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(req)) {
    length += chunk.length;
    if (length > MAX_MANIFEST_BYTES) {
      throw new ProtocolError(413, 'SIZE_INVALID', `A manifest must not exceed ${MAX_MANIFEST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
