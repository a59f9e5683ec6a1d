import type { PutScheduledUpdateGroupActionType, ScheduledUpdateGroupAction } from '@aws-sdk/client-auto-scaling';
import { scopeKey } from '../../../kernel/arn.ts';
import { messageOf, ServiceError } from '../../../kernel/errors.ts';
import type { WriteTx } from '../../../store/store.ts';
import { checkTimeZone, dueAt, parseRecurrence } from '../domain/recurrence.ts';
import { invalid, noSuchScheduledAction } from '../errors.ts';
import { checkName, groupOf, groupResource, liveGroup, pageOf, tokenOf } from '../lookup.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { namedKey, scheduledActionArn, scheduledActions, type GroupRow, type ScheduledRow } from '../tables.ts';

type Wanted = Omit<Partial<PutScheduledUpdateGroupActionType>, 'AutoScalingGroupName'>;

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html */
export const PutScheduledUpdateGroupAction = operation('PutScheduledUpdateGroupAction', {
  resources: groupResource,
  conditions: (input) => ({
    ...(input.MinSize !== undefined && { 'autoscaling:minsize': String(input.MinSize) }),
    ...(input.MaxSize !== undefined && { 'autoscaling:maxsize': String(input.MaxSize) }),
  }),
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => put(tx, ctx, await liveGroup(tx, ctx, input.AutoScalingGroupName), input));
    return {};
  },
});

async function put(tx: WriteTx, ctx: AutoscalingContext, group: GroupRow, input: Wanted): Promise<void> {
  const name = checkName(input.ScheduledActionName, 'scheduledActionName');
  const { account, region } = ctx;
  const before = await tx.get(scheduledActions, namedKey({ account, region, groupName: group.name, name }));
  const startMs = (input.StartTime ?? input.Time)?.getTime() ?? before?.startMs;
  const endMs = input.EndTime?.getTime() ?? before?.endMs;
  const recurrence = input.Recurrence ?? before?.recurrence;
  const timeZone = input.TimeZone ?? before?.timeZone;
  const { MinSize: min = before?.min, MaxSize: max = before?.max, DesiredCapacity: desired = before?.desired } = input;
  if (min === undefined && max === undefined && desired === undefined) {
    throw invalid('At least one of MinSize, MaxSize or DesiredCapacity must be specified.');
  }
  if (min !== undefined && max !== undefined && min > max) throw invalid('Min value cannot be greater than max value');
  if (desired !== undefined && (desired < (min ?? 0) || desired > (max ?? desired))) {
    throw invalid('DesiredCapacity must be between MinSize and MaxSize.');
  }
  if (recurrence !== undefined) parseRecurrence(recurrence);
  if (timeZone !== undefined) checkTimeZone(timeZone);
  if (recurrence === undefined && startMs === undefined) throw invalid('StartTime or Recurrence must be specified.');
  if (recurrence === undefined && (startMs ?? 0) <= ctx.now) throw invalid('Given start time is in the past');
  if (endMs !== undefined && endMs <= (startMs ?? ctx.now)) throw invalid('EndTime must be after StartTime.');
  const row: ScheduledRow = {
    account,
    region,
    groupName: group.name,
    name,
    id: before?.id ?? ctx.ids.uuid(),
    doneUntilMs: ctx.now,
    ...(recurrence !== undefined && { recurrence }),
    ...(timeZone !== undefined && { timeZone }),
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(desired !== undefined && { desired }),
  };
  await tx.put(scheduledActions, { ...row, ...(before && { revision: before.revision }) });
}

/** What one of a batch fails for. */
async function each<T>(rows: readonly T[], nameOf: (row: T) => string, act: (row: T) => Promise<void>) {
  const failed = [];
  for (const row of rows) {
    try {
      await act(row);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ ScheduledActionName: nameOf(row), ErrorCode: error.code, ErrorMessage: messageOf(error) });
    }
  }
  return failed;
}

export const BatchPutScheduledUpdateGroupAction = operation('BatchPutScheduledUpdateGroupAction', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ScheduledUpdateGroupActions: actions = [] }) => {
    const failed = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      return each(
        actions,
        ({ ScheduledActionName = '' }) => ScheduledActionName,
        (one) => put(tx, ctx, group, one),
      );
    });
    return { FailedScheduledUpdateGroupActions: failed };
  },
});

async function remove(tx: WriteTx, { account, region }: AutoscalingContext, groupName: string, name: string) {
  const key = namedKey({ account, region, groupName, name });
  if (!(await tx.get(scheduledActions, key))) throw noSuchScheduledAction(name);
  await tx.delete(scheduledActions, key);
}

export const DeleteScheduledAction = operation('DeleteScheduledAction', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ScheduledActionName: action = '' }) => {
    await ctx.write(async (tx) => remove(tx, ctx, (await liveGroup(tx, ctx, name)).name, action));
    return {};
  },
});

export const BatchDeleteScheduledAction = operation('BatchDeleteScheduledAction', {
  resources: groupResource,
  handle: async (ctx, { AutoScalingGroupName: name, ScheduledActionNames: names = [] }) => {
    const failed = await ctx.write(async (tx) => {
      const group = await liveGroup(tx, ctx, name);
      return each(
        names,
        (one) => one,
        (one) => remove(tx, ctx, group.name, one),
      );
    });
    return { FailedScheduledActions: failed };
  },
});

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScheduledActions.html */
export const DescribeScheduledActions = operation('DescribeScheduledActions', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { AutoScalingGroupName: name, ScheduledActionNames: names = [], StartTime: from, EndTime: to } = input;
    const rows = await ctx.read(async (tx) => {
      if (name !== undefined) await groupOf(tx, ctx, name);
      return tx.list(scheduledActions, { where: ['scope', scopeKey(ctx)] });
    });
    const wanted = rows.filter((row) => {
      if (name !== undefined && row.groupName !== name) return false;
      // AWS looks at the times only where no names are given.
      if (names.length > 0) return names.includes(row.name);
      const atMs = dueAt(row) ?? 0;
      return atMs >= (from?.getTime() ?? 0) && atMs <= (to?.getTime() ?? Infinity);
    });
    const page = pageOf(wanted, namedKey, input);
    return { ScheduledUpdateGroupActions: page.items.map(scheduledView), ...tokenOf(page) };
  },
});

function scheduledView(row: ScheduledRow): ScheduledUpdateGroupAction {
  const startMs = row.recurrence === undefined ? row.startMs : (dueAt(row) ?? row.startMs);
  return {
    AutoScalingGroupName: row.groupName,
    ScheduledActionName: row.name,
    ScheduledActionARN: scheduledActionArn(row),
    ...(startMs !== undefined && { Time: new Date(startMs), StartTime: new Date(startMs) }),
    ...(row.endMs !== undefined && { EndTime: new Date(row.endMs) }),
    ...(row.recurrence !== undefined && { Recurrence: row.recurrence }),
    ...(row.timeZone !== undefined && { TimeZone: row.timeZone }),
    ...(row.min !== undefined && { MinSize: row.min }),
    ...(row.max !== undefined && { MaxSize: row.max }),
    ...(row.desired !== undefined && { DesiredCapacity: row.desired }),
  };
}
