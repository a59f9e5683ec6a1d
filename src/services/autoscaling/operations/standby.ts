import { beginActivity } from '../activity.ts';
import { byUser } from '../domain/cause.ts';
import { invalid } from '../errors.ts';
import { groupResource, liveGroup, namedMembers } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groups, members, type GroupRow, type MemberRow } from '../tables.ts';
import { activityView } from '../views.ts';
import { activityOf, decrement } from './instances.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnterStandby.html */
export const EnterStandby = operation('EnterStandby', {
  resources: groupResource,
  handle: async (
    ctx,
    { AutoScalingGroupName: name, InstanceIds, ShouldDecrementDesiredCapacity: decrements = false },
  ) => {
    const rows = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const chosen = await namedMembers(tx, group, InstanceIds);
      const odd = chosen.find(({ state }) => state !== 'InService');
      if (odd) throw invalid(`The instance ${odd.instanceId} is not in InService.`);
      const { from, to } = await decrement(tx, group, decrements ? chosen.length : 0);
      for (const member of chosen) {
        const { instanceId = '' } = member;
        const cause = byUser(ctx.now, 'standby', { instanceId, from, to });
        const activity = { kind: 'standby', id: ctx.ids.uuid(), cause, now: ctx.now, instanceId } as const;
        const begun = await beginActivity(tx, group, member, activity);
        await tx.put<MemberRow>(members, { ...begun, state: 'EnteringStandby' });
      }
      return Promise.all(chosen.map(({ instanceId = '' }) => activityOf(tx, ctx, instanceId)));
    });
    return { Activities: rows.map((row) => activityView(row)) };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExitStandby.html */
export const ExitStandby = operation('ExitStandby', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, InstanceIds }) => {
    const rows = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const chosen = await namedMembers(tx, group, InstanceIds);
      const odd = chosen.find(({ state }) => state !== 'Standby');
      if (odd) throw invalid(`The instance ${odd.instanceId} is not in Standby.`);
      const [from, to] = [group.desired, group.desired + chosen.length];
      if (to > group.max) {
        throw invalid(
          `AutoScalingGroup ${group.name} has max-size=${group.max}, current-size=${from}. Exiting standby would exceed its max size.`,
        );
      }
      await tx.put<GroupRow>(groups, { ...group, desired: to });
      for (const member of chosen) {
        const { instanceId = '' } = member;
        const cause = byUser(ctx.now, 'return', { instanceId, from, to });
        const activity = { kind: 'return', id: ctx.ids.uuid(), cause, now: ctx.now, instanceId } as const;
        const begun = await beginActivity(tx, group, member, activity);
        await tx.put<MemberRow>(members, { ...begun, state: 'Pending', returns: true });
      }
      return Promise.all(chosen.map(({ instanceId = '' }) => activityOf(tx, ctx, instanceId)));
    });
    return { Activities: rows.map((row) => activityView(row)) };
  },
});
