import { retireAlarms } from '../../../api/scaling/policy-alarms.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { checkTags, type Tags } from '../../../kernel/tags.ts';
import type { WriteTx } from '../../../store/store.ts';
import { dueAt } from '../domain/target-plan.ts';
import { constraint, invalid } from '../errors.ts';
import { operation } from '../operation.ts';
import {
  policies,
  namedKey,
  retiredAlarms,
  scheduledActions,
  signals,
  targetArn,
  targetKey,
  targets,
  type PolicyRow,
  type TargetRow,
} from '../tables.ts';
import {
  checkNamespace,
  describeService,
  pageOf,
  resourceIdOf,
  servicePermission,
  targetConditions,
  targetOf,
  targetResource,
} from '../targets.ts';
import { targetView } from '../views.ts';

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html */
export const RegisterScalableTarget = operation('RegisterScalableTarget', {
  resources: targetResource,
  conditions: targetConditions,
  also: async (input, scope, tx) => [
    servicePermission(input, scope),
    ...(Object.keys(input.Tags ?? {}).length > 0
      ? [{ action: 'application-autoscaling:TagResource', resources: await targetResource(input, scope, tx) }]
      : []),
  ],
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    const { account, region } = ctx;
    const key = targetKey({ account, region, resourceId });
    const isThere = (await describeService(ctx.call, resourceId)) !== undefined;
    const id = ctx.ids.hex(28);
    const row = await ctx.write(async (tx) => {
      const before = await tx.get(targets, key);
      if (!before && !isThere) throw invalid(`ECS service doesn't exist: ${resourceId}`);
      const { MinCapacity: min = before?.min, MaxCapacity: max = before?.max, SuspendedState: state } = input;
      if (min === undefined || max === undefined) {
        throw invalid('MinCapacity and MaxCapacity must be specified when registering a new scalable target.');
      }
      checkLimits(min, max);
      const were = before?.suspended ?? { in: false, out: false, scheduled: false };
      const suspended = {
        in: state?.DynamicScalingInSuspended ?? were.in,
        out: state?.DynamicScalingOutSuspended ?? were.out,
        scheduled: state?.ScheduledScalingSuspended ?? were.scheduled,
      };
      if (were.scheduled && !suspended.scheduled) await skipMissed(tx, key, ctx.now);
      const limitsDue =
        min !== before?.min ? `minimum capacity was set to ${min}` : `maximum capacity was set to ${max}`;
      const isChanged = min !== before?.min || max !== before.max;
      return tx.put(targets, {
        ...(before ?? {
          account,
          region,
          resourceId,
          id,
          createdAtMs: ctx.now,
          recent: {},
          tags: checkedTags(input.Tags ?? {}),
        }),
        min,
        max,
        suspended,
        ...(isChanged && { limitsDue }),
      });
    });
    return { ScalableTargetARN: targetArn(ctx, row.id) };
  },
});

/** What was due while scheduled scaling was suspended is not done later. */
async function skipMissed(tx: WriteTx, key: string, now: number): Promise<void> {
  for (const row of await tx.list(scheduledActions, { where: ['target', key] })) {
    if ((dueAt(row) ?? Infinity) <= now) await tx.put(scheduledActions, { ...row, doneUntilMs: now });
  }
}

export function checkLimits(min: number, max: number): void {
  if (min < 0) throw constraint(min, 'minCapacity', 'have value greater than or equal to 0');
  if (max < min) throw invalid('Maximum capacity cannot be less than minimum capacity.');
}

export function checkedTags(tags: Tags): Tags {
  const problem = checkTags(tags);
  if (problem) throw invalid(problem.message);
  return tags;
}

/** Its policies and scheduled actions go too; the count stays as it is. */
export const DeregisterScalableTarget = operation('DeregisterScalableTarget', {
  resources: targetResource,
  conditions: targetConditions,
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    await ctx.write(async (tx) => {
      const target = await targetOf(tx, ctx, resourceId);
      const where = ['target', targetKey(target)] as const;
      for (const policy of await tx.list(policies, { where })) await removePolicy(tx, policy);
      for (const action of await tx.list(scheduledActions, { where }))
        await tx.delete(scheduledActions, namedKey(action));
      await tx.delete(targets, targetKey(target));
    });
    return {};
  },
});

/** Its own alarms are deleted by a reconciler. */
export async function removePolicy(tx: WriteTx, policy: PolicyRow): Promise<void> {
  await retireAlarms(tx, retiredAlarms, policy, policy.alarms);
  const said = await tx.list(signals, { where: ['target', targetKey(policy)] });
  for (const row of said.filter((one) => one.policyName === policy.name)) {
    await tx.delete(signals, `${targetKey(row)}|${row.policyName}|${row.alarmName}`);
  }
  await tx.delete(policies, namedKey(policy));
}

export const DescribeScalableTargets = operation('DescribeScalableTargets', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkNamespace(input);
    const rows = await ctx.read((tx) => tx.list(targets, { where: ['scope', scopeKey(ctx)] }));
    const wanted = (row: TargetRow) => (input.ResourceIds ?? [row.resourceId]).includes(row.resourceId);
    const { items, nextToken } = pageOf(rows.filter(wanted), targetKey, input);
    return { ScalableTargets: items.map(targetView), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
});
