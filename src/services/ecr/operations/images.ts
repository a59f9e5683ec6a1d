import type { Image, ImageFailure } from '@aws-sdk/client-ecr';
import { imageAlreadyExists, imageDigestDoesNotMatch, invalidParameter } from '../errors.ts';
import { notFound } from '../domain/image-id.ts';
import { checkImageIds, resolveImage } from '../images.ts';
import { operation } from '../operation.ts';
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
    const manifest = rules.parseManifest(Buffer.from(imageManifest), input.imageManifestMediaType);
    if (imageDigest !== undefined && imageDigest !== manifest.digest) {
      throw imageDigestDoesNotMatch(imageDigest, { account: scope.account, name });
    }
    await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, name);
      const put = await images.put(tx, inRegistry(row), manifest, { tag: imageTag, now: ctx.now });
      if (!put.isNew && !put.isTagged) throw imageAlreadyExists(manifest.digest, imageTag, row);
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

export const BatchGetImage = operation('BatchGetImage', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchGetImage', input);
    const imageIds = checkImageIds(input.imageIds);
    const accepted = input.acceptedMediaTypes ?? [];
    return ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, input.repositoryName ?? '');
      const images: Image[] = [];
      const failures: ImageFailure[] = [];
      for (const imageId of imageIds) {
        const resolved = await resolveImage(ctx, tx, inRegistry(row), imageId);
        if ('failure' in resolved) {
          failures.push(resolved.failure);
          continue;
        }
        const { image } = resolved;
        // AWS would rewrite some manifests into the type that is asked for; a rewritten one has another digest.
        if (accepted.length > 0 && !accepted.includes(image.mediaType)) {
          failures.push(notFound(imageId));
          continue;
        }
        images.push({
          registryId: row.account,
          repositoryName: row.name,
          imageId: { ...imageId, imageDigest: image.digest },
          imageManifest: await ctx.ports.registry.images.bodyOf(tx, image),
          imageManifestMediaType: image.mediaType,
        });
      }
      return { images, failures };
    });
  },
});
