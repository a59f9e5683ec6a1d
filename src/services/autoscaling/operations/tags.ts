import type { Tag, TagDescription } from '@aws-sdk/client-auto-scaling';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { invalid } from '../errors.ts';
import { groupResource, groupsIn, liveGroup, pageOf, tokenOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groups, type GroupRow } from '../tables.ts';
import { tagsFrom } from '../tagging.ts';
import { tagViews } from '../views.ts';

function namesIn(tags: readonly Tag[]): readonly string[] {
  return [...new Set(tags.map(({ ResourceId = '' }) => ResourceId))];
}

async function taggedGroups({ Tags = [] }: { Tags?: Tag[] | undefined }, scope: Scope, tx: ReadTx) {
  const arns = await Promise.all(namesIn(Tags).map((name) => groupResource({ AutoScalingGroupName: name }, scope, tx)));
  return arns.flat();
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html */
export const CreateOrUpdateTags = operation('CreateOrUpdateTags', {
  resources: taggedGroups,
  handle: async (ctx, { Tags: tags = [] }) => {
    await ctx.write(async (tx) => {
      for (const name of namesIn(tags)) {
        const group = await liveGroup(tx, ctx, name);
        const own = tags.filter(({ ResourceId = '' }) => ResourceId === name);
        await tx.put<GroupRow>(groups, { ...group, tags: tagsFrom(own, undefined, group.tags) });
      }
    });
    return {};
  },
});

export const DeleteTags = operation('DeleteTags', {
  resources: taggedGroups,
  handle: async (ctx, { Tags: tags = [] }) => {
    await ctx.write(async (tx) => {
      for (const name of namesIn(tags)) {
        const group = await liveGroup(tx, ctx, name);
        const keys = tags.filter(({ ResourceId = '' }) => ResourceId === name).map(({ Key }) => Key);
        await tx.put<GroupRow>(groups, { ...group, tags: group.tags.filter(({ key }) => !keys.includes(key)) });
      }
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTags.html */
export const DescribeTags = operation('DescribeTags', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const all = (await groupsIn(ctx)).flatMap(tagViews);
    const wanted = all.filter((tag) =>
      (input.Filters ?? []).every(({ Name = '', Values = [] }) => {
        const text: Readonly<Record<string, string | undefined>> = {
          'auto-scaling-group': tag.ResourceId,
          key: tag.Key,
          value: tag.Value,
          'propagate-at-launch': String(tag.PropagateAtLaunch),
        };
        if (!Object.hasOwn(text, Name)) {
          throw invalid(
            `Filter type ${Name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
          );
        }
        return Values.includes(text[Name] ?? '');
      }),
    );
    const keyOf = ({ ResourceId, Key }: TagDescription) => `${ResourceId}|${Key}`;
    const page = pageOf(
      wanted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      keyOf,
      input,
    );
    return { Tags: [...page.items], ...tokenOf(page) };
  },
});
