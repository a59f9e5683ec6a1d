import type { ImageIdentifier, LifecyclePolicyPreviewResult, LifecyclePolicyPreviewSummary } from '@aws-sdk/client-ecr';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { parseLifecyclePolicy } from '../domain/lifecycle-policy.ts';
import {
  invalidParameter,
  lifecyclePolicyNotFound,
  lifecyclePreviewInProgress,
  lifecyclePreviewNotFound,
} from '../errors.ts';
import { checkImageIds } from '../images.ts';
import { operation } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';
import { lifecyclePreviews, repositoryKey } from '../tables.ts';
import type { LifecyclePreviewRow, PreviewedImage, RepositoryRow } from '../tables.ts';

const MOST_RESULTS = 100;
const TAG_STATUSES = ['TAGGED', 'UNTAGGED', 'ANY'];

/** What a policy would take now; the repository's own where none is given. A reconciler completes it. */
export const StartLifecyclePolicyPreview = operation('StartLifecyclePolicyPreview', {
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'StartLifecyclePolicyPreview', input);
    const name = input.repositoryName ?? '';
    const given =
      input.lifecyclePolicyText === undefined ? undefined : parseLifecyclePolicy(input.lifecyclePolicyText).text;
    const policy = await ctx.write(async (tx) => {
      const repository = await requireRepository(tx, scope, name);
      const policy = given ?? repository.lifecycle?.policy;
      if (policy === undefined) throw lifecyclePolicyNotFound(repository);
      const before = await previewOf(tx, repository);
      if (before && !before.images) throw lifecyclePreviewInProgress(repository);
      const key = repositoryKey(repository, name);
      await tx.delete(lifecyclePreviews, key);
      const { account, region, createdAtMs: repositoryCreatedAtMs } = repository;
      await tx.put(lifecyclePreviews, { account, region, name, id: ctx.requestId, repositoryCreatedAtMs, policy });
      return policy;
    });
    return {
      registryId: scope.account,
      repositoryName: name,
      lifecyclePolicyText: policy,
      status: 'IN_PROGRESS' as const,
    };
  },
});

export const GetLifecyclePolicyPreview = operation('GetLifecyclePolicyPreview', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'GetLifecyclePolicyPreview', input);
    const { imageIds, maxResults = MOST_RESULTS, nextToken } = input;
    if (imageIds !== undefined) refusePaging(input, 'imageIds');
    if (maxResults > MOST_RESULTS) {
      throw invalidParameter('maxResults', `Member must have value between 1 and ${MOST_RESULTS}`);
    }
    const isOfStatus = statusFilter(input.filter?.tagStatus);
    const isNamed = imageIds === undefined ? () => true : named(checkImageIds(imageIds));
    const preview = await ctx.read(async (tx) => {
      const repository = await requireRepository(tx, scope, input.repositoryName ?? '');
      const found = await previewOf(tx, repository);
      if (!found) throw lifecyclePreviewNotFound(repository);
      return found;
    });
    const kept = (preview.images ?? []).filter((image) => isOfStatus(image) && isNamed(image)).toSorted(byKey);
    const page = imageIds ? { items: kept } : pageOf(kept, keyOf, { maxResults, nextToken });
    return {
      registryId: scope.account,
      repositoryName: preview.name,
      lifecyclePolicyText: preview.policy,
      status: preview.images ? ('COMPLETE' as const) : ('IN_PROGRESS' as const),
      previewResults: page.items.map(resultView),
      ...(preview.images && { summary: summaryOf(preview.images) }),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },
});

/** Undefined for one of an earlier repository of the same name. */
async function previewOf(tx: ReadTx, repository: RepositoryRow): Promise<Stored<LifecyclePreviewRow> | undefined> {
  const found = await tx.get(lifecyclePreviews, repositoryKey(repository, repository.name));
  return found?.repositoryCreatedAtMs === repository.createdAtMs ? found : undefined;
}

function statusFilter(tagStatus = 'ANY'): (image: PreviewedImage) => boolean {
  if (!TAG_STATUSES.includes(tagStatus)) {
    throw invalidParameter('filter.tagStatus', `Member must satisfy enum value set: [${TAG_STATUSES.join(', ')}]`);
  }
  return ({ tags }) => tagStatus === 'ANY' || (tagStatus === 'TAGGED') === tags.length > 0;
}

function named(imageIds: readonly ImageIdentifier[]): (image: PreviewedImage) => boolean {
  return ({ digest, tags }) =>
    imageIds.some(
      ({ imageDigest = digest, imageTag }) =>
        imageDigest === digest && (imageTag === undefined || tags.includes(imageTag)),
    );
}

/** Oldest first. */
function keyOf({ pushedAtMs, digest }: PreviewedImage): string {
  return `${String(pushedAtMs).padStart(16, '0')} ${digest}`;
}

function byKey(a: PreviewedImage, b: PreviewedImage): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function resultView(image: PreviewedImage): LifecyclePolicyPreviewResult {
  return {
    imageTags: [...image.tags],
    imageDigest: image.digest,
    imagePushedAt: new Date(image.pushedAtMs),
    action: image.action === 'EXPIRE' ? { type: 'EXPIRE' } : { type: 'TRANSITION', targetStorageClass: 'ARCHIVE' },
    appliedRulePriority: image.rulePriority,
    storageClass: image.storageClass,
  };
}

function summaryOf(images: readonly PreviewedImage[]): LifecyclePolicyPreviewSummary {
  const expiring = images.filter(({ action }) => action === 'EXPIRE').length;
  const imageTotalCount = images.length - expiring;
  return {
    expiringImageTotalCount: expiring,
    ...(imageTotalCount > 0 && {
      transitioningImageTotalCounts: [{ targetStorageClass: 'ARCHIVE' as const, imageTotalCount }],
    }),
  };
}
