import { onBucket } from '../arns.ts';
import { bucketTags, tagSet } from '../domain/tag-sets.ts';
import { noSuchTagSet } from '../errors.ts';
import { requireBucket } from '../lookup.ts';
import { operation } from '../operation.ts';
import { buckets } from '../tables.ts';
import { ownerOf } from '../views.ts';

/** With BucketOwnerEnforced nobody but the owner is in it. */
export const GetBucketAcl = operation('GetBucketAcl', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { account } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    const Owner = ownerOf(account);
    return {
      Owner,
      Grants: [{ Grantee: { ...Owner, Type: 'CanonicalUser' as const }, Permission: 'FULL_CONTROL' as const }],
    };
  },
});

/** A bucket that never had versioning answers neither Enabled nor Suspended. */
export const GetBucketVersioning = operation('GetBucketVersioning', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.read((tx) => requireBucket(tx, ctx, input));
    return {};
  },
});

export const PutBucketTagging = operation('PutBucketTagging', {
  resources: onBucket,
  handle: async (ctx, input) => {
    const tags = bucketTags(input.Tagging?.TagSet);
    await ctx.write(async (tx) => {
      const { tags: _, ...row } = await requireBucket(tx, ctx, input);
      await tx.put(buckets, { ...row, ...(Object.keys(tags).length > 0 && { tags }) });
    });
    return {};
  },
});

export const GetBucketTagging = operation('GetBucketTagging', {
  readOnly: true,
  resources: onBucket,
  handle: async (ctx, input) => {
    const { tags, name } = await ctx.read((tx) => requireBucket(tx, ctx, input));
    if (!tags) throw noSuchTagSet(name);
    return { TagSet: tagSet(tags) };
  },
});

export const DeleteBucketTagging = operation('DeleteBucketTagging', {
  action: 's3:PutBucketTagging',
  resources: onBucket,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { tags: _, ...row } = await requireBucket(tx, ctx, input);
      await tx.put(buckets, row);
    });
    return {};
  },
});
