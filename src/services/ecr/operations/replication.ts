import { scopeKey } from '../../../kernel/arn.ts';
import { dueReplicas } from '../domain/replication-plan.ts';
import { replicationOf, replicationRuleView } from '../domain/replication-rules.ts';
import { imageNotFound, invalidParameter } from '../errors.ts';
import { resolveImage } from '../images.ts';
import { operation } from '../operation.ts';
import { changeRegistry } from '../registries.ts';
import { replicatedImage } from '../replication.ts';
import { inRegistry, requireRepository } from '../repositories.ts';
import { registryOf, repositoryResource } from '../scope.ts';

/** What is pushed from now on goes to the destinations; what is there already stays where it is. */
export const PutReplicationConfiguration = operation('PutReplicationConfiguration', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const given = input.replicationConfiguration?.rules ?? [];
    const { replication } = await changeRegistry(ctx, (row) => ({
      ...row,
      replication: replicationOf(given, ctx, { before: row.replication, now: ctx.now }),
    }));
    return { replicationConfiguration: { rules: (replication?.rules ?? []).map(replicationRuleView) } };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageReplicationStatus.html */
export const DescribeImageReplicationStatus = operation('DescribeImageReplicationStatus', {
  readOnly: true,
  resources: repositoryResource,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribeImageReplicationStatus', input);
    const { imageId = {}, repositoryName = '' } = input;
    const found = await ctx.read(async (tx) => {
      const row = await requireRepository(tx, scope, repositoryName);
      const resolved = await resolveImage(ctx, tx, inRegistry(row), imageId);
      if ('failure' in resolved) {
        const { failureCode, failureReason = '' } = resolved.failure;
        if (failureCode === 'ImageNotFound' || failureCode === 'ImageTagDoesNotMatchDigest') {
          throw imageNotFound(imageId, row);
        }
        throw invalidParameter('imageId', failureReason);
      }
      const { image } = resolved;
      return { digest: image.digest, replicated: await replicatedImage(tx, ctx.ports.registry, row, image) };
    });
    const { digest, replicated } = found;
    const due = replicated ? dueReplicas(replicated).map(({ destination }) => destination) : [];
    const isDue = (place: { account: string; region: string }) => due.some((one) => scopeKey(one) === scopeKey(place));
    const done = (replicated?.statuses ?? []).filter((one) => !isDue(one));
    return {
      repositoryName,
      imageId: { imageDigest: digest, ...(imageId.imageTag !== undefined && { imageTag: imageId.imageTag }) },
      replicationStatuses: [
        ...due.map(({ account, region }) => ({ region, registryId: account, status: 'IN_PROGRESS' as const })),
        ...done.map(({ account, region, status, failureCode }) => ({
          region,
          registryId: account,
          status,
          ...(failureCode !== undefined && { failureCode }),
        })),
      ],
    };
  },
});
