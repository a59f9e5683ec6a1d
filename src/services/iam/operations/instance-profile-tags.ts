import { instanceProfileResource, requireInstanceProfile } from '../instance-profile-lookup.ts';
import { operation } from '../operation.ts';
import { instanceProfiles } from '../tables.ts';
import { tagPage, tagsFrom, withoutTags } from '../tagging.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html */
export const TagInstanceProfile = operation('TagInstanceProfile', {
  resources: instanceProfileResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      await tx.put(instanceProfiles, { ...row, tags: tagsFrom(input.Tags, row.tags) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html */
export const UntagInstanceProfile = operation('UntagInstanceProfile', {
  resources: instanceProfileResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      await tx.put(instanceProfiles, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html */
export const ListInstanceProfileTags = operation('ListInstanceProfileTags', {
  resources: instanceProfileResource,
  readOnly: true,
  handle: async (ctx, input) => {
    const { tags } = await ctx.read((tx) => requireInstanceProfile(tx, ctx.account, input.InstanceProfileName));
    return tagPage(tags, input);
  },
});
