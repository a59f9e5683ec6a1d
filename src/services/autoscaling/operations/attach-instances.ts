import type { Instance } from '@aws-sdk/client-ec2';
import type { WriteTx } from '../../../store/store.ts';
import { beginActivity } from '../activity.ts';
import { byUser } from '../domain/cause.ts';
import { weightOfType } from '../domain/launch-source.ts';
import { invalid } from '../errors.ts';
import { groupResource, liveGroup, memberOf } from '../lookup.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { groups, members, type GroupRow, type MemberRow } from '../tables.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachInstances.html */
export const AttachInstances = operation('AttachInstances', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, InstanceIds: ids = [] }) => {
    const { Reservations = [] } = await ctx.call('ec2', 'DescribeInstances', {
      Filters: [{ Name: 'instance-id', Values: ids }],
    });
    const found = Reservations.flatMap(({ Instances = [] }) => Instances);
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const weights = found.map(({ InstanceType: type }) => weightOfType(group.launch, type) ?? 1);
      const desired = group.desired + weights.reduce((all, one) => all + one, 0);
      if (desired > group.max) {
        throw invalid(
          `AutoScalingGroup ${group.name} has max-size=${group.max}, current-size=${group.desired}. Attaching ${ids.length} instance(s) would exceed its max size.`,
        );
      }
      for (const id of ids) {
        const instance = found.find(({ InstanceId }) => InstanceId === id);
        await attach(tx, ctx, group, { id, instance, desired });
      }
      await tx.put<GroupRow>(groups, { ...group, desired });
    });
    return {};
  },
});

interface Attached {
  readonly id: string;
  readonly instance: Instance | undefined;
  readonly desired: number;
}

async function attach(tx: WriteTx, ctx: AutoscalingContext, group: GroupRow, { id, instance, desired }: Attached) {
  if (!instance) throw invalid(`Invalid Instance ID(s): ${id} specified`);
  if (instance.State?.Name !== 'running') throw invalid(`Instance ${id} is not in correct state. It must be running.`);
  if (await memberOf(tx, ctx, id)) throw invalid(`Instance ${id} is already part of an Auto Scaling group.`);
  const row = attachedRow(ctx, group, id, instance);
  const cause = byUser(ctx.now, 'attach', { instanceId: id, from: group.desired, to: desired });
  const activity = { kind: 'attach', id: ctx.ids.uuid(), cause, now: ctx.now, instanceId: id } as const;
  await tx.put<MemberRow>(members, await beginActivity(tx, group, row, activity));
}

function attachedRow(ctx: AutoscalingContext, group: GroupRow, instanceId: string, instance: Instance): MemberRow {
  const zone = instance.Placement?.AvailabilityZone ?? '';
  const weight = weightOfType(group.launch, instance.InstanceType);
  const place = group.places.find((one) => one.zone === zone);
  if (!place) throw invalid(`Invalid availability zone ${zone}. It is not one of the group's.`);
  return {
    account: ctx.account,
    region: ctx.region,
    groupName: group.name,
    launchId: ctx.ids.uuid(),
    instanceId,
    ...(instance.InstanceType && { instanceType: instance.InstanceType }),
    ...(weight !== undefined && { weight }),
    ...(instance.ImageId && { imageId: instance.ImageId }),
    zone,
    zoneId: place.zoneId,
    ...(instance.SubnetId !== undefined && { subnetId: instance.SubnetId }),
    market: instance.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
    state: 'Pending',
    health: 'Healthy',
    isProtected: group.protectsNew,
    createdAtMs: ctx.now,
    registered: [],
    draining: [],
    waiting: [],
  };
}
