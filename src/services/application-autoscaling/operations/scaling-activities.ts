import { scopeKey } from '../../../kernel/arn.ts';
import { operation } from '../operation.ts';
import { activities } from '../tables.ts';
import { checkNamespace, pageOf } from '../targets.ts';
import { activityView } from '../views.ts';

/** The latest first, of six weeks. */
export const DescribeScalingActivities = operation('DescribeScalingActivities', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkNamespace(input);
    const rows = await ctx.read((tx) => tx.list(activities, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(
      (row) =>
        (input.ResourceId === undefined || row.resourceId === input.ResourceId) &&
        (input.IncludeNotScaledActivities === true || row.notScaled === undefined),
    );
    const { items, nextToken } = pageOf(wanted.toReversed(), activities.key, input, true);
    return { ScalingActivities: items.map(activityView), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
});
