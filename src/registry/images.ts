import { ServiceError } from '../kernel/errors.ts';
import type { ReadTx, Stored, WriteTx } from '../store/store.ts';
import { isDigest } from './digest.ts';
import type { Manifest } from './manifest.ts';
import type { RegistryRepository } from './repository.ts';
import {
  atDigest,
  atTag,
  blobLinks,
  imports,
  manifestBodies,
  manifests,
  pulls,
  tags,
  uploads,
  upstreamTags,
} from './tables.ts';
import type { ManifestRow, TagRow } from './tables.ts';

/** A base layer may be in thousands of images. */
const ROWS_AT_A_TIME = 50;

/*
 * The manifests and tags of a repository. Every function works inside the caller's transaction, so what it checks
 * still holds when it writes. Errors are ECR's; registry/http says them in the distribution protocol's words.
 */

interface Put {
  readonly manifest: ManifestRow;
  /** False if the repository had this manifest before. */
  readonly isNew: boolean;
  /** False if the tag pointed to it before, or none was given. */
  readonly isTagged: boolean;
  /** Pushing an archived image takes it out of the archive. */
  readonly isRestored: boolean;
}

/**
 * Adds a manifest whose blobs and images are all in the repository, and points `tag` to it.
 * @throws ServiceError LayersNotFoundException, ReferencedImagesNotFoundException, ImageTagAlreadyExistsException
 */
export async function put(
  tx: WriteTx,
  repository: RegistryRepository,
  manifest: Manifest,
  options: { tag?: string | undefined; now: number },
): Promise<Put> {
  const known = await tx.get(manifests, atDigest(repository.key, manifest.digest));
  const isRestored = known !== undefined && isArchived(known);
  const row = known ? await setStorageClass(tx, known, 'STANDARD', options.now) : undefined;
  const put = row ?? (await add(tx, repository, manifest, options.now));
  if (!known) await repository.pushed?.(tx, put);
  const isTagged = options.tag !== undefined && (await tag(tx, repository, options.tag, put.digest, options.now));
  return { manifest: put, isNew: !known, isTagged, isRestored };
}

export function isArchived(manifest: ManifestRow): boolean {
  return manifest.storageClass === 'ARCHIVE';
}

/** Archives an image or restores it, at once. An image that is where it should be stays as it is. */
export async function setStorageClass(
  tx: WriteTx,
  manifest: Stored<ManifestRow>,
  storageClass: NonNullable<ManifestRow['storageClass']>,
  now: number,
): Promise<Stored<ManifestRow>> {
  if (isArchived(manifest) === (storageClass === 'ARCHIVE')) return manifest;
  const moved = storageClass === 'ARCHIVE' ? { lastArchivedAtMs: now } : { lastActivatedAtMs: now };
  return tx.put(manifests, { ...manifest, storageClass, ...moved });
}

/** Finds a manifest by its digest or its tag. */
export async function find(
  tx: ReadTx,
  repository: RegistryRepository,
  reference: string,
): Promise<Stored<ManifestRow> | undefined> {
  const digest = isDigest(reference) ? reference : (await tx.get(tags, atTag(repository.key, reference)))?.digest;
  return digest === undefined ? undefined : tx.get(manifests, atDigest(repository.key, digest));
}

/** The manifest as it was pushed, byte for byte. */
export async function bodyOf(tx: ReadTx, manifest: ManifestRow): Promise<string> {
  const row = await tx.get(manifestBodies, atDigest(manifest.repository, manifest.digest));
  if (!row) throw new Error(`Manifest ${manifest.digest} has no body.`);
  return row.body;
}

/** In ascending order of digest. */
export function list(
  tx: ReadTx,
  repository: RegistryRepository,
  page: { after?: string; limit?: number } = {},
): Promise<Stored<ManifestRow>[]> {
  const { after, limit } = page;
  return tx.list(manifests, {
    prefix: atDigest(repository.key, ''),
    ...(after !== undefined && { after: atDigest(repository.key, after) }),
    ...(limit !== undefined && { limit }),
  });
}

/** In ascending order of tag. */
export function listTags(
  tx: ReadTx,
  repository: RegistryRepository,
  page: { after?: string | undefined; limit?: number | undefined } = {},
): Promise<Stored<TagRow>[]> {
  const { after, limit } = page;
  return tx.list(tags, {
    prefix: atTag(repository.key, ''),
    ...(after !== undefined && { after: atTag(repository.key, after) }),
    ...(limit !== undefined && { limit }),
  });
}

export async function tagsOf(tx: ReadTx, manifest: ManifestRow): Promise<string[]> {
  return (await tagRowsOf(tx, manifest)).map((row) => row.tag);
}

export function tagRowsOf(tx: ReadTx, manifest: ManifestRow): Promise<Stored<TagRow>[]> {
  return tx.list(tags, { where: ['manifest', atDigest(manifest.repository, manifest.digest)] });
}

/** The digests of the indexes that hold this image. */
export async function indexesOf(tx: ReadTx, manifest: ManifestRow): Promise<string[]> {
  const rows = await tx.list(manifests, { where: ['child', atDigest(manifest.repository, manifest.digest)] });
  return rows.map((row) => row.digest).filter((digest) => digest !== manifest.digest);
}

/** Of those, the ones that can be pulled. */
export async function activeIndexesOf(tx: ReadTx, manifest: ManifestRow): Promise<string[]> {
  const rows = await tx.list(manifests, { where: ['child', atDigest(manifest.repository, manifest.digest)] });
  return rows.filter((row) => row.digest !== manifest.digest && !isArchived(row)).map((row) => row.digest);
}

/** The manifests that say something about this digest, which need not be there; in ascending order of digest. */
export function referrersOf(
  tx: ReadTx,
  repository: RegistryRepository,
  subject: string,
): Promise<Stored<ManifestRow>[]> {
  return tx.list(manifests, { where: ['subject', atDigest(repository.key, subject)] });
}

/** An image that is made of this blob: one that can be pulled, if there is one, else an archived one. */
export async function imageOfBlob(
  tx: ReadTx,
  repository: RegistryRepository,
  digest: string,
): Promise<Stored<ManifestRow> | undefined> {
  const where = ['blob', atDigest(repository.key, digest)] as const;
  let archived: Stored<ManifestRow> | undefined;
  for (let after = ''; ;) {
    const page = await tx.list(manifests, { where, after, limit: ROWS_AT_A_TIME });
    const active = page.find((image) => !isArchived(image));
    const last = page.at(-1);
    archived ??= last;
    if (active || !last) return active ?? archived;
    after = atDigest(last.repository, last.digest);
  }
}

/** Removes a manifest and all its tags. Its blobs go when nothing has used them for a while: see collect.ts. */
export async function remove(tx: WriteTx, manifest: ManifestRow): Promise<void> {
  const indexes = await indexesOf(tx, manifest);
  if (indexes.length > 0) {
    throw new ServiceError(
      'ImageReferencedByManifestList',
      `Requested image referenced by manifest list: [${indexes.join(', ')}]`,
    );
  }
  const key = atDigest(manifest.repository, manifest.digest);
  for (const tag of await tagsOf(tx, manifest)) await tx.delete(tags, atTag(manifest.repository, tag));
  await tx.delete(manifestBodies, key);
  await tx.delete(pulls, key);
  await tx.delete(manifests, key);
}

/** Removes a tag, and leaves its image. */
export function untag(tx: WriteTx, repository: RegistryRepository, tag: string): Promise<void> {
  return tx.delete(tags, atTag(repository.key, tag));
}

export async function isEmpty(tx: ReadTx, repository: RegistryRepository): Promise<boolean> {
  return (await list(tx, repository, { limit: 1 })).length === 0;
}

/** Forgets all that a repository held, with the deletion of the repository itself in one transaction. */
export async function erase(tx: WriteTx, repository: RegistryRepository): Promise<void> {
  for (const row of await listTags(tx, repository)) await tx.delete(tags, atTag(row.repository, row.tag));
  for (const row of await list(tx, repository)) {
    await tx.delete(manifestBodies, atDigest(row.repository, row.digest));
    await tx.delete(pulls, atDigest(row.repository, row.digest));
    await tx.delete(manifests, atDigest(row.repository, row.digest));
  }
  for (const row of await tx.list(blobLinks, { prefix: atDigest(repository.key, '') })) {
    await tx.delete(blobLinks, atDigest(row.repository, row.digest));
  }
  for (const row of await tx.list(uploads, { where: ['repository', repository.key] })) await tx.delete(uploads, row.id);
  for (const row of await tx.list(imports, { where: ['repository', repository.key] })) {
    await tx.delete(imports, atDigest(row.repository, row.digest));
  }
  for (const row of await tx.list(upstreamTags, { prefix: atTag(repository.key, '') })) {
    await tx.delete(upstreamTags, atTag(row.repository, row.tag));
  }
}

async function add(
  tx: WriteTx,
  repository: RegistryRepository,
  manifest: Manifest,
  now: number,
): Promise<Stored<ManifestRow>> {
  const { body, ...described } = manifest;
  const blobSizes = await blobSizesOf(tx, repository, manifest.blobs);
  const imageSizes = await imageSizesOf(tx, repository, manifest.manifests);
  const blobsBytes = blobSizes.reduce((sum, size) => sum + size, 0);
  const row = { ...described, repository: repository.key, pushedAtMs: now };
  await tx.put(manifestBodies, { repository: repository.key, digest: manifest.digest, body });
  return tx.put(manifests, { ...row, imageSizeBytes: Math.max(blobsBytes, ...imageSizes) });
}

async function blobSizesOf(tx: ReadTx, repository: RegistryRepository, digests: readonly string[]): Promise<number[]> {
  const links = await Promise.all(digests.map((digest) => tx.get(blobLinks, atDigest(repository.key, digest))));
  const missing = digests.filter((_, i) => !links[i]);
  if (missing.length > 0) throw required('LayersNotFoundException', 'Layers', missing, repository);
  return links.map((link) => link?.sizeBytes ?? 0);
}

async function imageSizesOf(tx: ReadTx, repository: RegistryRepository, digests: readonly string[]): Promise<number[]> {
  const images = await Promise.all(digests.map((digest) => tx.get(manifests, atDigest(repository.key, digest))));
  const missing = digests.filter((_, i) => !images[i]);
  if (missing.length > 0) throw required('ReferencedImagesNotFoundException', 'Images', missing, repository);
  return images.map((image) => image?.imageSizeBytes ?? 0);
}

/** Answers false if the tag was there already. */
async function tag(
  tx: WriteTx,
  repository: RegistryRepository,
  name: string,
  digest: string,
  now: number,
): Promise<boolean> {
  const current = await tx.get(tags, atTag(repository.key, name));
  if (current?.digest === digest) return false;
  if (current && !repository.isMutable(name)) {
    throw new ServiceError(
      'ImageTagAlreadyExistsException',
      `The image tag '${name}' already exists in the '${repository.name}' repository and cannot be overwritten because the repository is immutable.`,
    );
  }
  await tx.put(tags, { ...current, repository: repository.key, tag: name, digest, taggedAtMs: now });
  return true;
}

function required(code: string, noun: string, digests: readonly string[], repository: RegistryRepository) {
  return new ServiceError(
    code,
    `${noun} with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.account}' do not exist`,
  );
}
