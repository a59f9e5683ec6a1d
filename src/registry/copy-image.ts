import type { WriteTx } from '../store/store.ts';
import { parseDigest } from './digest.ts';
import { bodyOf, put } from './images.ts';
import { linkBlob } from './links.ts';
import { parseManifest } from './manifest.ts';
import type { RegistryRepository } from './repository.ts';
import { atDigest, blobLinks, manifests } from './tables.ts';
import type { ManifestRow } from './tables.ts';

/**
 * Makes an image one of another repository too, with all that it is made of: rows and links, no bytes. Answers the
 * digests of the manifests that the other did not have.
 * @throws ServiceError ImageTagAlreadyExistsException
 */
export async function copyImage(
  tx: WriteTx,
  image: ManifestRow,
  target: RegistryRepository,
  options: { readonly tag?: string | undefined; readonly now: number },
): Promise<string[]> {
  const added: string[] = [];
  for (const digest of image.manifests) {
    const child = await tx.get(manifests, atDigest(image.repository, digest));
    if (child) added.push(...(await copyImage(tx, child, target, { now: options.now })));
  }
  for (const digest of image.blobs) {
    const link = await tx.get(blobLinks, atDigest(image.repository, digest));
    if (link) await linkBlob(tx, target, { digest, sizeBytes: link.sizeBytes }, options.now);
  }
  const body = Buffer.from(await bodyOf(tx, image));
  const manifest = parseManifest(body, image.mediaType, parseDigest(image.digest)?.algorithm);
  const { isNew } = await put(tx, target, manifest, options);
  return isNew ? [...added, image.digest] : added;
}
