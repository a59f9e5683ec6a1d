import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../api/context.ts';
import type { WriteTx } from '../../../store/store.ts';
import { applicationsOf, checkApplicationTarget } from '../application-targets.ts';
import { named } from '../authorization.ts';
import { attributeValue, targetGroupAttributes } from '../domain/attributes.ts';
import { isStream } from '../domain/protocols.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { targetHealthView, unregisteredView } from '../domain/target-health.ts';
import { zoneOfTarget } from '../domain/target-address.ts';
import { invalid, invalidTarget, notSupported, tooMany, zonelessTargets } from '../errors.ts';
import { instanceTargets, registered } from '../instance-targets.ts';
import { enabledZones, targetGroupOf, usersOfGroup } from '../lookup.ts';
import { operation, type Elbv2Ports } from '../operation.ts';
import { targetKey, targets, type TargetGroupRow, type TargetRow } from '../tables.ts';

/** Registering a target that drains takes it in again. */
export const RegisterTargets = operation('RegisterTargets', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    const group = await ctx.read((tx) => targetGroupOf(tx, ctx, input.TargetGroupArn));
    if (group.targetType === 'alb') return registerApplication(ctx, group, input.Targets ?? []);
    const wanted = await wantedTargets(ctx, group, input.Targets ?? []);
    const staysInZone = !isStream(group.protocol) && group.attributes['load_balancing.cross_zone.enabled'] === 'false';
    if (staysInZone && wanted.some((target) => target.zoneName === 'all')) throw zonelessTargets();
    await ctx.write(async (tx) => {
      await targetGroupOf(tx, ctx, group.arn);
      const known = await tx.list(targets, { where: ['targetGroup', group.arn] });
      const keys = new Set([...known, ...wanted].map(targetKey));
      if (keys.size > QUOTAS.targetsOfGroup) {
        throw tooMany('TooManyTargetsException', 'The limit on the number of targets has been reached');
      }
      for (const target of wanted) await takeIn(tx, target);
    });
    return {};
  },
});

async function wantedTargets(
  ctx: Context<Elbv2Ports>,
  group: TargetGroupRow,
  given: readonly TargetDescription[],
): Promise<TargetRow[]> {
  const addresses = given.map((target) => addressOf(group, target));
  if (group.targetType === 'instance') return instanceTargets(ctx.call, group, given);
  const { Subnets = [] } = await ctx.call('ec2', 'DescribeSubnets', {
    Filters: [{ Name: 'vpc-id', Values: [group.vpcId] }],
  });
  const ranges = Subnets.map((subnet) => ({ cidr: subnet.CidrBlock ?? '', zoneName: subnet.AvailabilityZone ?? '' }));
  return addresses.map((target, i) => ({
    ...target,
    zoneName: zoneOfTarget(target.ip, given[i]?.AvailabilityZone, ranges),
  }));
}

async function takeIn(tx: WriteTx, target: TargetRow): Promise<void> {
  const before = await tx.get(targets, targetKey(target));
  if (before && before.drainsUntilMs === undefined) return;
  await tx.put<TargetRow>(targets, { ...target, ...(before ? { revision: before.revision } : {}) });
}

/** A group has one application load balancer at most; one that drains makes room. */
async function registerApplication(
  ctx: Context<Elbv2Ports>,
  group: TargetGroupRow,
  wanted: readonly TargetDescription[],
): Promise<Record<string, never>> {
  await ctx.write(async (tx) => {
    const { arn } = await targetGroupOf(tx, ctx, group.arn);
    for (const target of wanted.map((it) => addressOf(group, it))) {
      await checkApplicationTarget(tx, ctx, group, { arn: target.ip, port: target.port });
      const others = await tx.list(targets, { where: ['targetGroup', arn] });
      if (others.some((it) => it.drainsUntilMs === undefined && targetKey(it) !== targetKey(target))) {
        throw tooMany(
          'TooManyTargetsException',
          'You can register one Application Load Balancer per target group only',
        );
      }
      await takeIn(tx, target);
    }
  });
  return {};
}

/** A target of a group in use drains for the group's deregistration delay; another goes at once. */
export const DeregisterTargets = operation('DeregisterTargets', {
  resources: (input) => named([input.TargetGroupArn]),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const group = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      const inUse = (await usersOfGroup(tx, group.arn)).length > 0;
      const key = 'deregistration_delay.timeout_seconds';
      const delaySeconds = inUse ? Number(attributeValue(targetGroupAttributes(group), group.attributes, key)) : 0;
      const rows = await tx.list(targets, { where: ['targetGroup', group.arn] });
      for (const target of input.Targets ?? []) {
        addressOf(group, target);
        const row = registered(rows, group, target);
        if (!row || row.drainsUntilMs !== undefined) continue;
        if (delaySeconds === 0) await tx.delete(targets, targetKey(row));
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
    const { group, rows, inUse, applications, zones } = await ctx.read(async (tx) => {
      const found = await targetGroupOf(tx, ctx, input.TargetGroupArn);
      const all = await tx.list(targets, { where: ['targetGroup', found.arn] });
      return {
        group: found,
        rows: all,
        applications: await applicationsOf(tx, all),
        inUse: (await usersOfGroup(tx, found.arn)).length > 0,
        zones: await enabledZones(tx, found),
      };
    });
    const seen = inUse && rows.length > 0 ? await ctx.ports.plane.health(group.vpcId) : [];
    const view = (row: TargetRow) =>
      targetHealthView(group, row, { inUse, seen, applications, ...(zones ? { zones } : {}) });
    if (!input.Targets?.length) return { TargetHealthDescriptions: rows.map(view) };
    return {
      TargetHealthDescriptions: input.Targets.map((target) => {
        const { ip, port } = addressOf(group, target);
        const row = registered(rows, group, target);
        return row ? view(row) : unregisteredView(ip, port);
      }),
    };
  },
});

function addressOf(group: TargetGroupRow, target: TargetDescription) {
  const { Id: ip = '', Port: port = group.port } = target;
  if (group.targetType === 'alb' && target.AvailabilityZone !== undefined) {
    throw invalid('You cannot specify an Availability Zone for a target of type alb');
  }
  if (ip.startsWith('i-') && group.targetType !== 'instance')
    throw invalidTarget(`Target '${ip}' is an instance, and the target group's target type is ip`);
  if (port < 1 || port > 65_535) throw invalid(`Port '${port}' must be between 1 and 65535`);
  if (target.QuicServerId !== undefined) throw notSupported('QuicServerId');
  return { targetGroupArn: group.arn, vpcId: group.vpcId, ip, port };
}
