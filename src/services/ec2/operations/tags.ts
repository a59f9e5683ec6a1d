import type { Scope } from '../../../kernel/arn.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnOf } from '../domain/resource-kind.ts';
import { mergeTags, withoutTags } from '../domain/tags.ts';
import { missingParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { changeTags, kindOf, taggedResources } from '../taggable.ts';

/** Never none, which would ask for no permission at all. */
function arnsOfAny(input: { Resources?: readonly string[] | undefined }, scope: Scope): readonly string[] {
  const ids = new Set(input.Resources);
  return ids.size === 0 ? ['*'] : [...ids].map((id) => arnOf(kindOf(id), scope, id));
}

export const CreateTags = operation('CreateTags', {
  resources: arnsOfAny,
  handle: async (ctx, input) => {
    const { Resources: ids, Tags: tags } = input;
    if (!ids?.length) throw missingParameter('resourceIdSet');
    if (!tags?.length) throw missingParameter('tagSet');
    const byService = serviceOf(ctx.principal) !== undefined;
    await writeRegion(ctx, async (tx) => {
      for (const id of new Set(ids)) await changeTags(tx, ctx, id, (before) => mergeTags(before, tags, byService));
    });
    return {};
  },
});

export const DeleteTags = operation('DeleteTags', {
  resources: arnsOfAny,
  handle: async (ctx, input) => {
    const ids = input.Resources;
    if (!ids?.length) throw missingParameter('resourceIdSet');
    await writeRegion(ctx, async (tx) => {
      for (const id of new Set(ids)) await changeTags(tx, ctx, id, (before) => withoutTags(before, input.Tags));
    });
    return {};
  },
});

interface TagOfResource {
  readonly key: string;
  readonly value: string;
  readonly resourceId: string;
  readonly resourceType: string;
  /** For `tag:KEY` filters, which mean this one tag. */
  readonly tags: Readonly<Record<string, string>>;
}

const FIELDS: FilterFields<TagOfResource> = {
  key: (tag) => tag.key,
  'resource-id': (tag) => tag.resourceId,
  'resource-type': (tag) => tag.resourceType,
  value: (tag) => tag.value,
};

export const DescribeTags = operation('DescribeTags', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const records = await readRegion(ctx, (tx) => taggedResources(tx, ctx));
    const tags = records.flatMap((record): TagOfResource[] =>
      Object.entries(record.tags).map(([key, value]) => ({
        key,
        value,
        resourceId: record.resourceId,
        resourceType: record.kind.type,
        tags: { [key]: value },
      })),
    );
    const page = pageOf(
      tags.filter((tag) => matches(tag)),
      (tag) => `${tag.resourceId} ${tag.key}`,
      input,
    );
    return {
      Tags: page.items.map((tag) => ({
        Key: tag.key,
        Value: tag.value,
        ResourceId: tag.resourceId,
        ResourceType: tag.resourceType as 'vpc',
      })),
      ...nextTokenOf(page),
    };
  },
});
