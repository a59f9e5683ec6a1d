import { parseArn } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
import { requireRepository } from '../repositories.ts';
import { repositories } from '../tables.ts';
import { tagsView, withTags, withoutTags } from '../tags.ts';

const touched = (input: { resourceArn?: string | undefined }) => [input.resourceArn ?? '*'];

export const TagResource = operation('TagResource', {
  resources: touched,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await taggedRepository(ctx, tx, input.resourceArn);
      await tx.put(repositories, { ...row, tags: withTags(row.tags, input.tags ?? []) });
    });
    return {};
  },
});

export const UntagResource = operation('UntagResource', {
  resources: touched,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await taggedRepository(ctx, tx, input.resourceArn);
      await tx.put(repositories, { ...row, tags: withoutTags(row.tags, input.tagKeys ?? []) });
    });
    return {};
  },
});

export const ListTagsForResource = operation('ListTagsForResource', {
  readOnly: true,
  resources: touched,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => taggedRepository(ctx, tx, input.resourceArn));
    return { tags: tagsView(row.tags) };
  },
});

/** @throws ServiceError InvalidParameterException, RepositoryNotFoundException */
async function taggedRepository(ctx: EcrContext, tx: ReadTx, resourceArn: string | undefined) {
  const arn = parseArn(resourceArn ?? '');
  const name = arn?.resource.startsWith('repository/') ? arn.resource.slice('repository/'.length) : undefined;
  if (!arn || arn.service !== 'ecr' || arn.region !== ctx.region || !name) {
    throw invalidParameter('resourceArn', 'Invalid ARN');
  }
  return requireRepository(tx, arn, name);
}
