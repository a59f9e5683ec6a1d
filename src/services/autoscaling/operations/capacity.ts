import { explicitlySet } from '../domain/cause.ts';
import { isCooling } from '../domain/policy-decision.ts';
import { coolingDown, invalid } from '../errors.ts';
import { groupResource, liveGroup, membersOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groups, type GroupRow } from '../tables.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html */
export const SetDesiredCapacity = operation('SetDesiredCapacity', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, DesiredCapacity: desired = 0, HonorCooldown = false }) => {
    await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      const { min, max } = group;
      if (desired > max) {
        throw invalid(`New SetDesiredCapacity value ${desired} is above max value ${max} for the AutoScalingGroup.`);
      }
      if (desired < min) {
        throw invalid(`New SetDesiredCapacity value ${desired} is below min value ${min} for the AutoScalingGroup.`);
      }
      if (HonorCooldown && isCooling(group, await membersOf(tx, group), ctx.now)) throw coolingDown(group.name);
      if (desired === group.desired) return;
      const changes = [...group.changes, explicitlySet(ctx.now, group.desired, desired)];
      await tx.put<GroupRow>(groups, { ...group, desired, changes });
    });
    return {};
  },
});
