import type { ImageReferrer } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../../registry/tables.ts';
import { invalidParameter } from '../errors.ts';
import { checkStatus, statusOf } from '../image-status.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pagination.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

const MOST_ARTIFACT_TYPES = 5;

/**
 * What was pushed with `subject`: signatures, attestations, bills of materials. The subject need not be there.
 * AWS has no action of this name: "The IAM principal invoking this operation must have the ecr:BatchGetImage
 * permission." https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
 */
export const ListImageReferrers = operation('ListImageReferrers', {
  action: 'ecr:BatchGetImage',
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'BatchGetImage', input);
    const { images, rules } = ctx.ports.registry;
    const subject = input.subjectId?.imageDigest ?? '';
    if (!rules.isDigest(subject)) throw invalidParameter('subjectId.imageDigest', 'Member must be an image digest');
    const { artifactTypes = [], artifactStatus } = input.filter ?? {};
    checkTypes(artifactTypes);
    const isWanted = checkStatus('filter.artifactStatus', artifactStatus);
    const found = await ctx.read(async (tx) =>
      images.referrersOf(tx, inRegistry(await requireRepository(tx, scope, input.repositoryName ?? '')), subject),
    );
    const kept = found
      .filter((row) => isWanted(statusOf(row)))
      .filter((row) => artifactTypes.length === 0 || artifactTypes.includes(artifactTypeOf(row) ?? ''));
    const page = pageOf(kept, (row) => row.digest, input, { standard: 20, most: 50 });
    return { referrers: page.items.map(referrerView), ...(page.nextToken && { nextToken: page.nextToken }) };
  },
});

function referrerView(row: ManifestRow): ImageReferrer {
  const artifactType = artifactTypeOf(row);
  return {
    digest: row.digest,
    mediaType: row.mediaType,
    ...(artifactType !== undefined && { artifactType }),
    size: row.sizeBytes,
    ...(row.annotations && { annotations: row.annotations }),
    artifactStatus: statusOf(row),
  };
}

/** As the distribution specification's referrers list says it. */
function artifactTypeOf(row: ManifestRow): string | undefined {
  return row.artifactType ?? row.configMediaType;
}

function checkTypes(types: readonly string[]): void {
  if (types.length > MOST_ARTIFACT_TYPES) {
    throw invalidParameter(
      'filter.artifactTypes',
      `Member must have length less than or equal to ${MOST_ARTIFACT_TYPES}`,
    );
  }
  if (types.some((type) => type.length < 1 || type.length > 255)) {
    throw invalidParameter('filter.artifactTypes', 'Member must have length between 1 and 255');
  }
}
