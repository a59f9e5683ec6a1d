import { scopeKey } from '../../../kernel/arn.ts';
import { GROUP_METRICS } from '../domain/group-metrics.ts';
import { PROCESSES } from '../domain/processes.ts';
import { TERMINATION_POLICIES } from '../domain/termination.ts';
import { groupOf, groupsIn } from '../lookup.ts';
import { operation } from '../operation.ts';
import { configurations } from '../tables.ts';

const anyone = { resources: () => ['*'], readOnly: true } as const;

const NOTIFICATION_TYPES = [
  'autoscaling:EC2_INSTANCE_LAUNCH',
  'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
  'autoscaling:EC2_INSTANCE_TERMINATE',
  'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
  'autoscaling:TEST_NOTIFICATION',
];

/** AWS's quotas of a region. */
const MOST_GROUPS = 500;
const MOST_CONFIGURATIONS = 200;

export const DescribeAccountLimits = operation('DescribeAccountLimits', {
  ...anyone,
  handle: async (ctx) => ({
    MaxNumberOfAutoScalingGroups: MOST_GROUPS,
    MaxNumberOfLaunchConfigurations: MOST_CONFIGURATIONS,
    NumberOfAutoScalingGroups: (await groupsIn(ctx)).length,
    NumberOfLaunchConfigurations: (await ctx.read((tx) => tx.list(configurations, { where: ['scope', scopeKey(ctx)] })))
      .length,
  }),
});

export const DescribeAdjustmentTypes = operation('DescribeAdjustmentTypes', {
  ...anyone,
  handle: async () => ({
    AdjustmentTypes: ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'].map((AdjustmentType) => ({
      AdjustmentType,
    })),
  }),
});

export const DescribeAutoScalingNotificationTypes = operation('DescribeAutoScalingNotificationTypes', {
  ...anyone,
  handle: async () => ({ AutoScalingNotificationTypes: NOTIFICATION_TYPES }),
});

export const DescribeLifecycleHookTypes = operation('DescribeLifecycleHookTypes', {
  ...anyone,
  handle: async () => ({
    LifecycleHookTypes: ['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING'],
  }),
});

export const DescribeMetricCollectionTypes = operation('DescribeMetricCollectionTypes', {
  ...anyone,
  handle: async () => ({
    Metrics: GROUP_METRICS.map((Metric) => ({ Metric })),
    Granularities: [{ Granularity: '1Minute' }],
  }),
});

export const DescribeScalingProcessTypes = operation('DescribeScalingProcessTypes', {
  ...anyone,
  handle: async () => ({ Processes: PROCESSES.map((ProcessName) => ({ ProcessName })) }),
});

export const DescribeTerminationPolicyTypes = operation('DescribeTerminationPolicyTypes', {
  ...anyone,
  handle: async () => ({ TerminationPolicyTypes: [...TERMINATION_POLICIES] }),
});

/** There are none: no topic can be told anything here. */
export const DescribeNotificationConfigurations = operation('DescribeNotificationConfigurations', {
  ...anyone,
  handle: async (ctx, { AutoScalingGroupNames: names = [] }) => {
    await ctx.read(async (tx) => {
      for (const name of names) await groupOf(tx, ctx, name);
    });
    return { NotificationConfigurations: [] };
  },
});

/** Classic load balancers are not built: no group has one. */
export const DescribeLoadBalancers = operation('DescribeLoadBalancers', {
  ...anyone,
  handle: async (ctx, { AutoScalingGroupName: name }) => {
    await ctx.read((tx) => groupOf(tx, ctx, name));
    return { LoadBalancers: [] };
  },
});
