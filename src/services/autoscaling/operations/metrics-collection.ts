import { GROUP_METRICS } from '../domain/group-metrics.ts';
import { constraint, invalid } from '../errors.ts';
import { groupResource, liveGroup } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groups, type GroupRow } from '../tables.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html */
export const EnableMetricsCollection = operation('EnableMetricsCollection', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, Metrics, Granularity }) => {
    if (Granularity !== '1Minute') throw constraint(Granularity, 'granularity', 'be 1Minute');
    const named = metricsOf(Metrics);
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const metrics = GROUP_METRICS.filter((one) => group.metrics.includes(one) || named.includes(one));
      await tx.put<GroupRow>(groups, { ...group, metrics });
    });
    return {};
  },
});

export const DisableMetricsCollection = operation('DisableMetricsCollection', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, Metrics }) => {
    const named = metricsOf(Metrics);
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      await tx.put<GroupRow>(groups, { ...group, metrics: group.metrics.filter((one) => !named.includes(one)) });
    });
    return {};
  },
});

/** None named: all. */
function metricsOf(names: readonly string[] = []): readonly string[] {
  if (names.length === 0) return GROUP_METRICS;
  const odd = names.find((one) => !GROUP_METRICS.includes(one));
  if (odd !== undefined) throw invalid(`Invalid metric: ${odd}. Valid metrics are: ${GROUP_METRICS.join(', ')}`);
  return names;
}
