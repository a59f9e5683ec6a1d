import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx } from '../../store/store.ts';
import { isDigest, parseDigest } from '../digest.ts';
import { MAX_MANIFEST_BYTES, isKnownManifestType, parseManifest } from '../manifest.ts';
import type { Manifest } from '../manifest.ts';
import { isTag } from '../names.ts';
import type { RegistryRepository } from '../repository.ts';
import type { ManifestRow } from '../tables.ts';
import { isHeld } from './conditional.ts';
import { ProtocolError } from './errors.ts';
import { answerEmpty, answerHeld, answerText, bodyOf } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** In one request, beside the one in its path. */
const MOST_TAGS = 100;

/** The manifest goes out as it came in, whatever types the client says it accepts. */
export async function getManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, req, res } = exchange;
  const { row, body } = await registry.reads.read(async (tx) => {
    const row = await pullable(exchange, tx, await registry.repository(tx, scope, name), reference);
    return { row, body: await registry.images.bodyOf(tx, row) };
  });
  if (isHeld(req.headers['if-none-match'], row.digest)) return answerHeld(res, headersOf(row));
  answerText(res, 200, row.mediaType, body, headersOf(row));
  exchange.pulled(row);
}

export async function headManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, req, res } = exchange;
  const row = await registry.reads.read(async (tx) =>
    pullable(exchange, tx, await registry.repository(tx, scope, name), reference),
  );
  if (isHeld(req.headers['if-none-match'], row.digest)) return answerHeld(res, headersOf(row));
  const described = { 'Content-Type': row.mediaType, 'Content-Length': row.sizeBytes };
  res.writeHead(200, { ...described, ...headersOf(row) }).end();
}

/** By tag, or by digest with any number of tags in the query: all of them, or none. */
export async function putManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { registry, scope, now, query, res } = exchange;
  // Says so before it reads: a client should learn of a missing repository, not of its body.
  await registry.store.read((tx) => registry.repository(tx, scope, name));
  const added = tagsOf(query);
  const manifest = await manifestOf(exchange, name, reference);
  const tags = isDigest(reference) ? added : [reference, ...added];
  const subjectIsMissing = await registry.store.write(async (tx) => {
    const repository = await registry.repository(tx, scope, name);
    for (const tag of tags.length > 0 ? tags : [undefined]) {
      await registry.images.put(tx, repository, manifest, { tag, now });
    }
    return manifest.subject !== undefined && !(await registry.images.find(tx, repository, manifest.subject));
  });
  const warnings = warningsOf(manifest, subjectIsMissing);
  answerEmpty(res, 201, {
    Location: `/v2/${name}/manifests/${manifest.digest}`,
    'Docker-Content-Digest': manifest.digest,
    ...(manifest.subject !== undefined && { 'OCI-Subject': manifest.subject }),
    ...(added.length > 0 && { 'OCI-Tag': added.join(', ') }),
    ...(warnings.length > 0 && { Warning: warnings.map((text) => `299 - "${text}"`).join(', ') }),
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

/**
 * What a reference names, unless it is in the archive: ECR answers 404 for that.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
 */
async function pullable(
  { registry: { images } }: Exchange,
  tx: ReadTx,
  repository: RegistryRepository,
  reference: string,
): Promise<ManifestRow> {
  const row = await images.find(tx, repository, reference);
  if (!row) throw unknownManifest();
  if (!images.isArchived(row)) return row;
  throw new ServiceError(
    'ImageNotFoundException',
    'Requested image is archived: restore it, or push it again, to pull it',
  );
}

/**
 * The tags that a push by digest brings along.
 * @throws ProtocolError TAG_INVALID
 */
function tagsOf(query: URLSearchParams): string[] {
  const tags = [...new Set(query.getAll('tag'))];
  const noTag = tags.find((tag) => !isTag(tag));
  if (noTag !== undefined) throw new ProtocolError(400, 'TAG_INVALID', `'${noTag}' is not a tag`);
  if (tags.length <= MOST_TAGS) return tags;
  throw new ProtocolError(414, 'TAG_INVALID', `A push must not bring more than ${MOST_TAGS} tags`);
}

/** Reads the body of a PUT. */
async function manifestOf({ req, scope }: Exchange, name: string, reference: string): Promise<Manifest> {
  const type = req.headers['content-type']?.split(';')[0]?.trim();
  const manifest = parseManifest(await bytesOf(req), type, parseDigest(reference)?.algorithm);
  if (!isDigest(reference) || reference === manifest.digest) return manifest;
  throw new ServiceError(
    'ImageDigestDoesNotMatchException',
    `The image with digest '${reference}' in repository '${name}' and registry ID '${scope.account}' does not match the image digest that Amazon ECR has calculated.`,
  );
}

/** What a client may want to tell its user: `Warning` headers of the specification. Nothing of it holds a quote. */
function warningsOf(manifest: Manifest, subjectIsMissing: boolean): string[] {
  return [
    ...(subjectIsMissing ? [`The subject ${manifest.subject} is not in this repository.`] : []),
    ...(isKnownManifestType(manifest.mediaType)
      ? []
      : [`The type ${manifest.mediaType} is not known here: the manifest is kept as it is.`]),
  ];
}

function headersOf(row: ManifestRow) {
  return { 'Docker-Content-Digest': row.digest, ETag: `"${row.digest}"` };
}

function unknownManifest(): ServiceError {
  return new ServiceError('ImageNotFoundException', 'Requested image not found');
}

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_MANIFEST_BYTES) throw tooBig();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(req)) {
    length += chunk.length;
    if (length > MAX_MANIFEST_BYTES) throw tooBig();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooBig(): ProtocolError {
  return new ProtocolError(413, 'SIZE_INVALID', `A manifest must not exceed ${MAX_MANIFEST_BYTES} bytes`);
}
