import { requireLiveSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { secrets } from '../tables.ts';
import { withTags, withoutTags } from '../tags.ts';

export const TagResource = operation('TagResource', {
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireLiveSecret(tx, ctx, input);
      const tags = withTags(row.tags ?? {}, input.Tags ?? []);
      await tx.put(secrets, { ...row, tags, changedAtMs: ctx.now });
    });
    return {};
  },
});

export const UntagResource = operation('UntagResource', {
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireLiveSecret(tx, ctx, input);
      const tags = withoutTags(row.tags ?? {}, input.TagKeys ?? []);
      await tx.put(secrets, { ...row, ...(row.tags && { tags }), changedAtMs: ctx.now });
    });
    return {};
  },
});
