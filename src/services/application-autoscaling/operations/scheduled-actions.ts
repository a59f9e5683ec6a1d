import { scopeKey } from '../../../kernel/arn.ts';
import { checkTimezone, nextTime, parseSchedule } from '../domain/schedule.ts';
import { constraint, invalid, noSuchScheduledAction } from '../errors.ts';
import { operation } from '../operation.ts';
import { namedKey, scheduledActions, type ScheduledRow } from '../tables.ts';
import { checkNamespace, pageOf, resourceIdOf, targetConditions, targetOf, targetResource } from '../targets.ts';
import { scheduledView } from '../views.ts';
import { checkLimits } from './scalable-targets.ts';

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html */
export const PutScheduledAction = operation('PutScheduledAction', {
  resources: targetResource,
  conditions: targetConditions,
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    const { ScheduledActionName: name = '', Schedule, Timezone, StartTime, EndTime, ScalableTargetAction } = input;
    if (!/^[^|:/]{1,256}$/.test(name)) {
      throw constraint(
        name,
        'scheduledActionName',
        'satisfy regular expression pattern: (?!((^[ ]+.*)|(.*([\\u0000-\\u001f]|[\\u007f-\\u009f]|[:/|])+.*)|(.*[ ]+$))).+',
      );
    }
    const id = ctx.ids.uuid();
    await ctx.write(async (tx) => {
      const { account, region } = await targetOf(tx, ctx, resourceId);
      const before = await tx.get(scheduledActions, namedKey({ account, region, resourceId, name }));
      const schedule = Schedule ?? before?.schedule;
      if (schedule === undefined) throw invalid('Schedule must be specified for a new scheduled action.');
      const timezone = Timezone ?? before?.timezone;
      const { MinCapacity: min = before?.min, MaxCapacity: max = before?.max } = ScalableTargetAction ?? {};
      if (min === undefined && max === undefined) throw invalid('MinCapacity or MaxCapacity must be specified.');
      checkLimits(min ?? 0, max ?? min ?? 0);
      const startMs = StartTime?.getTime() ?? before?.startMs;
      const endMs = EndTime?.getTime() ?? before?.endMs;
      if (startMs !== undefined && endMs !== undefined && endMs <= startMs)
        throw invalid('EndTime must be after StartTime.');
      const parsed = parseSchedule(schedule);
      if (
        nextTime(parsed, timezone === undefined ? 'UTC' : checkTimezone(timezone), ctx.now, startMs ?? ctx.now) ===
        undefined
      ) {
        throw invalid('The schedule must have a time in the future.');
      }
      await tx.put(scheduledActions, {
        ...(before ?? { account, region, resourceId, name, id, createdAtMs: ctx.now }),
        schedule,
        doneUntilMs: ctx.now,
        ...(timezone !== undefined && { timezone }),
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        ...(startMs !== undefined && { startMs }),
        ...(endMs !== undefined && { endMs }),
      } satisfies ScheduledRow);
    });
    return {};
  },
});

export const DeleteScheduledAction = operation('DeleteScheduledAction', {
  resources: targetResource,
  conditions: targetConditions,
  handle: async (ctx, input) => {
    const resourceId = resourceIdOf(input);
    const { account, region } = ctx;
    const { ScheduledActionName: name = '' } = input;
    await ctx.write(async (tx) => {
      const key = namedKey({ account, region, resourceId, name });
      if (!(await tx.get(scheduledActions, key))) throw noSuchScheduledAction(name, resourceId);
      await tx.delete(scheduledActions, key);
    });
    return {};
  },
});

export const DescribeScheduledActions = operation('DescribeScheduledActions', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkNamespace(input);
    const rows = await ctx.read((tx) => tx.list(scheduledActions, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(
      (row) =>
        (input.ResourceId === undefined || row.resourceId === input.ResourceId) &&
        (input.ScheduledActionNames ?? [row.name]).includes(row.name),
    );
    const { items, nextToken } = pageOf(wanted, namedKey, input);
    return { ScheduledActions: items.map(scheduledView), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
});
