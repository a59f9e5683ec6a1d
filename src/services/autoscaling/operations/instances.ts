import type { TerminateInstanceInAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { scopeKey } from '../../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { writeRemoval } from '../capacity-change.ts';
import { byUser } from '../domain/cause.ts';
import { capacityOf, isEnding, isLeaving, isWarmed } from '../domain/members.ts';
import { constraint, invalid, noSuchInstance } from '../errors.ts';
import { groupOfInstance, groupResource, liveGroup, namedMembers, pageOf, requireMember, tokenOf } from '../lookup.ts';
import { activityOf, moveMembers } from '../moves.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { groups, members, type ActivityRow, type GroupRow, type MemberRow } from '../tables.ts';
import { activityView, instanceDetailsView } from '../views.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html */
export const DescribeAutoScalingInstances = operation('DescribeAutoScalingInstances', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const rows = await ctx.read((tx) => tx.list(members, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(
      ({ instanceId }) =>
        instanceId !== undefined && (!input.InstanceIds?.length || input.InstanceIds.includes(instanceId)),
    );
    const idOf = ({ instanceId = '' }: MemberRow) => instanceId;
    const page = pageOf(
      wanted.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)),
      idOf,
      input,
      { most: 50 },
    );
    return { AutoScalingInstances: page.items.map(instanceDetailsView), ...tokenOf(page) };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html */
export const SetInstanceHealth = operation('SetInstanceHealth', {
  resources: groupOfInstance,
  handle: async (ctx, { InstanceId: id = '', HealthStatus: status, ShouldRespectGracePeriod: respects = true }) => {
    if (status !== 'Healthy' && status !== 'Unhealthy') {
      throw constraint(status, 'healthStatus', 'satisfy enum value set: [Healthy, Unhealthy]');
    }
    await ctx.write(async (tx) => {
      const member = await requireMember(tx, ctx, id);
      const group = await liveGroup(tx, ctx, member.groupName);
      const inGrace = ctx.now < (member.inServiceAtMs ?? ctx.now + 1) + group.graceS * 1000;
      if (status === 'Unhealthy' && respects && group.graceS > 0 && inGrace) return;
      const { unhealthyBy: _, ...rest } = member;
      await tx.put<MemberRow>(members, {
        ...rest,
        health: status,
        ...(status === 'Unhealthy' && { unhealthyBy: 'user' }),
      });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html */
export const SetInstanceProtection = operation('SetInstanceProtection', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, InstanceIds, ProtectedFromScaleIn: isProtected = false }) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      for (const member of await namedMembers(tx, group, InstanceIds)) {
        if (isLeaving(member) || isWarmed(member)) {
          throw invalid(`The instance ${member.instanceId} is not in InService or EnteringStandby or Standby.`);
        }
        await tx.put<MemberRow>(members, { ...member, isProtected });
      }
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html */
export const TerminateInstanceInAutoScalingGroup = operation('TerminateInstanceInAutoScalingGroup', {
  resources: (input, scope, tx) => (input.InstanceIds?.length ? groupResource : groupOfInstance)(input, scope, tx),
  handle: async (ctx, input) => {
    const { ShouldDecrementDesiredCapacity: decrements = false } = input;
    const rows = await ctx.write(async (tx) => {
      const made: ActivityRow[] = [];
      for (const member of await meantMembers(tx, ctx, input)) {
        made.push(await terminateOne(tx, ctx, member, decrements));
      }
      return made;
    });
    const views = rows.map((row) => activityView(row));
    return input.InstanceIds?.length ? { Activities: views } : { Activity: views[0] };
  },
});

type Meant = Pick<TerminateInstanceInAutoScalingGroupType, 'InstanceId' | 'InstanceIds' | 'AutoScalingGroupName'>;

/** One instance, of whichever group it is, or several of the group that is named: what the caller was authorized on. */
async function meantMembers(
  tx: ReadTx,
  ctx: AutoscalingContext,
  { InstanceId: id, InstanceIds: ids = [], AutoScalingGroupName: name }: Meant,
): Promise<readonly Stored<MemberRow>[]> {
  if (id !== undefined && ids.length > 0) throw invalid('InstanceId and InstanceIds cannot both be specified.');
  if (ids.length > 0 && name === undefined) throw invalid('AutoScalingGroupName must be specified with InstanceIds.');
  if (ids.length > 0) return namedMembers(tx, await liveGroup(tx, ctx, name), ids);
  if (id === undefined) throw invalid('InstanceId must be specified.');
  if (name !== undefined) return namedMembers(tx, await liveGroup(tx, ctx, name), [id]);
  return [await requireMember(tx, ctx, id)];
}

async function terminateOne(
  tx: WriteTx,
  ctx: AutoscalingContext,
  member: Stored<MemberRow>,
  decrements: boolean,
): Promise<ActivityRow> {
  const { instanceId: id = '' } = member;
  if (isEnding(member)) throw noSuchInstance(id);
  if (isWarmed(member)) throw invalid(`The instance ${id} is in a warm pool.`);
  const group = await liveGroup(tx, ctx, member.groupName);
  const { from, to } = await decrement(tx, group, decrements ? capacityOf([member]) : 0);
  const cause = byUser(ctx.now, 'terminate', { instanceId: id, from, to });
  await writeRemoval(tx, { group }, { member, cause }, ctx);
  return activityOf(tx, ctx, id);
}

/** Takes so many off the desired capacity, which may not go below the least. */
export async function decrement(tx: WriteTx, group: GroupRow, by: number): Promise<{ from: number; to: number }> {
  const [from, to] = [group.desired, group.desired - by];
  if (to < group.min) {
    throw invalid(
      `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  }
  if (by > 0) await tx.put<GroupRow>(groups, { ...group, desired: to });
  return { from, to };
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html */
export const DetachInstances = operation('DetachInstances', {
  resources: groupResource,
  handle: async (
    ctx,
    { AutoScalingGroupName: name, InstanceIds, ShouldDecrementDesiredCapacity: decrements = false },
  ) => {
    const rows = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const chosen = await namedMembers(tx, group, InstanceIds);
      for (const { state, instanceId } of chosen) {
        if (state !== 'InService' && state !== 'Standby') {
          throw invalid(`The instance ${instanceId} is not in InService or Standby.`);
        }
      }
      const { from, to } = await decrement(tx, group, decrements ? capacityOf(chosen) : 0);
      return moveMembers(tx, ctx, group, chosen, { kind: 'detach', from, to, next: { state: 'Detaching' } });
    });
    return { Activities: rows.map((row) => activityView(row)) };
  },
});
