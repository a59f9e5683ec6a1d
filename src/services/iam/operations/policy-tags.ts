import { requireAttachablePolicy, requireCustomerPolicy } from '../managed-policies.ts';
import { operation } from '../operation.ts';
import { policies } from '../tables.ts';
import { tagPage, tagsFrom, withoutTags } from '../tagging.ts';

export const TagPolicy = operation('TagPolicy', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      await tx.put(policies, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

export const UntagPolicy = operation('UntagPolicy', {
  resources: (input) => [input.PolicyArn ?? ''],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireCustomerPolicy(tx, ctx.account, input.PolicyArn ?? '');
      await tx.put(policies, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
    });
    return {};
  },
});

export const ListPolicyTags = operation('ListPolicyTags', {
  resources: (input) => [input.PolicyArn ?? ''],
  readOnly: true,
  handle: async (ctx, input) => {
    const policy = await ctx.read((tx) => requireAttachablePolicy(tx, ctx.account, input.PolicyArn ?? ''));
    return tagPage(policy.tags, input);
  },
});
