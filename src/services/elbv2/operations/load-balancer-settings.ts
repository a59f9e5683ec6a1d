import { named, securityGroupCondition, subnetCondition } from '../authorization.ts';
import { attributeList, LOAD_BALANCER_ATTRIBUTES, withAttributes } from '../domain/attributes.ts';
import { invalidConfiguration, invalidSecurityGroup } from '../errors.ts';
import { loadBalancerOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { checkIpAddressType, placementOf, requestedSubnets, securityGroupsOf } from '../placement.ts';
import { loadBalancers } from '../tables.ts';
import { zonesView } from '../views.ts';

export const DescribeLoadBalancerAttributes = operation('DescribeLoadBalancerAttributes', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    return { Attributes: attributeList(LOAD_BALANCER_ATTRIBUTES, row.attributes) };
  },
});

export const ModifyLoadBalancerAttributes = operation('ModifyLoadBalancerAttributes', {
  resources: (input) => named([input.LoadBalancerArn]),
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const before = await loadBalancerOf(tx, ctx, input.LoadBalancerArn);
      const attributes = withAttributes(LOAD_BALANCER_ATTRIBUTES, before.attributes, input.Attributes ?? []);
      return tx.put(loadBalancers, { ...before, attributes });
    });
    return { Attributes: attributeList(LOAD_BALANCER_ATTRIBUTES, row.attributes) };
  },
});

export const SetSecurityGroups = operation('SetSecurityGroups', {
  resources: (input) => named([input.LoadBalancerArn]),
  conditions: securityGroupCondition,
  handle: async (ctx, input) => {
    if (!input.SecurityGroups?.length) throw invalidSecurityGroup('At least one security group must be specified');
    if (input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic !== undefined) {
      throw invalidConfiguration('PrivateLink settings apply to load balancers of type network only');
    }
    const { vpcId } = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    const securityGroupIds = await securityGroupsOf(ctx, vpcId, input.SecurityGroups);
    await ctx.write(async (tx) => {
      const row = await loadBalancerOf(tx, ctx, input.LoadBalancerArn);
      await tx.put(loadBalancers, { ...row, securityGroupIds });
    });
    return { SecurityGroupIds: [...securityGroupIds] };
  },
});

export const SetSubnets = operation('SetSubnets', {
  resources: (input) => named([input.LoadBalancerArn]),
  conditions: subnetCondition,
  handle: async (ctx, input) => {
    checkIpAddressType(input.IpAddressType);
    const placement = await placementOf(ctx, requestedSubnets(input));
    const row = await ctx.write(async (tx) => {
      const before = await loadBalancerOf(tx, ctx, input.LoadBalancerArn);
      if (placement.vpcId !== before.vpcId) throw invalidConfiguration('All subnets must belong to the same VPC');
      return tx.put(loadBalancers, { ...before, subnets: placement.subnets });
    });
    return { AvailabilityZones: zonesView(row), IpAddressType: 'ipv4' as const };
  },
});
