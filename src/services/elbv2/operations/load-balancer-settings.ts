import type { Input } from '../../../api/clients.ts';
import type { Context } from '../../../api/context.ts';
import { named, securityGroupCondition, subnetCondition } from '../authorization.ts';
import { attributeList, loadBalancerAttributes, withAttributes } from '../domain/attributes.ts';
import { testFileContent, testFileKey } from '../domain/log-file.ts';
import { checkLogPlace, kindsToCheck, logPlace } from '../domain/log-settings.ts';
import { resourceIdOf } from '../domain/names.ts';
import { invalidConfiguration, invalidSecurityGroup, notSupported } from '../errors.ts';
import { loadBalancerOf } from '../lookup.ts';
import { checkLogBucket } from '../log-buckets.ts';
import { setLogDeliveries } from '../log-deliveries.ts';
import { operation, type Elbv2Ports } from '../operation.ts';
import { checkIpAddressType, placementOf, requestedSubnets, securityGroupsOf } from '../placement.ts';
import { loadBalancers } from '../tables.ts';
import { zonesView } from '../views.ts';

export const DescribeLoadBalancerAttributes = operation('DescribeLoadBalancerAttributes', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    return { Attributes: attributeList(loadBalancerAttributes(row), row.attributes) };
  },
});

export const ModifyLoadBalancerAttributes = operation('ModifyLoadBalancerAttributes', {
  resources: (input) => named([input.LoadBalancerArn]),
  handle: async (ctx, input) => {
    const { intervalMs } = ctx.ports.logs;
    await checkLogs(ctx, input);
    const row = await ctx.write(async (tx) => {
      const before = await loadBalancerOf(tx, ctx, input.LoadBalancerArn);
      const attributes = withAttributes(loadBalancerAttributes(before), before.attributes, input.Attributes ?? []);
      await setLogDeliveries(tx, { ...before, attributes }, { now: ctx.now, intervalMs });
      return tx.put(loadBalancers, { ...before, attributes });
    });
    return { Attributes: attributeList(loadBalancerAttributes(row), row.attributes) };
  },
});

/** Writes the test file where logs shall go from now on. */
async function checkLogs(
  ctx: Context<Elbv2Ports>,
  input: Input<'elbv2', 'ModifyLoadBalancerAttributes'>,
): Promise<void> {
  const { Attributes: changes = [] } = input;
  const row = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
  const attributes = withAttributes(loadBalancerAttributes(row), row.attributes, changes);
  for (const kind of kindsToCheck(attributes, changes)) {
    const place = logPlace(attributes, kind);
    if (!place) continue;
    checkLogPlace(place);
    await checkLogBucket(ctx.ports.logs.callIn, row, {
      bucket: place.bucket,
      key: testFileKey(kind, { account: ctx.account, prefix: place.prefix }),
      body: Buffer.from(testFileContent(resourceIdOf(row.arn), ctx.now)),
      contentType: 'text/plain',
    });
  }
}

export const SetSecurityGroups = operation('SetSecurityGroups', {
  resources: (input) => named([input.LoadBalancerArn]),
  conditions: securityGroupCondition,
  handle: async (ctx, input) => {
    if (!input.SecurityGroups?.length) throw invalidSecurityGroup('At least one security group must be specified');
    const {
      vpcId,
      type,
      securityGroupIds: before,
    } = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    if (input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic !== undefined) {
      if (type === 'network') throw notSupported('EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic');
      throw invalidConfiguration('PrivateLink settings apply to load balancers of type network only');
    }
    if (type === 'network' && before.length === 0) {
      throw invalidConfiguration(
        'SetSecurityGroups is not supported for load balancers of type network that were created without security groups',
      );
    }
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
    const known = await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    const asked = requestedSubnets(input, known);
    const placement = await placementOf(ctx, asked, known.type);
    const row = await ctx.write(async (tx) => {
      const before = await loadBalancerOf(tx, ctx, input.LoadBalancerArn);
      if (placement.vpcId !== before.vpcId) throw invalidConfiguration('All subnets must belong to the same VPC');
      // A subnet that stays keeps its addresses.
      const subnets = placement.subnets.map((it) => before.subnets.find((old) => old.subnetId === it.subnetId) ?? it);
      return tx.put(loadBalancers, { ...before, subnets });
    });
    return { AvailabilityZones: zonesView(row), IpAddressType: 'ipv4' as const };
  },
});

export const SetIpAddressType = operation('SetIpAddressType', {
  resources: (input) => named([input.LoadBalancerArn]),
  handle: async (ctx, input) => {
    checkIpAddressType(input.IpAddressType);
    await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    return { IpAddressType: 'ipv4' as const };
  },
});

/** Capacity is that of the machine: none is ever reserved. */
export const DescribeCapacityReservation = operation('DescribeCapacityReservation', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    await ctx.read((tx) => loadBalancerOf(tx, ctx, input.LoadBalancerArn));
    return { DecreaseRequestsRemaining: 0, CapacityReservationState: [] };
  },
});
