import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { targetGroupCondition, trafficSourceCondition } from '../conditions.ts';
import { notSupported } from '../errors.ts';
import { checkTargetGroups, targetGroupsFrom } from '../group-input.ts';
import { groupOf, groupResource, liveGroup, membersOf, pageOf, tokenOf } from '../lookup.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { groups, type GroupRow } from '../tables.ts';
import { healthOf } from '../target-health.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html */
export const AttachLoadBalancerTargetGroups = operation('AttachLoadBalancerTargetGroups', {
  resources: groupResource,
  conditions: targetGroupCondition,
  handle: async (ctx, { AutoScalingGroupName: name, TargetGroupARNs: arns = [] }) => {
    await checkTargetGroups(ctx, arns);
    return attach(ctx, name, arns);
  },
});

export const DetachLoadBalancerTargetGroups = operation('DetachLoadBalancerTargetGroups', {
  resources: groupResource,
  conditions: targetGroupCondition,
  handle: (ctx, { AutoScalingGroupName: name, TargetGroupARNs: arns = [] }) => detach(ctx, name, arns),
});

export const AttachTrafficSources = operation('AttachTrafficSources', {
  resources: groupResource,
  conditions: trafficSourceCondition,
  handle: async (ctx, { AutoScalingGroupName: name, TrafficSources }) =>
    attach(ctx, name, await targetGroupsFrom(ctx, { TrafficSources })),
});

export const DetachTrafficSources = operation('DetachTrafficSources', {
  resources: groupResource,
  conditions: trafficSourceCondition,
  handle: (ctx, { AutoScalingGroupName: name, TrafficSources: sources = [] }) =>
    detach(
      ctx,
      name,
      sources.map(({ Identifier = '' }) => Identifier),
    ),
});

async function attach(ctx: AutoscalingContext, name: string | undefined, arns: readonly string[]) {
  await ctx.write(async (tx) => {
    const group = await liveGroup(tx, ctx, name);
    await tx.put<GroupRow>(groups, { ...group, targetGroups: [...new Set([...group.targetGroups, ...arns])] });
  });
  return {};
}

async function detach(ctx: AutoscalingContext, name: string | undefined, arns: readonly string[]) {
  await ctx.write(async (tx) => {
    const group = await liveGroup(tx, ctx, name);
    await tx.put<GroupRow>(groups, { ...group, targetGroups: group.targetGroups.filter((arn) => !arns.includes(arn)) });
  });
  return {};
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LoadBalancerTargetGroupState.html */
export const DescribeLoadBalancerTargetGroups = operation('DescribeLoadBalancerTargetGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const page = pageOf(await statesOf(ctx, input.AutoScalingGroupName), ({ arn }) => arn, input, { usual: 100 });
    return {
      LoadBalancerTargetGroups: page.items.map(({ arn, state }) => ({ LoadBalancerTargetGroupARN: arn, State: state })),
      ...tokenOf(page),
    };
  },
});

export const DescribeTrafficSources = operation('DescribeTrafficSources', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { TrafficSourceType: type = 'elbv2' } = input;
    if (!['elb', 'elbv2', 'vpc-lattice'].includes(type)) throw notSupported(`The traffic source type ${type}`);
    const states = type === 'elbv2' ? await statesOf(ctx, input.AutoScalingGroupName) : [];
    const page = pageOf(states, ({ arn }) => arn, input);
    return {
      TrafficSources: page.items.map(({ arn, state }) => ({ Identifier: arn, Type: 'elbv2', State: state })),
      ...tokenOf(page),
    };
  },
});

async function statesOf(ctx: AutoscalingContext, name: string | undefined) {
  const { group, all } = await ctx.read((tx) => groupWithMembers(tx, ctx, name));
  const leaving = [...new Set(all.flatMap((one) => [...one.registered, ...one.draining]))].filter(
    (arn) => !group.targetGroups.includes(arn),
  );
  const staying = await Promise.all(
    group.targetGroups.map(async (arn) => {
      const inService = all.filter(({ state }) => state === 'InService');
      if (inService.some((one) => !one.registered.includes(arn) && !one.skipsTargetGroups))
        return { arn, state: 'Adding' };
      const health = await healthOf(ctx.call, arn);
      const isServed = inService.some(({ instanceId = '' }) => health.get(instanceId) === 'healthy');
      return { arn, state: isServed ? 'InService' : 'Added' };
    }),
  );
  return [...staying, ...leaving.map((arn) => ({ arn, state: 'Removing' }))].toSorted((a, b) =>
    a.arn < b.arn ? -1 : 1,
  );
}

async function groupWithMembers(tx: ReadTx, scope: Scope, name: string | undefined) {
  const group = await groupOf(tx, scope, name);
  return { group, all: await membersOf(tx, group) };
}
