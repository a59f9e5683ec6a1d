import { capacityOf, weightOf } from '../domain/members.ts';
import { invalid } from '../errors.ts';
import { groupResource, liveGroup, namedMembers } from '../lookup.ts';
import { moveMembers } from '../moves.ts';
import { operation } from '../operation.ts';
import { groups, type GroupRow } from '../tables.ts';
import { activityView } from '../views.ts';
import { decrement } from './instances.ts';

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
      const { from, to } = await decrement(tx, group, decrements ? capacityOf(chosen) : 0);
      return moveMembers(tx, ctx, group, chosen, { kind: 'standby', from, to, next: { state: 'EnteringStandby' } });
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
      const [from, to] = [group.desired, group.desired + chosen.reduce((all, one) => all + weightOf(one), 0)];
      if (to > group.max) {
        throw invalid(
          `AutoScalingGroup ${group.name} has max-size=${group.max}, current-size=${from}. Exiting standby would exceed its max size.`,
        );
      }
      await tx.put<GroupRow>(groups, { ...group, desired: to });
      return moveMembers(tx, ctx, group, chosen, {
        kind: 'return',
        from,
        to,
        next: { state: 'Pending', returns: true },
      });
    });
    return { Activities: rows.map((row) => activityView(row)) };
  },
});
