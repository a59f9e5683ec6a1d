import type { ImageDetail, ImageIdentifier } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../../registry/tables.ts';
import type { ReadTx } from '../../../store/store.ts';
import { imageNotFound, invalidParameter } from '../errors.ts';
import { checkStatus, statusOf } from '../image-status.ts';
import { checkImageIds, resolveImage } from '../images.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { scanOf } from '../scans.ts';
import { registryOf, repositoryResource } from '../scope.ts';
import type { RepositoryRow } from '../tables.ts';
import { imageView } from '../views.ts';

interface TaggedImage {
  readonly image: ManifestRow;
  readonly tags: readonly string[];
}

interface Filter {
  readonly tagStatus?: string | undefined;
  readonly imageStatus?: string | undefined;
}

/** One entry for each tag, and one for each image that has none. */
export const ListImages = operation('ListImages', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'ListImages', input);
    const wanted = filterOf(input.filter);
    const images = await ctx.read(async (tx) =>
      taggedImages(ctx, tx, await requireRepository(tx, scope, input.repositoryName ?? '')),
    );
    const imageIds = images
      .filter(wanted)
      .flatMap(({ image, tags }): ImageIdentifier[] =>
        tags.length > 0
          ? tags.map((imageTag) => ({ imageDigest: image.digest, imageTag }))
          : [{ imageDigest: image.digest }],
      );
    const page = pageOf(imageIds, (imageId) => `${imageId.imageDigest} ${imageId.imageTag ?? ''}`, input);
    return { imageIds: [...page.items], ...(page.nextToken !== undefined && { nextToken: page.nextToken }) };
  },
});

export const DescribeImages = operation('DescribeImages', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribeImages', input);
    const { imageIds } = input;
    // What is named is described, archived or not, unless the caller says which it wants.
    const wanted = filterOf(input.filter, imageIds ? 'ANY' : 'ACTIVE');
    if (imageIds !== undefined) refusePaging(input, 'imageIds');
    return ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, input.repositoryName ?? '');
      const images = imageIds
        ? await namedImages(ctx, tx, row, checkImageIds(imageIds))
        : await taggedImages(ctx, tx, row);
      const kept = images.filter(wanted);
      const page = imageIds ? { items: kept } : pageOf(kept, ({ image }) => image.digest, input);
      const imageDetails: ImageDetail[] = [];
      for (const { image, tags } of page.items) {
        const pulledAtMs = await ctx.ports.registry.images.pulledAt(tx, image);
        imageDetails.push(imageView(image, row, { tags, pulledAtMs, scan: await scanOf(tx, image) }));
      }
      return { imageDetails, ...(page.nextToken !== undefined && { nextToken: page.nextToken }) };
    });
  },
});

/** All images of a repository, by digest, with their tags. */
async function taggedImages(ctx: EcrContext, tx: ReadTx, row: RepositoryRow): Promise<TaggedImage[]> {
  const { images } = ctx.ports.registry;
  const tags = Map.groupBy(await images.listTags(tx, inRegistry(row)), (tag) => tag.digest);
  const manifests = await images.list(tx, inRegistry(row));
  return manifests.map((image) => ({ image, tags: (tags.get(image.digest) ?? []).map(({ tag }) => tag) }));
}

async function namedImages(
  ctx: EcrContext,
  tx: ReadTx,
  row: RepositoryRow,
  imageIds: readonly ImageIdentifier[],
): Promise<TaggedImage[]> {
  const found = new Map<string, TaggedImage>();
  for (const imageId of imageIds) {
    const resolved = await resolveImage(ctx, tx, inRegistry(row), imageId);
    if (!('failure' in resolved)) {
      const tags = await ctx.ports.registry.images.tagsOf(tx, resolved.image);
      found.set(resolved.image.digest, { image: resolved.image, tags });
      continue;
    }
    const { failureCode, failureReason = '' } = resolved.failure;
    if (failureCode === 'ImageNotFound' || failureCode === 'ImageTagDoesNotMatchDigest') {
      throw imageNotFound(imageId, row);
    }
    throw invalidParameter('imageIds', failureReason);
  }
  return [...found.values()];
}

/** @throws ServiceError InvalidParameterException */
function filterOf(filter: Filter | undefined, standardStatus = 'ACTIVE'): (image: TaggedImage) => boolean {
  const { tagStatus = 'ANY', imageStatus = standardStatus } = filter ?? {};
  if (!['TAGGED', 'UNTAGGED', 'ANY'].includes(tagStatus)) {
    throw invalidParameter('filter.tagStatus', 'Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]');
  }
  const isWanted = checkStatus('filter.imageStatus', imageStatus);
  return ({ image, tags }) =>
    isWanted(statusOf(image)) && (tagStatus === 'ANY' || (tagStatus === 'TAGGED') === tags.length > 0);
}
