import { scopeKey } from '../../../kernel/arn.ts';
import { groupOf, groupsIn, pageOf, tokenOf } from '../lookup.ts';
import { notSupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { activities, activityKey } from '../tables.ts';
import { activityView } from '../views.ts';

/** The latest first, of six weeks: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
export const DescribeScalingActivities = operation('DescribeScalingActivities', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { AutoScalingGroupName: name, ActivityIds: ids = [], IncludeDeletedGroups = false } = input;
    if (input.Filters?.length) throw notSupported('Filters');
    const own = name === undefined || IncludeDeletedGroups ? undefined : await ctx.read((tx) => groupOf(tx, ctx, name));
    const living = new Set((await groupsIn(ctx)).map(({ id }) => id));
    const rows = await ctx.read((tx) => tx.list(activities, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(
      (row) =>
        (name === undefined || row.groupName === (own?.name ?? name)) &&
        (ids.length === 0 || ids.includes(row.id)) &&
        (IncludeDeletedGroups || living.has(row.groupId)),
    );
    const page = pageOf(wanted.toReversed(), activityKey, input, { usual: 100, descending: true });
    return { Activities: page.items.map((row) => activityView(row, !living.has(row.groupId))), ...tokenOf(page) };
  },
});
