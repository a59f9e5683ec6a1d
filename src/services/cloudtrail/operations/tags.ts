import { invalidArn, invalidToken, unsupportedType } from '../errors.ts';
import { operation } from '../operation.ts';
import { trails } from '../tables.ts';
import { tagList, withTags } from '../tags.ts';
import { homeTrailOf, trailOf } from '../trails.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html */
export const AddTags = operation('AddTags', {
  resources: (input) => [input.ResourceId ?? '*'],
  handle: async (ctx, input) => {
    const arn = trailResource(input.ResourceId);
    await ctx.write(async (tx) => {
      const trail = await homeTrailOf(tx, ctx, arn);
      await tx.put(trails, { ...trail, tags: withTags(trail.tags, input.TagsList) });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html */
export const RemoveTags = operation('RemoveTags', {
  resources: (input) => [input.ResourceId ?? '*'],
  handle: async (ctx, input) => {
    const arn = trailResource(input.ResourceId);
    const removed = new Set((input.TagsList ?? []).map(({ Key }) => Key));
    await ctx.write(async (tx) => {
      const trail = await homeTrailOf(tx, ctx, arn);
      const tags = Object.fromEntries(Object.entries(trail.tags).filter(([key]) => !removed.has(key)));
      await tx.put(trails, { ...trail, tags });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html */
export const ListTags = operation('ListTags', {
  resources: (input) => input.ResourceIdList ?? [],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.NextToken !== undefined) return invalidToken();
    const arns = input.ResourceIdList ?? [];
    const rows = await ctx.read((tx) => Promise.all(arns.map((arn) => trailOf(tx, ctx, trailResource(arn)))));
    return { ResourceTagList: rows.map((row) => ({ ResourceId: row.arn, TagsList: tagList(row.tags) })) };
  },
});

/** @throws ServiceError CloudTrailARNInvalidException; ResourceTypeNotSupportedException for event data stores and the like */
function trailResource(arn = ''): string {
  if (/^arn:aws:cloudtrail:[^:]*:[^:]*:(?!trail\/)/.test(arn)) throw unsupportedType(arn);
  if (!arn.startsWith('arn:')) throw invalidArn(arn);
  return arn;
}
