import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { named } from '../authorization.ts';
import { attributeValue, targetGroupAttributes } from '../domain/attributes.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { targetHealthView, unregisteredView } from '../domain/target-health.ts';
import { zoneOfTarget } from '../domain/target-address.ts';
import { invalid, invalidTarget, notSupported, tooMany } from '../errors.ts';
import { targetGroupOf, usersOfGroup } from '../lookup.ts';
import { operation } from '../operation.ts';
import { targetKey, targets, type TargetGroupRow, type TargetRow } from '../tables.ts';

/** Registering a target that drains takes it in again. */
export const RegisterTargets = operation('RegisterTargets', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    const group = await ctx.read((tx) => targetGroupOf(tx, ctx, input.TargetGroupArn));
    const { Subnets = [] } = await ctx.call('ec2', 'DescribeSubnets', {
      Filters: [{ Name: 'vpc-id', Values: [group.vpcId] }],
    });
    const ranges = Subnets.map((subnet) => ({ cidr: subnet.CidrBlock ?? '', zoneName: subnet.AvailabilityZone ?? '' }));
    const [instance] = group.targetType === 'instance' ? (input.Targets ?? []) : [];
    if (instance) throw invalidTarget(`Instance ID '${instance.Id}' is not valid`);
    const wanted = (input.Targets ?? []).map((target) => ({
      ...addressOf(group, target),
      zoneName: zoneOfTarget(target.Id ?? '', target.AvailabilityZone, ranges),
    }));
    await ctx.write(async (tx) => {
      await targetGroupOf(tx, ctx, group.arn);
      const known = await tx.list(targets, { where: ['targetGroup', group.arn] });
      const keys = new Set([...known, ...wanted].map(targetKey));
      if (keys.size > QUOTAS.targetsOfGroup) {
        throw tooMany('TooManyTargetsException', 'The limit on the number of targets has been reached');
      }
      for (const target of wanted) {
        const before = await tx.get(targets, targetKey(target));
        if (before && before.drainsUntilMs === undefined) continue;
        await tx.put<TargetRow>(targets, { ...target, ...(before ? { revision: before.revision } : {}) });
      }
    });
    return {};
  },
});

/** A target of a group in use drains for the group's deregistration delay; another goes at once. */
export const DeregisterTargets = operation('DeregisterTargets', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const group = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      const inUse = (await usersOfGroup(tx, group.arn)).length > 0;
      const key = 'deregistration_delay.timeout_seconds';
      const delaySeconds = inUse ? Number(attributeValue(targetGroupAttributes(group), group.attributes, key)) : 0;
      for (const target of input.Targets ?? []) {
        const rowKey = targetKey(addressOf(group, target));
        const row = await tx.get(targets, rowKey);
        if (!row || row.drainsUntilMs !== undefined) continue;
        if (delaySeconds === 0) await tx.delete(targets, rowKey);
        else await tx.put(targets, { ...row, drainsUntilMs: ctx.now + delaySeconds * 1000 });
      }
    });
    return {};
  },
});

export const DescribeTargetHealth = operation('DescribeTargetHealth', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.Include?.length) throw notSupported(`Include '${input.Include[0]}'`);
    const { group, rows, inUse } = await ctx.read(async (tx) => {
      const found = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      return {
        group: found,
        rows: await tx.list(targets, { where: ['targetGroup', found.arn] }),
        inUse: (await usersOfGroup(tx, found.arn)).length > 0,
      };
    });
    const seen = inUse && rows.length > 0 ? await ctx.ports.plane.health(group.vpcId) : [];
    const view = (row: TargetRow) => targetHealthView(group, row, inUse, seen);
    if (!input.Targets?.length) return { TargetHealthDescriptions: rows.map(view) };
    const asked = input.Targets.map((target) => addressOf(group, target));
    return {
      TargetHealthDescriptions: asked.map((target) => {
        const row = rows.find((it) => targetKey(it) === targetKey(target));
        return row ? view(row) : unregisteredView(target.ip, target.port);
      }),
    };
  },
});

function addressOf(group: TargetGroupRow, target: TargetDescription) {
  const { Id: ip = '', Port: port = group.port } = target;
  if (ip.startsWith('i-') && group.targetType !== 'instance')
    throw invalidTarget(`Target '${ip}' is an instance, and the target group's target type is ip`);
  if (port < 1 || port > 65_535) throw invalid(`Port '${port}' must be between 1 and 65535`);
  if (target.QuicServerId !== undefined) throw notSupported('QuicServerId');
  return { targetGroupArn: group.arn, vpcId: group.vpcId, ip, port };
}
