import { invalidParameter, storageClassNotSupported } from '../errors.ts';
import { statusOf } from '../image-status.ts';
import { requireImage } from '../images.ts';
import { operation } from '../operation.ts';
import { requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

/**
 * Archives an image, so that it cannot be pulled, or restores it. Both are done at once, and nothing moves on the disk.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UpdateImageStorageClass.html
 */
export const UpdateImageStorageClass = operation('UpdateImageStorageClass', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'UpdateImageStorageClass', input);
    const { targetStorageClass: target, imageId = {}, repositoryName = '' } = input;
    if (target !== 'STANDARD' && target !== 'ARCHIVE') {
      throw invalidParameter('targetStorageClass', 'Member must satisfy enum value set: [STANDARD, ARCHIVE]');
    }
    const { images } = ctx.ports.registry;
    const moved = await ctx.write(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      const image = await requireImage(ctx, tx, row, imageId);
      if (target === 'ARCHIVE') {
        const indexes = await images.activeIndexesOf(tx, image);
        if (indexes.length > 0) throw storageClassNotSupported(image.digest, indexes);
      }
      return images.setStorageClass(tx, image, target, ctx.now);
    });
    return {
      registryId: scope.account,
      repositoryName,
      imageId: { ...imageId, imageDigest: moved.digest },
      imageStatus: statusOf(moved),
    };
  },
});
