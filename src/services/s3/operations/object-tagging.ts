import { existingTagConditions, tagConditions } from '../access.ts';
import { onObject } from '../arns.ts';
import { objectTags, tagSet } from '../domain/tag-sets.ts';
import { requireObject } from '../lookup.ts';
import { operation } from '../operation.ts';
import { objects } from '../tables.ts';

export const GetObjectTagging = operation('GetObjectTagging', {
  dataEvent: true,
  readOnly: true,
  resources: onObject,
  conditions: existingTagConditions,
  handle: async (ctx, input) => {
    const { attributes } = await ctx.read((tx) => requireObject(tx, ctx, input));
    return { TagSet: tagSet(attributes.tags ?? {}) };
  },
});

export const PutObjectTagging = operation('PutObjectTagging', {
  dataEvent: true,
  resources: onObject,
  conditions: async (input, scope, tx) => ({
    ...(await existingTagConditions(input, scope, tx)),
    ...tagConditions(Object.fromEntries((input.Tagging?.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))),
  }),
  handle: async (ctx, input) => {
    const tags = objectTags(input.Tagging?.TagSet);
    await ctx.write(async (tx) => {
      const row = await requireObject(tx, ctx, input);
      const { tags: _, ...others } = row.attributes;
      const attributes = { ...others, ...(Object.keys(tags).length > 0 && { tags }) };
      await tx.put(objects, { ...row, attributes });
    });
    return {};
  },
});

export const DeleteObjectTagging = operation('DeleteObjectTagging', {
  dataEvent: true,
  resources: onObject,
  conditions: existingTagConditions,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireObject(tx, ctx, input);
      const { tags: _, ...attributes } = row.attributes;
      await tx.put(objects, { ...row, attributes });
    });
    return {};
  },
});
