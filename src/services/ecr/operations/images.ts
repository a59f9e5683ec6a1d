import type { Image, ImageFailure } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../../registry/tables.ts';
import { imageAlreadyExists, imageDigestDoesNotMatch, invalidParameter } from '../errors.ts';
import { archived, notFound } from '../domain/image-id.ts';
import { checkImageIds, resolveImage } from '../images.ts';
import { operation } from '../operation.ts';
import { countsAsPull } from '../pull-times.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

/** Adds a manifest whose layers are in the repository already, or another tag to one that is. */
export const PutImage = operation('PutImage', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'PutImage', input);
    const { images, rules } = ctx.ports.registry;
    const { imageTag, imageDigest, imageManifest = '', repositoryName: name = '' } = input;
    if (imageTag !== undefined && !rules.isTag(imageTag)) {
      throw invalidParameter('imageTag', "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9-_.]{0,127}'");
    }
    const manifest = rules.parseManifest(
      Buffer.from(imageManifest),
      input.imageManifestMediaType,
      algorithmOf(imageDigest),
    );
    if (imageDigest !== undefined && imageDigest !== manifest.digest) {
      throw imageDigestDoesNotMatch(imageDigest, { account: scope.account, name });
    }
    await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, name);
      const put = await images.put(tx, inRegistry(row), manifest, { tag: imageTag, now: ctx.now });
      if (!put.isNew && !put.isTagged && !put.isRestored) throw imageAlreadyExists(manifest.digest, imageTag, row);
    });
    return {
      image: {
        registryId: scope.account,
        repositoryName: name,
        imageId: { imageDigest: manifest.digest, ...(imageTag !== undefined && { imageTag }) },
        imageManifest,
        imageManifestMediaType: manifest.mediaType,
      },
    };
  },
});

/** @throws ServiceError InvalidParameterException */
function algorithmOf(imageDigest = 'sha256:'): 'sha256' | 'sha512' {
  const algorithm = imageDigest.split(':')[0];
  if (algorithm === 'sha256' || algorithm === 'sha512') return algorithm;
  throw invalidParameter('imageDigest', 'must be a sha256 or sha512 digest');
}

/**
 * A pull, as the registry's clients make it: it is recorded as one.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
 */
export const BatchGetImage = operation('BatchGetImage', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchGetImage', input);
    const imageIds = checkImageIds(input.imageIds);
    const accepted = input.acceptedMediaTypes ?? [];
    const { pulled, ...answer } = await ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, input.repositoryName ?? '');
      const pulled: ManifestRow[] = [];
      const images: Image[] = [];
      const failures: ImageFailure[] = [];
      for (const imageId of imageIds) {
        const resolved = await resolveImage(ctx, tx, inRegistry(row), imageId);
        if ('failure' in resolved) {
          failures.push(resolved.failure);
          continue;
        }
        const { image } = resolved;
        if (ctx.ports.registry.images.isArchived(image)) {
          failures.push(archived(imageId));
          continue;
        }
        // AWS would rewrite some manifests into the type that is asked for; a rewritten one has another digest.
        if (accepted.length > 0 && !accepted.includes(image.mediaType)) {
          failures.push(notFound(imageId));
          continue;
        }
        pulled.push(image);
        images.push({
          registryId: row.account,
          repositoryName: row.name,
          imageId: { ...imageId, imageDigest: image.digest },
          imageManifest: await ctx.ports.registry.images.bodyOf(tx, image),
          imageManifestMediaType: image.mediaType,
        });
      }
      return { images, failures, pulled };
    });
    const { pulls, store } = ctx.ports.registry;
    if (pulled.length > 0 && (await countsAsPull(store)({ ...scope, principal: ctx.principal }))) {
      for (const image of pulled) pulls.note(image, ctx.now);
    }
    return answer;
  },
});
